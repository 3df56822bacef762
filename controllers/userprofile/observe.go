package userprofile

import (
	"context"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/profilerole"
)

// observation is all that planning and status know of the world.
type observation struct {
	now     time.Time
	profile *v1alpha1.UserProfile
	// supported is whether the operator writes Roles at all.
	supported bool
	// roles are the Roles that the profile becomes, and what there is of each.
	roles []observedRole
	// members is how many Members have the profile; nil if they were not counted,
	// since they were often enough lately.
	members *int32
}

// observedRole is a Role that a UserProfile becomes, and what there is of it.
type observedRole struct {
	profilerole.Role
	profilerole.Facts
}

// observe makes the only reads of a reconcile. The Roles that it returns stay out of
// planning; one that does not exist is nil.
func (r *reconciler) observe(ctx context.Context, profile *v1alpha1.UserProfile, source kube.ReadSource) (observation, []*rbacv1.Role, error) {
	observed := observation{now: r.Now(), profile: profile, supported: r.RoleBindings}
	var roles []*rbacv1.Role
	for _, wanted := range profilerole.Roles(profile) {
		if !r.RoleBindings {
			break
		}
		role, err := r.findRole(ctx, profile, wanted.Name, source)
		if err != nil {
			return observed, nil, err
		}
		facts := profilerole.Describe(profile, wanted, role)
		if facts.Ownership.IsLeftOver() {
			// It may belong to a UserProfile that is newer than the one in the cache.
			if err := r.confirm(ctx, profile); err != nil {
				return observed, nil, err
			}
		}
		observed.roles = append(observed.roles, observedRole{wanted, facts})
		roles = append(roles, role)
	}
	return observed, roles, nil
}

// findRole returns a Role, or nil. The cache has only those with our label; where a
// foreign one is known to be, the API server is asked.
func (r *reconciler) findRole(ctx context.Context, profile *v1alpha1.UserProfile, name string, source kube.ReadSource) (*rbacv1.Role, error) {
	key := client.ObjectKey{Namespace: profile.Namespace, Name: name}
	if source == kube.FromCache {
		role, err := kube.Find[rbacv1.Role](ctx, r.Client, key)
		conflict := apimeta.IsStatusConditionTrue(profile.Status.Conditions, v1alpha1.StalledCondition)
		if err != nil || role != nil || !conflict {
			return role, err
		}
	}
	return kube.Find[rbacv1.Role](ctx, r.Live, key)
}

// confirm asks the API server whether the UserProfile is the one that the cache has;
// if not, it returns kube.ErrStaleCache.
func (r *reconciler) confirm(ctx context.Context, profile *v1alpha1.UserProfile) error {
	var current v1alpha1.UserProfile
	if err := r.Live.Get(ctx, client.ObjectKeyFromObject(profile), &current); err != nil {
		return err
	}
	if current.UID != profile.UID {
		return kube.ErrStaleCache
	}
	return nil
}
