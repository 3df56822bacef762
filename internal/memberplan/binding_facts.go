package memberplan

import (
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// BindingOwnership is whose RoleBinding it is.
type BindingOwnership int

const (
	// BindingAbsent: there is none.
	BindingAbsent BindingOwnership = iota
	// BindingOurs: its controller is this Member.
	BindingOurs
	// BindingLeftOver: it has our labels, and no controller or a Member that no
	// longer exists. It is a predecessor's, or came back from a backup.
	BindingLeftOver
	// BindingForeign: it is somebody else's and never touched.
	BindingForeign
)

// Binding describe the RoleBinding of a Member's name.
type Binding struct {
	Ownership BindingOwnership
	Uid       types.UID
	// role is what it gives; the zero value if that is no role of RBAC's.
	Role RoleRef
	// username is whom it is given to; empty if that is not one user.
	Username string
	// empty is whether it is given to nobody.
	Empty bool
	// labelled is whether it has both of our labels.
	Labelled bool
	// deleting is whether it is about to go. Until then it gives what it gives.
	Deleting bool
}

// gives is whether the RoleBinding is exactly what the Member is to have.
func (b Binding) Gives(wanted Permissions) bool {
	return b.Ownership == BindingOurs && b.Labelled && b.Role == wanted.Role && b.Username == wanted.Username
}

// RoleRef names what a RoleBinding gives: a ClusterRole, or a Role of the namespace.
type RoleRef struct {
	Kind, Name string
}

// Permissions are what a Member is to have at the API server; the zero value is
// none.
type Permissions struct {
	Role     RoleRef
	Username string
}

// clusterRole and namespacedRole name the two kinds of roles.
func clusterRole(name string) RoleRef { return RoleRef{Kind: "ClusterRole", Name: name} }

func namespacedRole(name string) RoleRef { return RoleRef{Kind: "Role", Name: name} }

// ExpectsBinding is whether a RoleBinding that the cache does not show may be
// there all the same. Who is being cut off may have been given one a moment ago.
func ExpectsBinding(observed Observation) bool {
	member := observed.Member
	granted := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.PermissionsGrantedCondition)
	if granted != nil && (granted.Status == metav1.ConditionTrue || granted.Reason == v1alpha1.ReasonRoleBindingConflict) {
		return true
	}
	grantable := observed.Identity != nil && observed.Role.ClusterRole() != ""
	return (granted != nil || grantable) && member.Status.Login == v1alpha1.LoginAllowed && member.DeniesLogin(observed.Now) != ""
}
