package memberplan

import (
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/ownership"
)

// Binding describes the RoleBinding of a Member.
type Binding struct {
	Ownership ownership.Ownership
	// Role is the role that it grants; the zero value if that is not one of RBAC's.
	Role RoleRef
	// Username is its subject; empty unless that is exactly one user.
	Username string
	// Empty reports that it has no subjects.
	Empty bool
	// Labeled reports that it has both of our labels.
	Labeled bool
	// Deleting reports that it is being deleted. Until then it still grants its role.
	Deleting bool
}

// Grants reports whether the RoleBinding grants exactly these permissions.
func (b Binding) Grants(wanted Permissions) bool {
	return b.Ownership == ownership.Ours && b.Labeled && b.Role == wanted.Role && b.Username == wanted.Username
}

// RoleRef names a ClusterRole, or a Role of the namespace.
type RoleRef struct {
	Kind, Name string
}

// Permissions are what a Member may do at the API server; the zero value is nothing.
type Permissions struct {
	Role     RoleRef
	Username string
}

func clusterRole(name string) RoleRef { return RoleRef{Kind: "ClusterRole", Name: name} }

func namespacedRole(name string) RoleRef { return RoleRef{Kind: "Role", Name: name} }

// ExpectsBinding reports whether a RoleBinding may exist that the cache does not have. A member who is
// being cut off may have received one a moment ago.
func (o *Observation) ExpectsBinding() bool {
	granted := apimeta.FindStatusCondition(o.Member.Status.Conditions, v1alpha1.PermissionsGrantedCondition)
	if granted != nil && (granted.Status == metav1.ConditionTrue || granted.Reason == v1alpha1.ReasonRoleBindingConflict) {
		return true
	}
	grantable := o.Identity != nil && o.Role.ClusterRole() != ""
	return (granted != nil || grantable) && o.Member.Status.Login == v1alpha1.LoginAllowed && o.Member.DeniesLogin(o.Now) != ""
}

// wantedRole returns the role that determines what a Member may do while its login is allowed: the
// zero value for nothing, and the reason why it cannot be bound now. A user profile narrows what the
// role grants. If anything about the profile is wrong, the Member gets nothing, and never what the role
// alone would grant.
func (o *Observation) wantedRole() (role RoleRef, problem string) {
	own := o.Role.ClusterRole()
	switch {
	case own == "":
		return RoleRef{}, ""
	case o.Role == v1alpha1.RoleSuperAdmin, o.UserProfile.Name == "":
		return clusterRole(own), ""
	case v1alpha1.IsBuiltInProfile(o.UserProfile.Name):
		return builtInRole(o.UserProfile.Name, own), ""
	case !o.Profile.Found:
		return RoleRef{}, v1alpha1.ReasonProfileNotFound
	}
	prefix, ready := v1alpha1.SupervisorProfileRolePrefix, o.Profile.Supervisors
	if o.Role == v1alpha1.RoleDeskAdmin {
		prefix, ready = v1alpha1.ProfileRolePrefix, o.Profile.Administrators
	}
	if !ready {
		problem = v1alpha1.ReasonRoleNotReady
	}
	return namespacedRole(prefix + o.UserProfile.Name), problem
}

// builtInRole returns what a built-in user profile grants to a member whose role has a ClusterRole.
func builtInRole(profile, own string) RoleRef {
	switch profile {
	case v1alpha1.ProfileAdministrator, v1alpha1.ProfileAdministratorOnly:
		return clusterRole(own)
	case v1alpha1.ProfileSupervisor:
		return clusterRole(v1alpha1.SupervisorClusterRole) // which every other one includes
	default: // those of agents
		return RoleRef{}
	}
}
