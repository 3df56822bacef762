package profilerole

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// ProfileNamedBy returns the name of the UserProfile that a Role belongs to by its
// controller or, without one, by its labels.
func ProfileNamedBy(role client.Object) string {
	if owner := metav1.GetControllerOf(role); owner != nil && isUserProfile(owner) {
		return owner.Name
	}
	return role.GetLabels()[v1alpha1.UserProfileLabel]
}

// Ownership tells which object owns a Role.
type Ownership int

const (
	// Absent means that the Role does not exist.
	Absent Ownership = iota
	// Ours means that this UserProfile is the controller of the Role.
	Ours
	// LeftOver means that the Role has the operator's labels, and no controller or a
	// UserProfile that no longer exists. It belongs to a predecessor or was restored
	// from a backup.
	LeftOver
	// Foreign means that the Role belongs to something else. The operator never changes
	// it.
	Foreign
)

// Facts describe an existing Role.
type Facts struct {
	Ownership Ownership
	// AsWanted reports whether the Role has exactly the rules that the UserProfile asks
	// for, and Labeled whether it has both labels of the operator.
	AsWanted, Labeled bool
	// Deleting reports whether the Role is being deleted. Until then it is in effect.
	Deleting bool
}

// IsRight reports whether the Role belongs to this UserProfile and grants exactly what
// the profile asks for.
func (f Facts) IsRight() bool { return f.Ownership == Ours && f.AsWanted }

// Describe returns the facts about a Role, which is nil if it does not exist.
func Describe(profile *v1alpha1.UserProfile, wanted Role, role *rbacv1.Role) Facts {
	if role == nil {
		return Facts{Ownership: Absent}
	}
	facts := Facts{
		Ownership: Foreign,
		AsWanted:  equality.Semantic.DeepEqual(role.Rules, wanted.Rules),
		Labeled:   profileOf(role) == profile.Name,
		Deleting:  role.DeletionTimestamp != nil,
	}
	owner := metav1.GetControllerOf(role)
	switch {
	case owner != nil && owner.UID == profile.UID:
		facts.Ownership = Ours
	case facts.Labeled && (owner == nil || isUserProfile(owner) && owner.Name == profile.Name):
		facts.Ownership = LeftOver
	}
	return facts
}

// profileOf returns the name of the UserProfile in a Role's labels, or "" if the operator
// does not manage the Role.
func profileOf(role client.Object) string {
	labels := role.GetLabels()
	if labels[v1alpha1.ManagedByLabel] != v1alpha1.ManagedByValue {
		return ""
	}
	return labels[v1alpha1.UserProfileLabel]
}

// isUserProfile reports whether an owner is a UserProfile.
func isUserProfile(owner *metav1.OwnerReference) bool {
	return owner.Kind == "UserProfile" && owner.APIVersion == v1alpha1.GroupVersion.String()
}
