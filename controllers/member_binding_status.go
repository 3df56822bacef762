package controllers

import (
	"fmt"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// permissionsGranted is whether the RoleBinding gives the Member what its role and
// user profile may do. It has no reason for a Member that is to have nothing and has nothing.
func permissionsGranted(status *v1alpha1.MemberStatus, observed memberObservation, outcome memberOutcome) verdict {
	name := observed.member.RoleBindingName()
	role, problem := wantedRole(observed)
	none := outcome.granted == permissions{}
	left := outcome.binding.standing == bindingOurs || outcome.binding.standing == bindingLeftOver
	switch {
	case none && left && !outcome.binding.empty:
		return yes(v1alpha1.ReasonNotRevoked, stillFailing(observed, v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonNotRevoked,
			fmt.Sprintf("RoleBinding %s could not be deleted, and is tried again: %s", name, outcome.bindingProblem)))
	case observed.identity == nil, role == roleName{} && problem == "":
		return verdict{}
	case outcome.binding.standing == bindingForeign:
		return no(v1alpha1.ReasonRoleBindingConflict, fmt.Sprintf(
			"RoleBinding %s exists and does not belong to this Member: it is not touched, whatever it gives; delete it, and the operator looks again within a minute", name))
	case status.Login != v1alpha1.LoginAllowed:
		return no(v1alpha1.ReasonLoginDenied, "there are no permissions while login is denied")
	case problem != "":
		return no(problem, profileProblem(observed.userProfile, problem))
	default:
		return permissionsWritten(observed, outcome)
	}
}

// permissionsWritten is whether the RoleBinding gives a Member what it is to have.
func permissionsWritten(observed memberObservation, outcome memberOutcome) verdict {
	name, granted := observed.member.RoleBindingName(), outcome.granted
	switch {
	case outcome.bindingProblem != "":
		return no(v1alpha1.ReasonNotGranted, stillFailing(observed, v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonNotGranted,
			fmt.Sprintf("RoleBinding %s could not be written, and is tried again: %s", name, outcome.bindingProblem)))
	case granted != permissions{} && outcome.binding.gives(granted):
		return yes(v1alpha1.ReasonGranted, fmt.Sprintf(
			"RoleBinding %s gives the %s %s to the user %s", name, granted.role.kind, granted.role.name, granted.username))
	default:
		return no(v1alpha1.ReasonPending, fmt.Sprintf("RoleBinding %s is about to be written", name))
	}
}

// profileProblem says what is amiss with the user profile.
func profileProblem(profile v1alpha1.Assignment, reason string) string {
	if reason == v1alpha1.ReasonProfileNotFound {
		return fmt.Sprintf("no UserProfile in this namespace is named %s, so there are no permissions: create it, or name another one", profile.Name)
	}
	return fmt.Sprintf("the Role of the UserProfile %s is not as that says, so there are no permissions until it is: see the condition Ready of the UserProfile", profile.Name)
}

// permissionsDiffer is whether a Member has other permissions than its spec asks
// for. None are what it asks for while it denies login.
func permissionsDiffer(granted verdict) bool {
	switch granted.reason {
	case "", v1alpha1.ReasonGranted, v1alpha1.ReasonLoginDenied:
		return false
	default:
		return true
	}
}
