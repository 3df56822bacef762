package counted

import (
	"context"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/internal/claims"
	"rollcall.dev/rollcall/internal/kube"
)

// displayNames are the display names of a kind, which are unique regardless of case
// among some objects. Who has one first keeps it.
type displayNames[T client.Object] struct {
	// of is the display name of an object.
	of func(T) string
	// among lists the objects among which the display name of one is unique, itself
	// included. They are not to be changed.
	among func(ctx context.Context, object T) ([]T, error)
}

// holder is the name of the object that holds the display name of another one;
// empty if that holds it itself.
func (d displayNames[T]) holder(ctx context.Context, object T) (string, error) {
	others, err := d.among(ctx, object)
	if err != nil {
		return "", err
	}
	holder := object
	for _, other := range others {
		if strings.EqualFold(d.of(other), d.of(object)) && claims.IsOlder(other, holder) {
			holder = other
		}
	}
	if holder.GetName() == object.GetName() {
		return "", nil
	}
	return holder.GetName(), nil
}

// watch has the objects looked at whose display name another one takes or gives up.
func (d displayNames[T]) watch() handler.TypedEventHandler[T, reconcile.Request] {
	return kube.WatchChanges(func(ctx context.Context, object T, queue kube.Queue) {
		others, err := d.among(ctx, object)
		if err != nil {
			return // the cache stops with the operator
		}
		for _, other := range others {
			if other.GetUID() != object.GetUID() && strings.EqualFold(d.of(other), d.of(object)) {
				kube.EnqueueRecount(queue, other.GetNamespace(), other.GetName())
			}
		}
	})
}
