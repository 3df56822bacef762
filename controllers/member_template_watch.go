package controllers

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// templateWatch has Members looked at that a MemberTemplate is about, or was, when it
// comes, goes or says something else.
func templateWatch(members client.Reader, seats *seatLedger) handler.TypedEventHandler[*v1alpha1.MemberTemplate, reconcile.Request] {
	concerned := func(ctx context.Context, queue requestQueue, versions ...*v1alpha1.MemberTemplate) {
		namespace := versions[0].Namespace
		rebuildSeats(ctx, seats, namespace, queue)
		selected := func(member *v1alpha1.Member) bool {
			for _, template := range versions {
				if templateSelects(template, member) {
					return true
				}
			}
			return false
		}
		enqueueMembers(ctx, members, queue, selected, client.InNamespace(namespace))
	}
	return handler.TypedFuncs[*v1alpha1.MemberTemplate, reconcile.Request]{
		CreateFunc: func(ctx context.Context, e event.TypedCreateEvent[*v1alpha1.MemberTemplate], queue requestQueue) {
			if !e.IsInInitialList { // at the start, every Member comes by itself
				concerned(ctx, queue, e.Object)
			}
		},
		UpdateFunc: func(ctx context.Context, e event.TypedUpdateEvent[*v1alpha1.MemberTemplate], queue requestQueue) {
			if asksAnew(e.ObjectOld, e.ObjectNew) {
				concerned(ctx, queue, e.ObjectOld, e.ObjectNew)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.TypedDeleteEvent[*v1alpha1.MemberTemplate], queue requestQueue) {
			concerned(ctx, queue, e.Object)
		},
	}
}
