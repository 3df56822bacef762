package member

import (
	"cmp"
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/licensing"
)

// centerWatch requeues all Members of a namespace when its ContactCenter is created or
// deleted, or when its spec changes. Members that lose their permissions with the identity
// come first.
func centerWatch(members client.Reader, seats *licensing.Allocator) kube.Handler[*v1alpha1.ContactCenter] {
	return kube.WatchTransitions(func(ctx context.Context, before, after *v1alpha1.ContactCenter, queue kube.Queue) {
		if before != nil && after != nil && !kube.SpecChanged(before, after) {
			return
		}
		namespace := client.InNamespace(cmp.Or(after, before).Namespace)
		if losesIdentity(before, after) {
			enqueuePermitted(ctx, members, queue, namespace)
		}
		rebuildSeats(ctx, seats, string(namespace))
		enqueueAll(ctx, members, queue, namespace)
	})
}

// losesIdentity reports whether a ContactCenter loses the identity that its Members need
// for their permissions.
func losesIdentity(before, after *v1alpha1.ContactCenter) bool {
	if before == nil || before.Spec.Identity == nil {
		return false
	}
	return after == nil || after.DeletionTimestamp != nil || !equality.Semantic.DeepEqual(before.Spec.Identity, after.Spec.Identity)
}
