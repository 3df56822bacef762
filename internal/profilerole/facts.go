package profilerole

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// ProfileNamedBy is the name of the UserProfile that a Role belongs to, or seems to.
func ProfileNamedBy(role metav1.Object) string {
	if owner := metav1.GetControllerOf(role); owner != nil && isUserProfile(owner) {
		return owner.Name
	}
	return role.GetLabels()[v1alpha1.UserProfileLabel]
}

// Ownership is whose Role it is.
type Ownership int

const (
	// Absent: there is none.
	Absent Ownership = iota
	// Ours: its controller is this UserProfile.
	Ours
	// LeftOver: it has our labels, and no controller or a UserProfile that no
	// longer exists. It is a predecessor's, or came back from a backup.
	LeftOver
	// Foreign: it is somebody else's and never touched.
	Foreign
)

// Facts describe the Role of a name.
type Facts struct {
	Ownership Ownership
	// asWanted is whether it has exactly the rules that the UserProfile makes, and
	// labelled whether it has both of our labels.
	AsWanted, Labelled bool
	// deleting is whether it is about to go. Until then it gives what it gives.
	Deleting bool
}

// isRight is whether the Role may be relied on: it is this UserProfile's and gives
// what that says, neither more nor less.
func (f Facts) IsRight() bool { return f.Ownership == Ours && f.AsWanted }

// Describe finds out whose Role it is and whether it is as wanted; nil for none.
func Describe(profile *v1alpha1.UserProfile, wanted Role, role *rbacv1.Role) Facts {
	if role == nil {
		return Facts{Ownership: Absent}
	}
	facts := Facts{
		Ownership: Foreign,
		AsWanted:  equality.Semantic.DeepEqual(role.Rules, wanted.Rules),
		Labelled:  profileOf(role) == profile.Name,
		Deleting:  role.DeletionTimestamp != nil,
	}
	owner := metav1.GetControllerOf(role)
	switch {
	case owner != nil && owner.UID == profile.UID:
		facts.Ownership = Ours
	case facts.Labelled && (owner == nil || isUserProfile(owner) && owner.Name == profile.Name):
		facts.Ownership = LeftOver
	}
	return facts
}

// profileOf is the name of the UserProfile that a Role was made for, by its labels;
// empty for a Role that is not of ours.
func profileOf(role metav1.Object) string {
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
