package memberplan

import (
	"rollcall.dev/rollcall/api/v1alpha1"
)

// bindingAction is what is done to a Member's RoleBinding.
type bindingAction int

const (
	// KeepBinding does nothing.
	KeepBinding bindingAction = iota
	// CreateBinding gives permissions where there is no RoleBinding.
	CreateBinding
	// MendBinding puts back what somebody changed.
	MendBinding
	// ReplaceBinding deletes the RoleBinding there is and makes another, because
	// the role in one cannot be changed.
	ReplaceBinding
	// DeleteBinding takes the permissions away.
	DeleteBinding
)

// PlanBinding decides what is done to the RoleBinding there is.
func PlanBinding(binding Binding, granted Permissions) bindingAction {
	none := granted == Permissions{}
	switch {
	case binding.Ownership == BindingForeign:
		return KeepBinding
	case binding.Ownership == BindingAbsent && none, binding.Gives(granted):
		return KeepBinding
	case binding.Ownership == BindingAbsent:
		return CreateBinding
	case binding.Deleting && binding.Empty:
		return KeepBinding // it gives nothing, and its end brings us back here
	case none, binding.Deleting:
		return DeleteBinding
	case binding.Ownership == BindingLeftOver, binding.Role != granted.Role:
		return ReplaceBinding
	default:
		return MendBinding
	}
}

// grantedPermissions are what a Member is to have: those of its role and user profile
// while its login is allowed. They come after the status says so, and go before it
// says otherwise.
func grantedPermissions(o Observation, secret secretAction) Permissions {
	role, problem := wantedRole(o)
	usable := o.Secret.Valid() || secret == CreateSecret || secret == ReplacePassword || secret == RecreateSecret || secret == AdoptSecret
	switch {
	case o.Identity == nil, role == RoleRef{}, problem != "":
		return Permissions{}
	case o.Member.Status.Login != v1alpha1.LoginAllowed, !usable, IsDuplicate(o), o.Member.DeniesLogin(o.Now) != "", lacksLicense(o):
		return Permissions{}
	default:
		return Permissions{Role: role, Username: o.Identity.Username(o.Member)}
	}
}

// wantedRole is the role of RBAC's that says what a Member may do while its login is
// allowed, the zero value for nothing; and the reason why it cannot be bound to now.
// A user profile narrows what the role may do: where anything about it is amiss,
// there is nothing, and never what the role alone would give.
func wantedRole(o Observation) (role RoleRef, problem string) {
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
	case o.Role == v1alpha1.RoleDeskAdmin:
		return namespacedRole(v1alpha1.ProfileRolePrefix + o.UserProfile.Name), unless(o.Profile.Administrators, v1alpha1.ReasonRoleNotReady)
	default:
		return namespacedRole(v1alpha1.SupervisorProfileRolePrefix + o.UserProfile.Name), unless(o.Profile.Supervisors, v1alpha1.ReasonRoleNotReady)
	}
}

// unless is a reason that something is not so; empty if it is.
func unless(so bool, reason string) string {
	if so {
		return ""
	}
	return reason
}

// builtInRole is what a user profile that exists by itself gives to somebody whose
// role has a ClusterRole.
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
