package member

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/licensing"
)

// templateWatch requeues the Members that a MemberTemplate selects, or did before, when the
// template is created or deleted, or when its spec changes.
func templateWatch(members client.Reader, seats *licensing.Allocator) kube.Handler[*v1alpha1.MemberTemplate] {
	return kube.WatchChanges(func(ctx context.Context, template *v1alpha1.MemberTemplate, queue kube.Queue) {
		rebuildSeats(ctx, seats, template.Namespace)
		enqueueSelectedBy(ctx, members, queue, template)
	})
}

// enqueueSelectedBy requeues the Members that a template selects.
func enqueueSelectedBy(ctx context.Context, members client.Reader, queue kube.Queue, template *v1alpha1.MemberTemplate) {
	enqueueMembers(ctx, members, queue, func(member *v1alpha1.Member) bool {
		return assignment.Selects(template, member)
	}, client.InNamespace(template.Namespace))
}
