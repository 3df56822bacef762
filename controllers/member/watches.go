package member

import (
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/claims"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/licensing"
	"rollcall.dev/rollcall/internal/memberplan"
	"rollcall.dev/rollcall/internal/ownership"
)

// Priorities in the queue of Members; what has none is at 0, and what is only
// looked at because the operator starts at handler.LowPriority.
const (
	// cutOffPriority is for who must not log in, or must lose permissions.
	cutOffPriority = 100
	// ledgerPriority is for what became of letters: the sooner it is written
	// down, the less is mailed twice after a crash.
	ledgerPriority = 50
)

// memberWatch reacts to events of Members.
type memberWatch struct {
	now func() time.Time
	// gone is told of every Member that no longer exists.
	gone func(*v1alpha1.Member)
	// claims and seats are decided as Members come, change and go.
	claims *claims.Registry
	seats  *licensing.Allocator
}

// isUrgent is whether a Member must lose its login and has not yet.
func (w memberWatch) isUrgent(member *v1alpha1.Member) bool {
	denial := member.DeniesLogin(w.now())
	return denial != "" && (member.Status.Login != v1alpha1.LoginDenied || denial == v1alpha1.LoginReasonDeleting && member.Status.LoginReason != denial)
}

// priority of a Member, by its state, so that what changed while the operator
// was down comes first as well.
func (w memberWatch) priority(member *v1alpha1.Member, otherwise int) int {
	if w.isUrgent(member) {
		return cutOffPriority
	}
	return otherwise
}

// handler is the memberWatch as controller-runtime wants it.
func (w memberWatch) handler() handler.TypedEventHandler[*v1alpha1.Member, reconcile.Request] {
	return handler.TypedFuncs[*v1alpha1.Member, reconcile.Request]{
		CreateFunc: func(ctx context.Context, e event.TypedCreateEvent[*v1alpha1.Member], queue kube.Queue) {
			if e.Object.Status.Claims != nil {
				w.enqueueRivals(ctx, queue, e.Object)
			}
			w.seats.Observe(ctx, e.Object)
			otherwise := 0
			if e.IsInInitialList {
				otherwise = handler.LowPriority
			}
			kube.Enqueue(queue, e.Object.Namespace, e.Object.Name, w.priority(e.Object, otherwise))
		},
		UpdateFunc: func(ctx context.Context, e event.TypedUpdateEvent[*v1alpha1.Member], queue kube.Queue) {
			if e.ObjectOld.UID != e.ObjectNew.UID {
				w.gone(e.ObjectOld)
				w.seats.Forget(e.ObjectOld)
			}
			w.noteClaims(ctx, queue, e.ObjectOld, e.ObjectNew)
			w.seats.Observe(ctx, e.ObjectNew)
			otherwise := 0
			if mayTakeAway(&e.ObjectOld.Spec, &e.ObjectNew.Spec) {
				otherwise = cutOffPriority
			}
			kube.Enqueue(queue, e.ObjectNew.Namespace, e.ObjectNew.Name, w.priority(e.ObjectNew, otherwise))
		},
		DeleteFunc: func(ctx context.Context, e event.TypedDeleteEvent[*v1alpha1.Member], queue kube.Queue) {
			w.gone(e.Object)
			w.seats.Forget(e.Object)
			priority := 0
			if hasPermissions(e.Object) {
				priority = cutOffPriority // its permissions are to go with it
			}
			kube.Enqueue(queue, e.Object.Namespace, e.Object.Name, priority)
			w.enqueueRivals(ctx, queue, e.Object)
		},
	}
}

// mayTakeAway is whether a change of a spec may take permissions or the licence.
func mayTakeAway(before, after *v1alpha1.MemberSpec) bool {
	return before.Role != after.Role || before.UserProfile != after.UserProfile || before.License != after.License
}

// noteClaims has it decided anew who holds the unique values that a Member asks for,
// or did, if it asks for others or holds others than before.
func (w memberWatch) noteClaims(ctx context.Context, queue kube.Queue, before, after *v1alpha1.Member) {
	sameAsked := slices.Equal(claims.Of(before), claims.Of(after))
	if sameAsked && before.UID == after.UID && equality.Semantic.DeepEqual(before.Status.Claims, after.Status.Claims) {
		return
	}
	w.claims.ReleaseGivenUp(before, after)
	if !sameAsked {
		w.enqueueRivals(ctx, queue, before)
	}
	w.enqueueRivals(ctx, queue, after)
}

// enqueueRivals adds the other Members that ask for what a Member asks for, once it is
// decided who holds it.
func (w memberWatch) enqueueRivals(ctx context.Context, queue kube.Queue, member *v1alpha1.Member) {
	rivals, err := w.claims.Review(ctx, member)
	if err != nil {
		return // the cache stops with the operator
	}
	for _, rival := range rivals {
		kube.Enqueue(queue, rival.Namespace, rival.Name, 0)
	}
}

// enqueueMemberOf adds the Member that a Secret or RoleBinding belongs to.
func enqueueMemberOf(_ context.Context, object client.Object) []reconcile.Request {
	name := ownership.OwnerName(object, "Member", v1alpha1.MemberLabel)
	if name == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: client.ObjectKey{Namespace: object.GetNamespace(), Name: name}}}
}

// hasPermissions is whether the role of a Member has permissions at the API server.
func hasPermissions(member *v1alpha1.Member) bool { return member.EffectiveRole().ClusterRole() != "" }

// isUnmailed is whether a Member has a current password that is not mailed.
func isUnmailed(member *v1alpha1.Member) bool {
	return member.Status.Credentials != nil && !memberplan.IsMailed(member, member.Status.Credentials.IssueID)
}

// everyMember is for enqueueMembers.
func everyMember(*v1alpha1.Member) bool { return true }

// enqueueMembers adds the wanted ones of a list of Members.
func enqueueMembers(ctx context.Context, members client.Reader, queue kube.Queue, wanted func(*v1alpha1.Member) bool, options ...client.ListOption) {
	enqueueMembersAt(ctx, members, queue, always(0), wanted, options...)
}

// always is a priority that is the same for every Member.
func always(priority int) func(*v1alpha1.Member) int {
	return func(*v1alpha1.Member) int { return priority }
}

// enqueueMembersAt adds the wanted ones of a list of Members, each with its priority.
func enqueueMembersAt(ctx context.Context, members client.Reader, queue kube.Queue, priority func(*v1alpha1.Member) int, wanted func(*v1alpha1.Member) bool, options ...client.ListOption) {
	var list v1alpha1.MemberList
	if members.List(ctx, &list, append(options, client.UnsafeDisableDeepCopy)...) != nil {
		return // the cache stops with the operator
	}
	for i := range list.Items {
		if member := &list.Items[i]; wanted(member) {
			kube.Enqueue(queue, member.Namespace, member.Name, priority(member))
		}
	}
}
