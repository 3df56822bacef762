package member

import (
	"context"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/memberplan"
	"rollcall.dev/rollcall/internal/ownership"
	"rollcall.dev/rollcall/internal/profilerole"
	"rollcall.dev/rollcall/internal/references"
)

// describeProfile describes a user profile: whether it exists, and which of its Roles are as
// it asks. The result is the zero value for an empty name. A UserProfile that is being
// deleted counts as absent.
func (r *reconciler) describeProfile(ctx context.Context, namespace, name string) (memberplan.Profile, error) {
	if name == "" || v1alpha1.IsBuiltInProfile(name) {
		return memberplan.Profile{Found: name != ""}, nil
	}
	profile, err := kube.Find[v1alpha1.UserProfile](ctx, r.Client, client.ObjectKey{Namespace: namespace, Name: name})
	if err != nil || profile == nil || profile.DeletionTimestamp != nil {
		return memberplan.Profile{}, err
	}
	facts := memberplan.Profile{Found: true}
	if !r.RoleBindings {
		return facts, nil
	}
	right := map[string]bool{}
	for _, wanted := range profilerole.Roles(profile) {
		// The cache holds only Roles with the operator's label, so no foreign ones.
		role, err := kube.Find[rbacv1.Role](ctx, r.Client, client.ObjectKey{Namespace: namespace, Name: wanted.Name})
		if err != nil {
			return facts, err
		}
		right[wanted.Name] = profilerole.Describe(profile, wanted, role).IsRight()
	}
	facts.Administrators, facts.Supervisors = right[profile.RoleName()], right[profile.SupervisorRoleName()]
	return facts, nil
}

// profileRoleWatch requeues the Members whose permissions come from a Role as soon as the
// Role is created, changed, or deleted. They come first, because a changed Role may grant
// too much.
func profileRoleWatch(members client.Reader) kube.Handler[client.Object] {
	everyUpdate := func(_, _ client.Object) bool { return true } // the label may name another profile
	return kube.WatchVersions(everyUpdate, func(ctx context.Context, role client.Object, queue kube.Queue) {
		enqueueGranted(ctx, members, queue, role.GetNamespace(), ownership.OwnerName(role, "UserProfile", v1alpha1.UserProfileLabel))
	})
}

// enqueueGranted requeues the Members whose permissions come from a UserProfile, ahead of
// others.
func enqueueGranted(ctx context.Context, members client.Reader, queue kube.Queue, namespace, profile string) {
	enqueuePermitted(ctx, members, queue, client.InNamespace(namespace), client.MatchingFields{references.UserProfileIndex.Name: profile})
}

// userProfileWatch requeues the Members that a UserProfile concerns when it is created or
// deleted. When its spec changes, it waits until the operator has written the Roles, because
// the Members keep the permissions of the old Roles until then.
func userProfileWatch(reader client.Reader) kube.Handler[*v1alpha1.UserProfile] {
	requeue := func(ctx context.Context, profile *v1alpha1.UserProfile, queue kube.Queue) {
		enqueueGranted(ctx, reader, queue, profile.Namespace, profile.Name)
		enqueueNaming(ctx, reader, queue, references.UserProfileKind, profile.Namespace, profile.Name)
	}
	return kube.WatchTransitions(func(ctx context.Context, before, after *v1alpha1.UserProfile, queue kube.Queue) {
		switch {
		case after == nil:
			requeue(ctx, before, queue)
		case before == nil || concernsMembers(before, after):
			requeue(ctx, after, queue)
		}
	})
}

// concernsMembers reports whether the name of a UserProfile belongs to another object now,
// its deletion began, or the operator has processed its Roles since.
func concernsMembers(before, after *v1alpha1.UserProfile) bool {
	return before.UID != after.UID || (before.DeletionTimestamp == nil) != (after.DeletionTimestamp == nil) ||
		before.Status.ObservedGeneration != after.Status.ObservedGeneration || isStuck(before) != isStuck(after)
}

// isStuck reports whether the operator cannot write the Roles of a UserProfile.
func isStuck(profile *v1alpha1.UserProfile) bool {
	return conditions.HasReason(profile.Status.Conditions, v1alpha1.ReadyCondition, v1alpha1.ReasonRoleConflict) ||
		conditions.HasReason(profile.Status.Conditions, v1alpha1.ReadyCondition, v1alpha1.ReasonRoleNotWritten)
}
