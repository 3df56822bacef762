package query

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// PageSize is how many objects one request lists. A page of Members has some megabytes.
const PageSize = 500

// maxRestarts is how often a listing starts again without progress.
const maxRestarts = 3

// EachMemberPage calls visit with the Members of a namespace (empty: of all), page by page and by
// name, each once. visit may keep what it gets.
func EachMemberPage(ctx context.Context, cluster client.Reader, namespace string, limit int64, visit func([]v1alpha1.Member) error, options ...client.ListOption) error {
	return EachPage(ctx, cluster, Members(), namespace, limit, visit, options...)
}

// EachPage calls visit with the objects of a kind, page by page and by name, each once. When a
// continue token expires, the listing goes on from the last name with the current state.
func EachPage[T any](ctx context.Context, cluster client.Reader, k Resource[T], namespace string, limit int64, visit func([]T) error, options ...client.ListOption) error {
	var token, last string
	restarts := 0
	for {
		list, items := k.NewList()
		page := append([]client.ListOption{client.InNamespace(namespace), client.Limit(limit), client.Continue(token)}, options...)
		if err := cluster.List(ctx, list, page...); err != nil {
			if restarts++; !isExpired(err) || restarts > maxRestarts {
				return fmt.Errorf("listing %s: %w", k.Plural, err)
			}
			token = continueToken(err)
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

// after returns the part of a page that comes after a key. The API server lists by namespace and
// name, joined by a slash.
func (k Resource[T]) after(items []T, last string) []T {
	for i := range items {
		if k.key(&items[i]) > last {
			return items[i:]
		}
	}
	return nil
}

// key returns the position of an object in a listing.
func (k Resource[T]) key(item *T) string {
	object := k.Object(item)
	return object.GetNamespace() + "/" + object.GetName()
}

// isExpired reports whether a continue token has isExpired.
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

// Resource is a resource kind that is listed a page at a time.
type Resource[T any] struct {
	// Kind is the name of the kind, and FullName its full name as kubectl's -o name writes it.
	Kind, FullName string
	// Plural is the kind's name in messages.
	Plural string
	// NewList returns an empty list, and its items.
	NewList func() (client.ObjectList, *[]T)
	// Object returns an item as an object.
	Object func(*T) client.Object
}

// newResource returns a resource kind of Rollcall.
func newResource[T any, P interface {
	*T
	client.Object
}](kind, plural string, newList func() (client.ObjectList, *[]T)) Resource[T] {
	return Resource[T]{
		Kind: kind, FullName: strings.ToLower(kind) + "." + v1alpha1.GroupVersion.Group, Plural: plural,
		NewList: newList, Object: func(item *T) client.Object { return P(item) },
	}
}

// Members describes Members.
func Members() Resource[v1alpha1.Member] {
	return newResource("Member", "members", func() (client.ObjectList, *[]v1alpha1.Member) {
		list := &v1alpha1.MemberList{}
		return list, &list.Items
	})
}

// SkillGroups describes SkillGroups.
func SkillGroups() Resource[v1alpha1.SkillGroup] {
	return newResource("SkillGroup", "skill groups", func() (client.ObjectList, *[]v1alpha1.SkillGroup) {
		list := &v1alpha1.SkillGroupList{}
		return list, &list.Items
	})
}

// Teams describes Teams.
func Teams() Resource[v1alpha1.Team] {
	return newResource("Team", "teams", func() (client.ObjectList, *[]v1alpha1.Team) {
		list := &v1alpha1.TeamList{}
		return list, &list.Items
	})
}

// Names describes the metadata of a kind, for callers that need only names.
func Names(kind schema.GroupVersionKind, plural string) Resource[metav1.PartialObjectMetadata] {
	return newResource(kind.Kind, plural, func() (client.ObjectList, *[]metav1.PartialObjectMetadata) {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
		return list, &list.Items
	})
}
