package controllers

import (
	"context"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// roleStanding is whose Role it is.
type roleStanding int

const (
	// roleAbsent: there is none.
	roleAbsent roleStanding = iota
	// roleOurs: its controller is this UserProfile.
	roleOurs
	// roleLeftOver: it has our labels, and no controller or a UserProfile that no
	// longer exists. It is a predecessor's, or came back from a backup.
	roleLeftOver
	// roleForeign: it is somebody else's and never touched.
	roleForeign
)

// roleFacts describe the Role of a name.
type roleFacts struct {
	standing roleStanding
	// asWanted is whether it has exactly the rules that the UserProfile makes, and
	// labelled whether it has both of our labels.
	asWanted, labelled bool
	// deleting is whether it is about to go. Until then it gives what it gives.
	deleting bool
}

// isRight is whether the Role may be relied on: it is this UserProfile's and gives
// what that says, neither more nor less.
func (f roleFacts) isRight() bool { return f.standing == roleOurs && f.asWanted }

// describeRole finds out whose Role it is and whether it is as wanted; nil for none.
func describeRole(profile *v1alpha1.UserProfile, wanted profileRole, role *rbacv1.Role) roleFacts {
	if role == nil {
		return roleFacts{standing: roleAbsent}
	}
	facts := roleFacts{
		standing: roleForeign,
		asWanted: equality.Semantic.DeepEqual(role.Rules, wanted.rules),
		labelled: profileOf(role) == profile.Name,
		deleting: role.DeletionTimestamp != nil,
	}
	owner := metav1.GetControllerOf(role)
	switch {
	case owner != nil && owner.UID == profile.UID:
		facts.standing = roleOurs
	case facts.labelled && (owner == nil || isUserProfile(owner) && owner.Name == profile.Name):
		facts.standing = roleLeftOver
	}
	return facts
}

// profileOf is the name of the UserProfile that a Role was made for, by its labels;
// empty for a Role that is not of ours.
func profileOf(role client.Object) string {
	labels := role.GetLabels()
	if labels[v1alpha1.ManagedByLabel] != v1alpha1.ManagedByValue {
		return ""
	}
	return labels[v1alpha1.UserProfileLabel]
}

// isUserProfile is whether an owner is a UserProfile.
func isUserProfile(owner *metav1.OwnerReference) bool {
	return owner.Kind == "UserProfile" && owner.APIVersion == v1alpha1.GroupVersion.String()
}

// userProfileObservation is all that planning and status know of the world.
type userProfileObservation struct {
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
	profileRole
	roleFacts
}

// observe makes the only reads of a reconcile. The Roles that it returns stay out of
// planning; one that does not exist is nil.
func (r *UserProfileReconciler) observe(ctx context.Context, profile *v1alpha1.UserProfile, source readSource) (userProfileObservation, []*rbacv1.Role, error) {
	observed := userProfileObservation{now: r.Now(), profile: profile, supported: r.RoleBindings}
	var roles []*rbacv1.Role
	for _, wanted := range profileRoles(profile) {
		if !r.RoleBindings {
			break
		}
		role, err := r.findRole(ctx, profile, wanted.name, source)
		if err != nil {
			return observed, nil, err
		}
		facts := describeRole(profile, wanted, role)
		if facts.standing == roleLeftOver {
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
func (r *UserProfileReconciler) findRole(ctx context.Context, profile *v1alpha1.UserProfile, name string, source readSource) (*rbacv1.Role, error) {
	key := client.ObjectKey{Namespace: profile.Namespace, Name: name}
	if source == fromCache {
		role, err := find[rbacv1.Role](ctx, r.Client, key)
		conflict := apimeta.IsStatusConditionTrue(profile.Status.Conditions, v1alpha1.StalledCondition)
		if err != nil || role != nil || !conflict {
			return role, err
		}
	}
	return find[rbacv1.Role](ctx, r.Live, key)
}

// confirm asks the API server whether the UserProfile is the one that the cache has;
// if not, it returns errCacheBehind.
func (r *UserProfileReconciler) confirm(ctx context.Context, profile *v1alpha1.UserProfile) error {
	var current v1alpha1.UserProfile
	if err := r.Live.Get(ctx, client.ObjectKeyFromObject(profile), &current); err != nil {
		return err
	}
	if current.UID != profile.UID {
		return errCacheBehind
	}
	return nil
}
