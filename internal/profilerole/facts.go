package profilerole

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/ownership"
)

// Facts describe an existing Role.
type Facts struct {
	Ownership ownership.Ownership
	// AsWanted reports whether the Role has exactly the rules that the UserProfile asks
	// for, and Labeled whether it has both labels of the operator.
	AsWanted, Labeled bool
	// Deleting reports whether the Role is being deleted. Until then it is in effect.
	Deleting bool
}

// IsRight reports whether the Role belongs to this UserProfile and grants exactly what
// the profile asks for.
func (f Facts) IsRight() bool { return f.Ownership == ownership.Ours && f.AsWanted }

// Describe returns the facts about a Role, which is nil if it does not exist.
func Describe(profile *v1alpha1.UserProfile, wanted Role, role *rbacv1.Role) Facts {
	if role == nil {
		return Facts{Ownership: ownership.Absent}
	}
	owner := ownership.UserProfile(profile)
	return Facts{
		Ownership: owner.Of(role),
		AsWanted:  equality.Semantic.DeepEqual(role.Rules, wanted.Rules),
		Labeled:   owner.Labels(role),
		Deleting:  role.DeletionTimestamp != nil,
	}
}
