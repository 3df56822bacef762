package profilerole

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/ownership"
)

// Facts describe the Role of a name.
type Facts struct {
	Ownership ownership.Ownership
	// asWanted is whether it has exactly the rules that the UserProfile makes, and
	// labelled whether it has both of our labels.
	AsWanted, Labelled bool
	// deleting is whether it is about to go. Until then it gives what it gives.
	Deleting bool
}

// isRight is whether the Role may be relied on: it is this UserProfile's and gives
// what that says, neither more nor less.
func (f Facts) IsRight() bool { return f.Ownership == ownership.Ours && f.AsWanted }

// Describe finds out whose Role it is and whether it is as wanted; nil for none.
func Describe(profile *v1alpha1.UserProfile, wanted Role, role *rbacv1.Role) Facts {
	if role == nil {
		return Facts{Ownership: ownership.Absent}
	}
	owner := ownership.UserProfile(profile)
	return Facts{
		Ownership: owner.Of(role),
		AsWanted:  equality.Semantic.DeepEqual(role.Rules, wanted.Rules),
		Labelled:  owner.Labels(role),
		Deleting:  role.DeletionTimestamp != nil,
	}
}
