package member

import (
	"context"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/memberplan"
	"rollcall.dev/rollcall/internal/ownership"
	"rollcall.dev/rollcall/internal/profilerole"
	"rollcall.dev/rollcall/internal/references"
)

// describeProfile finds out about a user profile; the zero value for no name. What
// is no UserProfile any more, or about to go, gives nothing.
func (r *reconciler) describeProfile(ctx context.Context, namespace, name string) (memberplan.Profile, error) {
	if name == "" || v1alpha1.IsBuiltInProfile(name) {
		return memberplan.Profile{Found: name != ""}, nil
	}
	var profile v1alpha1.UserProfile
	err := r.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &profile, client.UnsafeDisableDeepCopy)
	if err != nil || profile.DeletionTimestamp != nil {
		return memberplan.Profile{}, client.IgnoreNotFound(err)
	}
	facts := memberplan.Profile{Found: true}
	if !r.RoleBindings {
		return facts, nil
	}
	right := map[string]bool{}
	for _, wanted := range profilerole.Roles(&profile) {
		var role rbacv1.Role
		err := r.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: wanted.Name}, &role, client.UnsafeDisableDeepCopy)
		if client.IgnoreNotFound(err) != nil {
			return facts, err
		}
		// The cache has no Role without our label, and so none of somebody else's.
		right[wanted.Name] = err == nil && profilerole.Describe(&profile, wanted, &role).IsRight()
	}
	facts.Administrators, facts.Supervisors = right[profile.RoleName()], right[profile.SupervisorRoleName()]
	return facts, nil
}

// profileRoleWatch has the Members looked at whose permissions come from a Role, as
// soon as it is written, changed by somebody, or gone. They go ahead of the queue: it
// may give what it must not.
func profileRoleWatch(members client.Reader) handler.TypedEventHandler[client.Object, reconcile.Request] {
	concerned := func(ctx context.Context, role client.Object, queue kube.Queue) {
		enqueuePermitted(ctx, members, queue, role.GetNamespace(), ownership.OwnerName(role, "UserProfile", v1alpha1.UserProfileLabel))
	}
	return handler.TypedFuncs[client.Object, reconcile.Request]{
		CreateFunc: func(ctx context.Context, e event.TypedCreateEvent[client.Object], queue kube.Queue) {
			if !e.IsInInitialList { // at the start, every Member comes by itself
				concerned(ctx, e.Object, queue)
			}
		},
		UpdateFunc: func(ctx context.Context, e event.TypedUpdateEvent[client.Object], queue kube.Queue) {
			concerned(ctx, e.ObjectOld, queue) // the labels may have changed
			concerned(ctx, e.ObjectNew, queue)
		},
		DeleteFunc: func(ctx context.Context, e event.TypedDeleteEvent[client.Object], queue kube.Queue) {
			concerned(ctx, e.Object, queue)
		},
	}
}

// enqueuePermitted adds the Members whose permissions come from a UserProfile, ahead
// of the others.
func enqueuePermitted(ctx context.Context, members client.Reader, queue kube.Queue, namespace, profile string) {
	enqueueMembersAt(ctx, members, queue, always(cutOffPriority), hasPermissions,
		client.InNamespace(namespace), client.MatchingFields{references.UserProfileIndex.Name: profile})
}

// userProfileWatch has the Members looked at that a UserProfile concerns: when it
// comes or goes, and, when it says something else, once its Roles were written. They
// are the old ones until then, which nobody is to lose or get permissions for; that
// they are written at all, or why not, the status says.
func userProfileWatch(reader client.Reader) handler.TypedEventHandler[*v1alpha1.UserProfile, reconcile.Request] {
	concerned := func(ctx context.Context, profile *v1alpha1.UserProfile, queue kube.Queue) {
		enqueuePermitted(ctx, reader, queue, profile.Namespace, profile.Name)
		enqueueNaming(ctx, reader, queue, references.UserProfileKind, profile.Namespace, profile.Name)
	}
	return handler.TypedFuncs[*v1alpha1.UserProfile, reconcile.Request]{
		CreateFunc: func(ctx context.Context, e event.TypedCreateEvent[*v1alpha1.UserProfile], queue kube.Queue) {
			if !e.IsInInitialList { // at the start, every Member comes by itself
				concerned(ctx, e.Object, queue)
			}
		},
		UpdateFunc: func(ctx context.Context, e event.TypedUpdateEvent[*v1alpha1.UserProfile], queue kube.Queue) {
			if isOtherProfile(e.ObjectOld, e.ObjectNew) {
				concerned(ctx, e.ObjectNew, queue)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.TypedDeleteEvent[*v1alpha1.UserProfile], queue kube.Queue) {
			concerned(ctx, e.Object, queue)
		},
	}
}

// isOtherProfile is whether a UserProfile is another one than before, about to go, or
// assignment.NonEmpty whose Roles the operator has dealt with since.
func isOtherProfile(before, after *v1alpha1.UserProfile) bool {
	return before.UID != after.UID || (before.DeletionTimestamp == nil) != (after.DeletionTimestamp == nil) ||
		before.Status.ObservedGeneration != after.Status.ObservedGeneration || isStuck(before) != isStuck(after)
}

// isStuck is whether a UserProfile's Roles are not as it says, for all the operator
// could do.
func isStuck(profile *v1alpha1.UserProfile) bool {
	return conditions.HasReason(profile.Status.Conditions, v1alpha1.ReadyCondition, v1alpha1.ReasonRoleConflict) ||
		conditions.HasReason(profile.Status.Conditions, v1alpha1.ReadyCondition, v1alpha1.ReasonRoleNotWritten)
}
