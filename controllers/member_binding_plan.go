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
	case binding.standing == bindingLeftOver, binding.clusterRole != granted.clusterRole:
		return replaceBinding
	default:
		return mendBinding
	}
}

// grantedPermissions are what a Member is to have: those of its role while its
// login is allowed. They come after the status says so, and go before it says
// otherwise.
func grantedPermissions(o memberObservation, secret secretAction) permissions {
	role := o.member.Spec.Role.ClusterRole()
	usable := o.secret.valid() || secret == createSecret || secret == replacePassword || secret == recreateSecret || secret == adoptSecret
	switch {
	case o.identity == nil, role == "":
		return permissions{}
	case o.member.Status.Login != v1alpha1.LoginAllowed, !usable, isDuplicate(o), o.member.DeniesLogin(o.now) != "":
		return permissions{}
	default:
		return permissions{clusterRole: role, username: o.identity.Username(o.member)}
	}
}
