package query

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// PageSize is how many objects one request lists. A page of Members has some megabytes.
const PageSize = 500

// maxRestarts is how often a listing starts again without progress.
const maxRestarts = 3

// Resource is a resource kind that is listed a page at a time.
type Resource[T client.Object] struct {
	// Kind is the name of the kind, and Plural its name in messages.
	Kind, Plural string
	// list is an empty list.
	list client.ObjectList
}

// FullName returns the name of the kind as kubectl's -o name writes it.
func (k Resource[T]) FullName() string {
	return strings.ToLower(k.Kind) + "." + v1alpha1.GroupVersion.Group
}

// Rollcall's resource kinds.
var (
	Members     = Resource[*v1alpha1.Member]{"Member", "members", &v1alpha1.MemberList{}}
	SkillGroups = Resource[*v1alpha1.SkillGroup]{"SkillGroup", "skill groups", &v1alpha1.SkillGroupList{}}
	Teams       = Resource[*v1alpha1.Team]{"Team", "teams", &v1alpha1.TeamList{}}
)

// Names describes the metadata of a kind, for callers that need only names.
func Names(kind schema.GroupVersionKind, plural string) Resource[*metav1.PartialObjectMetadata] {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
	return Resource[*metav1.PartialObjectMetadata]{kind.Kind, plural, list}
}

// Each calls visit with each object of a kind in a namespace (empty: in all).
func Each[T client.Object](ctx context.Context, cluster client.Reader, k Resource[T], namespace string, visit func(T), options ...client.ListOption) error {
	return EachPage(ctx, cluster, k, namespace, func(page []T) error {
		for _, item := range page {
			visit(item)
		}
		return nil
	}, options...)
}

// EachPage calls visit with the objects of a kind in a namespace (empty: in all), page by page and
// by name, each once. When a continue token expires, the listing goes on from the last name with the
// current state. visit may keep what it gets.
func EachPage[T client.Object](ctx context.Context, cluster client.Reader, k Resource[T], namespace string, visit func([]T) error, options ...client.ListOption) error {
	var token, last string
	restarts := 0
	for {
		list := k.list.DeepCopyObject().(client.ObjectList) //nolint:errcheck,forcetypeassert // a copy of a list is one
		page := append([]client.ListOption{client.InNamespace(namespace), client.Limit(PageSize), client.Continue(token)}, options...)
		if err := cluster.List(ctx, list, page...); err != nil {
			if restarts++; !isExpired(err) || restarts > maxRestarts {
				return fmt.Errorf("listing %s: %w", k.Plural, err)
			}
			token = continueToken(err)
			continue
		}
		var fresh []T
		err := apimeta.EachListItem(list, func(object runtime.Object) error {
			item := object.(T) //nolint:errcheck,forcetypeassert // the items of the list are of this kind
			// The API server lists by namespace and name, joined by a slash.
			if key := item.GetNamespace() + "/" + item.GetName(); len(fresh) > 0 || key > last {
				fresh, last = append(fresh, item), key
			}
			return nil
		})
		if err == nil && len(fresh) > 0 {
			restarts, err = 0, visit(fresh)
		}
		if token = list.GetContinue(); err != nil || token == "" {
			return err
		}
	}
}

// isExpired reports whether a continue token has expired.
func isExpired(err error) bool {
	return apierrors.IsResourceExpired(err) || apierrors.IsGone(err)
}

// continueToken returns the API server's offer to go on with the current state. An empty token
// starts again.
func continueToken(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return status.Status().Continue
	}
	return ""
}
