package userprofile

import (
	"context"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/ownership"
	"rollcall.dev/rollcall/internal/profilerole"
	"rollcall.dev/rollcall/internal/references"
)

// observation holds everything on which plan and status are based.
type observation struct {
	now     time.Time
	profile *v1alpha1.UserProfile
	// supported reports whether the operator writes Roles.
	supported bool
	// roles are the Roles that the profile asks for, with the state of each.
	roles []observedRole
	// members counts the Members with the profile; nil if the count is not due.
	members *int32
}

// observedRole is a Role that a UserProfile asks for, and its state.
type observedRole struct {
	profilerole.Role
	profilerole.Facts

	// current is the Role itself; nil if it does not exist.
	current *rbacv1.Role
}

// observe makes the only reads of a reconcile. recount reports whether the next count is due.
func (r *reconciler) observe(ctx context.Context, profile *v1alpha1.UserProfile, source kube.ReadSource, recount bool) (observation, error) {
	observed := observation{now: r.now(), profile: profile, supported: r.roleBindings}
	for _, wanted := range profilerole.Roles(profile) {
		if !r.roleBindings {
			break
		}
		role, err := r.findRole(ctx, profile, wanted.Name, source)
		if err != nil {
			return observed, err
		}
		facts := profilerole.Describe(profile, wanted, role)
		if facts.Ownership.IsLeftOver() {
			// The Role may belong to a UserProfile that the cache does not show yet.
			if err := r.lookup.ConfirmUID(ctx, profile, &v1alpha1.UserProfile{}); err != nil {
				return observed, err
			}
		}
		observed.roles = append(observed.roles, observedRole{wanted, facts, role})
	}
	if !recount {
		return observed, nil
	}
	count, err := kube.CountMembers(ctx, r.client, profile.Namespace, references.UserProfileIndex.Name, profile.Name)
	observed.members = &count
	return observed, err
}

// findRole returns a Role, or nil. The cache has only Roles with the operator's label,
// so while a conflict with a foreign Role is known, findRole reads the API server.
func (r *reconciler) findRole(ctx context.Context, profile *v1alpha1.UserProfile, name string, source kube.ReadSource) (*rbacv1.Role, error) {
	key := client.ObjectKey{Namespace: profile.Namespace, Name: name}
	conflict := apimeta.IsStatusConditionTrue(profile.Status.Conditions, v1alpha1.StalledCondition)
	return ownership.Find(ctx, r.lookup, key, source, func(cached *rbacv1.Role) bool { return cached != nil || !conflict })
}
