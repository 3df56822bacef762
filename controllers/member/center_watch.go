package member

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/licensing"
)

// centerWatch reacts to events of ContactCenters: all Members of the namespace
// are looked at when what they depend on changes. Its status is of no concern to
// them.
func centerWatch(members client.Reader, seats *licensing.Allocator) handler.TypedEventHandler[*v1alpha1.ContactCenter, reconcile.Request] {
	all := func(ctx context.Context, center *v1alpha1.ContactCenter, queue kube.Queue) {
		rebuildSeats(ctx, seats, center.Namespace)
		enqueueMembers(ctx, members, queue, everyMember, client.InNamespace(center.Namespace))
	}
	// Without the identity there was, permissions are to go.
	identityGone := func(ctx context.Context, center *v1alpha1.ContactCenter, queue kube.Queue) {
		if center.Spec.Identity != nil {
			enqueueMembersAt(ctx, members, queue, always(cutOffPriority), hasPermissions, client.InNamespace(center.Namespace))
		}
	}
	return handler.TypedFuncs[*v1alpha1.ContactCenter, reconcile.Request]{
		CreateFunc: func(ctx context.Context, e event.TypedCreateEvent[*v1alpha1.ContactCenter], queue kube.Queue) {
			if !e.IsInInitialList { // at the start, every Member comes by itself
				all(ctx, e.Object, queue)
			}
		},
		UpdateFunc: func(ctx context.Context, e event.TypedUpdateEvent[*v1alpha1.ContactCenter], queue kube.Queue) {
			if !kube.SpecChanged(e.ObjectOld, e.ObjectNew) {
				return
			}
			if e.ObjectNew.DeletionTimestamp != nil || !equality.Semantic.DeepEqual(e.ObjectOld.Spec.Identity, e.ObjectNew.Spec.Identity) {
				identityGone(ctx, e.ObjectOld, queue)
			}
			all(ctx, e.ObjectNew, queue)
		},
		DeleteFunc: func(ctx context.Context, e event.TypedDeleteEvent[*v1alpha1.ContactCenter], queue kube.Queue) {
			identityGone(ctx, e.Object, queue)
			all(ctx, e.Object, queue)
		},
	}
}
