package member

import (
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/claims"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/licensing"
	"rollcall.dev/rollcall/internal/memberplan"
)

// Priorities in the queue of Members. All other requests have priority 0, except those of
// the initial list, which have handler.LowPriority.
const (
	// urgentPriority is for Members that must lose their login or their permissions.
	urgentPriority = 100
	// mailRecordPriority is for results of e-mails: an e-mail whose result is not in the
	// mail record is sent again after a crash.
	mailRecordPriority = 50
)

// memberWatch reacts to events of Members.
type memberWatch struct {
	now func() time.Time
	// forget is called for each Member that no longer exists.
	forget func(*v1alpha1.Member)
	claims *claims.Registry
	seats  *licensing.Allocator
}

// isUrgent reports whether a Member must lose its login and its status does not show that
// yet.
func (w memberWatch) isUrgent(member *v1alpha1.Member) bool {
	denial := member.DeniesLogin(w.now())
	return denial != "" && (member.Status.Login != v1alpha1.LoginDenied || denial == v1alpha1.LoginReasonDeleting && member.Status.LoginReason != denial)
}

// priority returns the urgentPriority for an urgent Member. It depends on the state, not on
// the event, so that changes made while the operator was down come first too.
func (w memberWatch) priority(member *v1alpha1.Member, otherwise int) int {
	if w.isUrgent(member) {
		return urgentPriority
	}
	return otherwise
}

// handler returns the handler of the events of Members.
func (w memberWatch) handler() kube.Handler[*v1alpha1.Member] {
	return kube.Watch(func(ctx context.Context, event kube.Event[*v1alpha1.Member], queue kube.Queue) {
		switch {
		case event.Before == nil:
			w.created(ctx, queue, event.After, event.Initial)
		case event.After == nil:
			w.deleted(ctx, queue, event.Before)
		default:
			w.updated(ctx, queue, event.Before, event.After)
		}
	})
}

// created reacts to a created Member, and to each Member of the initial list.
func (w memberWatch) created(ctx context.Context, queue kube.Queue, member *v1alpha1.Member, initial bool) {
	if member.Status.Claims != nil {
		w.enqueueRivals(ctx, queue, member)
	}
	w.seats.Observe(ctx, member)
	otherwise := 0
	if initial {
		otherwise = handler.LowPriority
	}
	kube.Enqueue(queue, member.Namespace, member.Name, w.priority(member, otherwise))
}

// updated reacts to an updated Member, and to a new Member of the same name.
func (w memberWatch) updated(ctx context.Context, queue kube.Queue, before, after *v1alpha1.Member) {
	if before.UID != after.UID {
		w.forget(before)
		w.seats.Forget(before)
	}
	w.reviewClaims(ctx, queue, before, after)
	w.seats.Observe(ctx, after)
	otherwise := 0
	if mayRevoke(&before.Spec, &after.Spec) {
		otherwise = urgentPriority
	}
	kube.Enqueue(queue, after.Namespace, after.Name, w.priority(after, otherwise))
}

// deleted reacts to a deleted Member.
func (w memberWatch) deleted(ctx context.Context, queue kube.Queue, member *v1alpha1.Member) {
	w.forget(member)
	w.seats.Forget(member)
	priority := 0
	if hasPermissions(member) {
		priority = urgentPriority // its reconcile revokes them
	}
	kube.Enqueue(queue, member.Namespace, member.Name, priority)
	w.enqueueRivals(ctx, queue, member)
}

// mayRevoke reports whether a change of a spec may revoke permissions or the license.
func mayRevoke(before, after *v1alpha1.MemberSpec) bool {
	return before.Role != after.Role || before.UserProfile != after.UserProfile || before.License != after.License
}

// reviewClaims decides again which Members hold the unique values that a Member requests or
// requested, if it requests others, or if its claims changed.
func (w memberWatch) reviewClaims(ctx context.Context, queue kube.Queue, before, after *v1alpha1.Member) {
	sameRequests := slices.Equal(claims.Of(before), claims.Of(after))
	if sameRequests && before.UID == after.UID && equality.Semantic.DeepEqual(before.Status.Claims, after.Status.Claims) {
		return
	}
	w.claims.ReleaseGivenUp(before, after)
	if !sameRequests {
		w.enqueueRivals(ctx, queue, before)
	}
	w.enqueueRivals(ctx, queue, after)
}

// enqueueRivals decides again which Members hold the values that a Member requests, and
// requeues the other Members that request them.
func (w memberWatch) enqueueRivals(ctx context.Context, queue kube.Queue, member *v1alpha1.Member) {
	rivals, err := w.claims.Review(ctx, member)
	if err != nil {
		return // the cache stops with the operator
	}
	for _, rival := range rivals {
		kube.Enqueue(queue, rival.Namespace, rival.Name, 0)
	}
}

// hasPermissions reports whether the role of a Member has permissions at the API server.
func hasPermissions(member *v1alpha1.Member) bool { return member.EffectiveRole().ClusterRole() != "" }

// unmailed chooses the Members with a current password that was not mailed.
func unmailed(member *v1alpha1.Member) (priority int, chosen bool) {
	return 0, member.Status.Credentials != nil && !memberplan.IsMailed(member, member.Status.Credentials.IssueID)
}

// everyMember chooses every Member for enqueueMembers.
func everyMember(*v1alpha1.Member) (priority int, chosen bool) { return 0, true }

// permittedFirst chooses the Members whose role has permissions, ahead of others.
func permittedFirst(member *v1alpha1.Member) (priority int, chosen bool) {
	return urgentPriority, hasPermissions(member)
}

// enqueueMembers requeues those of the listed Members that choose chooses, each with its
// priority.
func enqueueMembers(ctx context.Context, members client.Reader, queue kube.Queue, choose func(*v1alpha1.Member) (priority int, chosen bool), namespace string, options ...client.ListOption) {
	listed, err := kube.ListMembers(ctx, members, namespace, options...)
	if err != nil {
		return // the cache stops with the operator
	}
	for _, member := range listed {
		if priority, chosen := choose(member); chosen {
			kube.Enqueue(queue, member.Namespace, member.Name, priority)
		}
	}
}
