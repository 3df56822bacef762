package userprofile

import (
	"context"
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/ownership"
	"rollcall.dev/rollcall/internal/profilerole"
)

// appliedRole is a Role after apply.
type appliedRole struct {
	profilerole.Facts

	// err is the error of the write, after which the Role is as it was observed.
	err error
}

// apply makes the writes that each Role needs. A failure for one Role does not stop the
// other.
func (r *reconciler) apply(ctx context.Context, observed observation) []appliedRole {
	done := make([]appliedRole, 0, len(observed.roles))
	for _, wanted := range observed.roles {
		role, err := r.applyRole(ctx, observed.profile, wanted)
		facts := wanted.Facts
		if err == nil {
			facts = profilerole.Describe(observed.profile, wanted.Role, role)
		}
		done = append(done, appliedRole{facts, err})
	}
	return done
}

// applyRole plans and makes the writes for one Role, and returns the Role after them.
func (r *reconciler) applyRole(ctx context.Context, profile *v1alpha1.UserProfile, wanted observedRole) (*rbacv1.Role, error) {
	switch action := planRole(wanted.Facts); action {
	case keepRole:
		return wanted.current, nil
	case createRole:
		return r.createRole(ctx, profile, wanted.Role)
	case updateRole:
		return r.updateRole(ctx, profile, wanted)
	case replaceRole:
		if err := ownership.Delete(ctx, r.client, wanted.current); err != nil {
			return nil, err
		}
		return r.createRole(ctx, profile, wanted.Role)
	default:
		return nil, fmt.Errorf("unknown action %d for the Role %s", action, wanted.Name)
	}
}

// createRole creates a Role. The API server permits it because the operator holds all
// permissions of the Role itself: see config/roles/binder_role.yaml.
func (r *reconciler) createRole(ctx context.Context, profile *v1alpha1.UserProfile, wanted profilerole.Role) (*rbacv1.Role, error) {
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: profile.Namespace, Name: wanted.Name}, Rules: wanted.Rules}
	if err := r.mark(profile, role); err != nil {
		return nil, err
	}
	if err := r.client.Create(ctx, role); err != nil {
		return nil, err
	}
	logf.FromContext(ctx).Info("Role created", "role", role.Name)
	return role, nil
}

// updateRole writes the rules, labels and controller of a Role, unless the Role changed
// since it was read.
func (r *reconciler) updateRole(ctx context.Context, profile *v1alpha1.UserProfile, wanted observedRole) (*rbacv1.Role, error) {
	updated := wanted.current.DeepCopy()
	updated.Rules = wanted.Rules
	if err := r.mark(profile, updated); err != nil {
		return nil, err
	}
	if err := r.client.Update(ctx, updated); err != nil {
		return nil, err
	}
	logf.FromContext(ctx).Info("Role updated: it differed from the profile", "role", updated.Name)
	return updated, nil
}

// mark labels a Role and makes the UserProfile its controller.
func (r *reconciler) mark(profile *v1alpha1.UserProfile, role *rbacv1.Role) error {
	return ownership.Mark(profile, v1alpha1.UserProfileLabel, role, r.client.Scheme())
}
