package member

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/licensing"
)

// templateWatch has Members looked at that a MemberTemplate is about, or was, when it
// comes, goes or says something else.
func templateWatch(members client.Reader, seats *licensing.Allocator) handler.TypedEventHandler[*v1alpha1.MemberTemplate, reconcile.Request] {
	return kube.WatchChanges(func(ctx context.Context, template *v1alpha1.MemberTemplate, queue kube.Queue) {
		rebuildSeats(ctx, seats, template.Namespace)
		selected := func(member *v1alpha1.Member) bool { return assignment.Selects(template, member) }
		enqueueMembers(ctx, members, queue, selected, client.InNamespace(template.Namespace))
	})
}
