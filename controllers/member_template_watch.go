package controllers

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// templateWatch has Members looked at that a MemberTemplate is about, or was, when it
// comes, goes or says something else.
func templateWatch(members client.Reader, seats *seatLedger) handler.TypedEventHandler[*v1alpha1.MemberTemplate, reconcile.Request] {
	return whenChanged(func(ctx context.Context, template *v1alpha1.MemberTemplate, queue requestQueue) {
		rebuildSeats(ctx, seats, template.Namespace)
		selected := func(member *v1alpha1.Member) bool { return templateSelects(template, member) }
		enqueueMembers(ctx, members, queue, selected, client.InNamespace(template.Namespace))
	})
}
