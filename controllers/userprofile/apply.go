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

// apply makes the writes of a plan. A failure for one Role does not stop the other.
func (r *reconciler) apply(ctx context.Context, observed observation, plan []roleAction, roles []*rbacv1.Role) []appliedRole {
	done := make([]appliedRole, 0, len(plan))
	for i, action := range plan {
		role, err := r.applyRole(ctx, observed.profile, observed.roles[i].Role, action, roles[i])
		facts := observed.roles[i].Facts
		if err == nil {
			facts = profilerole.Describe(observed.profile, observed.roles[i].Role, role)
		}
		done = append(done, appliedRole{facts, err})
	}
	return done
}

// applyRole makes the writes for one Role and returns the Role after them.
func (r *reconciler) applyRole(ctx context.Context, profile *v1alpha1.UserProfile, wanted profilerole.Role, action roleAction, role *rbacv1.Role) (*rbacv1.Role, error) {
	switch action {
	case keepRole:
		return role, nil
	case createRole:
		return r.createRole(ctx, profile, wanted)
	case updateRole:
		return r.updateRole(ctx, profile, wanted, role)
	case replaceRole:
		if err := ownership.Delete(ctx, r.client, role); err != nil {
			return role, err
		}
		return r.createRole(ctx, profile, wanted)
	default:
		return role, fmt.Errorf("unknown action %d for the Role %s", action, wanted.Name)
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
func (r *reconciler) updateRole(ctx context.Context, profile *v1alpha1.UserProfile, wanted profilerole.Role, role *rbacv1.Role) (*rbacv1.Role, error) {
	updated := role.DeepCopy()
	updated.Rules = wanted.Rules
	if err := r.mark(profile, updated); err != nil {
		return role, err
	}
	if err := r.client.Update(ctx, updated); err != nil {
		return role, err
	}
	logf.FromContext(ctx).Info("Role updated: it differed from the profile", "role", role.Name)
	return updated, nil
}

// mark labels a Role and makes the UserProfile its controller.
func (r *reconciler) mark(profile *v1alpha1.UserProfile, role *rbacv1.Role) error {
	return ownership.Mark(profile, v1alpha1.UserProfileLabel, role, r.client.Scheme())
}
