package query

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// PageSize is how many objects are asked for at once. A page of Members is some
// megabytes, whatever the size of the contact centre.
const PageSize = 500

// maxRestarts is how often a listing begins again without getting any further.
const maxRestarts = 3

// EachMemberPage calls visit with the Members of a namespace (empty: of all), page by
// page and by name, each once. What visit gets is its own to keep.
func EachMemberPage(ctx context.Context, cluster client.Reader, namespace string, limit int64, visit func([]v1alpha1.Member) error, options ...client.ListOption) error {
	return EachPage(ctx, cluster, Members(), namespace, limit, visit, options...)
}

// EachPage does the same for a kind. The API server forgets the state that a
// listing began with after some minutes; then the listing goes on from where it
// was with the state of now.
func EachPage[T any](ctx context.Context, cluster client.Reader, k Resource[T], namespace string, limit int64, visit func([]T) error, options ...client.ListOption) error {
	var token, last string
	restarts := 0
	for {
		list, items := k.NewList()
		page := append([]client.ListOption{client.InNamespace(namespace), client.Limit(limit), client.Continue(token)}, options...)
		if err := cluster.List(ctx, list, page...); err != nil {
			if restarts++; !expired(err) || restarts > maxRestarts {
				return fmt.Errorf("listing %s: %w", k.Plural, err)
			}
			token = tokenToGoOn(err)
			continue
		}
		fresh := k.after(*items, last)
		if len(fresh) > 0 {
			restarts, last = 0, k.key(&fresh[len(fresh)-1])
			if err := visit(fresh); err != nil {
				return err
			}
		}
		if token = list.GetContinue(); token == "" {
			return nil
		}
	}
}

// after is the part of a page that comes after what was seen. The API server
// lists by namespace and name, as one text with a slash between them.
func (k Resource[T]) after(items []T, last string) []T {
	for i := range items {
		if k.key(&items[i]) > last {
			return items[i:]
		}
	}
	return nil
}

// key is where an object comes in a listing.
func (k Resource[T]) key(item *T) string {
	object := k.Object(item)
	return object.GetNamespace() + "/" + object.GetName()
}

// expired is whether the API server has forgotten what a continue token is about.
func expired(err error) bool {
	return apierrors.IsResourceExpired(err) || apierrors.IsGone(err)
}

// tokenToGoOn is the API server's offer to go on with the state of now; empty:
// begin again.
func tokenToGoOn(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return status.Status().Continue
	}
	return ""
}
