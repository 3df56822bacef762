package userprofile

import (
	"context"
	"fmt"
	"maps"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/profilerole"
)

// appliedRole is what came of the write about one Role.
type appliedRole struct {
	profilerole.Facts

	// err is what kept it from being written; it is then as it was observed.
	err error
}

// apply makes the writes of a plan. What keeps one Role from being written does not
// keep the other.
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

// applyRole makes the writes about one Role, and returns it as it is afterwards.
func (r *reconciler) applyRole(ctx context.Context, profile *v1alpha1.UserProfile, wanted profilerole.Role, action roleAction, role *rbacv1.Role) (*rbacv1.Role, error) {
	switch action {
	case keepRole:
		return role, nil
	case createRole:
		return r.createRole(ctx, profile, wanted)
	case mendRole:
		return r.mendRole(ctx, profile, wanted, role)
	case replaceRole:
		// This one and no other that may have its name by now.
		if err := r.Client.Delete(ctx, role, client.Preconditions{UID: &role.UID}); client.IgnoreNotFound(err) != nil {
			return role, err
		}
		return r.createRole(ctx, profile, wanted)
	default:
		return role, fmt.Errorf("unknown action %d for the Role %s", action, wanted.Name)
	}
}

// createRole makes a Role. The API server lets the operator do so since it holds
// itself what the Role gives: see config/roles/binder_role.yaml.
func (r *reconciler) createRole(ctx context.Context, profile *v1alpha1.UserProfile, wanted profilerole.Role) (*rbacv1.Role, error) {
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: profile.Namespace, Name: wanted.Name}, Rules: wanted.Rules}
	if err := r.markProfiles(profile, role); err != nil {
		return nil, err
	}
	if err := r.Client.Create(ctx, role); err != nil {
		return nil, err
	}
	logf.FromContext(ctx).Info("Role made", "role", role.Name)
	return role, nil
}

// mendRole makes a Role what the UserProfile says, on the condition that it is still
// as it was read.
func (r *reconciler) mendRole(ctx context.Context, profile *v1alpha1.UserProfile, wanted profilerole.Role, role *rbacv1.Role) (*rbacv1.Role, error) {
	mended := role.DeepCopy()
	mended.Rules = wanted.Rules
	if err := r.markProfiles(profile, mended); err != nil {
		return role, err
	}
	if err := r.Client.Update(ctx, mended); err != nil {
		return role, err
	}
	logf.FromContext(ctx).Info("Role written: the profile says something else, or somebody had changed it", "role", role.Name)
	return mended, nil
}

// markProfiles labels a Role and makes the UserProfile its controller. No label of
// the UserProfile is copied: Argo CD would take the Role for one of its own.
func (r *reconciler) markProfiles(profile *v1alpha1.UserProfile, role *rbacv1.Role) error {
	labels := maps.Clone(role.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	labels[v1alpha1.ManagedByLabel] = v1alpha1.ManagedByValue
	labels[v1alpha1.UserProfileLabel] = profile.Name
	role.Labels = labels
	return controllerutil.SetControllerReference(profile, role, r.Client.Scheme())
}

// overtakenBy is why nothing was learnt that a status could tell: somebody was faster
// than the cache; nil if nobody was.
func overtakenBy(done []appliedRole) error {
	for _, role := range done {
		switch {
		case apierrors.IsAlreadyExists(role.err), apierrors.IsConflict(role.err):
			return role.err
		case apierrors.IsNotFound(role.err):
			return kube.ErrStaleCache // it went meanwhile
		}
	}
	return nil
}
