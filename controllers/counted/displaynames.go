package counted

import (
	"context"
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/claims"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/kube"
)

// displayNames finds duplicates of display names, which are unique among some objects,
// regardless of case. The oldest object with a display name holds it.
type displayNames[T client.Object] struct {
	// of returns the display name of an object.
	of func(T) string
	// among lists the objects among which the display name is unique, the object itself
	// included. Callers must not change them.
	among func(ctx context.Context, object T) ([]T, error)
}

// holder returns the name of the other object that holds the display name of an object,
// or "" if the object holds it itself.
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

// watch recounts the objects whose display name another object takes or gives up.
func (d displayNames[T]) watch() kube.Handler[T] {
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

// duplicateDisplayName returns the verdict on an object whose display name another
// object holds.
func duplicateDisplayName(holder, displayName string) conditions.Verdict {
	return conditions.False(v1alpha1.ReasonDuplicateDisplayName, fmt.Sprintf(
		"%s already has the display name %q (upper and lower case count as the same). Choose another display name, or delete one of the two.", holder, displayName))
}
