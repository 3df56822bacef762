package controllers

import "rollcall.dev/rollcall/api/v1alpha1"

// bindingAction is what is done to a Member's RoleBinding.
type bindingAction int

const (
	// keepBinding does nothing.
	keepBinding bindingAction = iota
	// createBinding gives permissions where there is no RoleBinding.
	createBinding
	// mendBinding puts back what somebody changed.
	mendBinding
	// replaceBinding deletes the RoleBinding there is and makes another, because
	// the role in one cannot be changed.
	replaceBinding
	// deleteBinding takes the permissions away.
	deleteBinding
)

// planBinding decides what is done to the RoleBinding there is.
func planBinding(binding bindingFacts, granted permissions) bindingAction {
	none := granted == permissions{}
	switch {
	case binding.standing == bindingForeign:
		return keepBinding
	case binding.standing == bindingAbsent && none, binding.gives(granted):
		return keepBinding
	case binding.standing == bindingAbsent:
		return createBinding
	case binding.deleting && binding.empty:
		return keepBinding // it gives nothing, and its end brings us back here
	case none, binding.deleting:
		return deleteBinding
	case binding.standing == bindingLeftOver, binding.role != granted.role:
		return replaceBinding
	default:
		return mendBinding
	}
}

// grantedPermissions are what a Member is to have: those of its role and user profile
// while its login is allowed. They come after the status says so, and go before it
// says otherwise.
func grantedPermissions(o memberObservation, secret secretAction) permissions {
	role, problem := wantedRole(o)
	usable := o.secret.valid() || secret == createSecret || secret == replacePassword || secret == recreateSecret || secret == adoptSecret
	switch {
	case o.identity == nil, role == roleName{}, problem != "":
		return permissions{}
	case o.member.Status.Login != v1alpha1.LoginAllowed, !usable, isDuplicate(o), o.member.DeniesLogin(o.now) != "", lacksLicense(o):
		return permissions{}
	default:
		return permissions{role: role, username: o.identity.Username(o.member)}
	}
}

// wantedRole is the role of RBAC's that says what a Member may do while its login is
// allowed, the zero value for nothing; and the reason why it cannot be bound to now.
// A user profile narrows what the role may do: where anything about it is amiss,
// there is nothing, and never what the role alone would give.
func wantedRole(o memberObservation) (role roleName, problem string) {
	own := o.role.ClusterRole()
	switch {
	case own == "":
		return roleName{}, ""
	case o.role == v1alpha1.RoleSuperAdmin, o.userProfile.Name == "":
		return clusterRole(own), ""
	case v1alpha1.IsBuiltInProfile(o.userProfile.Name):
		return builtInRole(o.userProfile.Name, own), ""
	case !o.profile.found:
		return roleName{}, v1alpha1.ReasonProfileNotFound
	case o.role == v1alpha1.RoleDeskAdmin:
		return namespacedRole(v1alpha1.ProfileRolePrefix + o.userProfile.Name), unless(o.profile.administrators, v1alpha1.ReasonRoleNotReady)
	default:
		return namespacedRole(v1alpha1.SupervisorProfileRolePrefix + o.userProfile.Name), unless(o.profile.supervisors, v1alpha1.ReasonRoleNotReady)
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
func builtInRole(profile, own string) roleName {
	switch profile {
	case v1alpha1.ProfileAdministrator, v1alpha1.ProfileAdministratorOnly:
		return clusterRole(own)
	case v1alpha1.ProfileSupervisor:
		return clusterRole(v1alpha1.SupervisorClusterRole) // which every other one includes
	default: // those of agents
		return roleName{}
	}
}
