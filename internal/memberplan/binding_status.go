package memberplan

import (
	"fmt"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
)

// permissionsGranted is whether the RoleBinding gives the Member what its role and
// user profile may do. It has no reason for a Member that is to have nothing and has nothing.
func permissionsGranted(status *v1alpha1.MemberStatus, observed Observation, outcome Outcome) conditions.Verdict {
	name := observed.Member.RoleBindingName()
	role, problem := wantedRole(observed)
	none := outcome.Granted == Permissions{}
	left := outcome.Binding.Ownership == BindingOurs || outcome.Binding.Ownership == BindingLeftOver
	switch {
	case none && left && !outcome.Binding.Empty:
		return conditions.True(v1alpha1.ReasonNotRevoked, stillFailing(observed, v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonNotRevoked,
			fmt.Sprintf("RoleBinding %s could not be deleted, and is tried again: %s", name, outcome.BindingProblem)))
	case observed.Identity == nil, role == RoleRef{} && problem == "":
		return conditions.Verdict{}
	case outcome.Binding.Ownership == BindingForeign:
		return conditions.False(v1alpha1.ReasonRoleBindingConflict, fmt.Sprintf(
			"RoleBinding %s exists and does not belong to this Member: it is not touched, whatever it gives; delete it, and the operator looks again within a minute", name))
	case status.Login != v1alpha1.LoginAllowed:
		return conditions.False(v1alpha1.ReasonLoginDenied, "there are no permissions while login is denied")
	case problem != "":
		return conditions.False(problem, profileProblem(observed.UserProfile, problem))
	default:
		return permissionsWritten(observed, outcome)
	}
}

// permissionsWritten is whether the RoleBinding gives a Member what it is to have.
func permissionsWritten(observed Observation, outcome Outcome) conditions.Verdict {
	name, granted := observed.Member.RoleBindingName(), outcome.Granted
	switch {
	case outcome.BindingProblem != "":
		return conditions.False(v1alpha1.ReasonNotGranted, stillFailing(observed, v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonNotGranted,
			fmt.Sprintf("RoleBinding %s could not be written, and is tried again: %s", name, outcome.BindingProblem)))
	case granted != Permissions{} && outcome.Binding.Gives(granted):
		return conditions.True(v1alpha1.ReasonGranted, fmt.Sprintf(
			"RoleBinding %s gives the %s %s to the user %s", name, granted.Role.Kind, granted.Role.Name, granted.Username))
	default:
		return conditions.False(v1alpha1.ReasonPending, fmt.Sprintf("RoleBinding %s is about to be written", name))
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
func permissionsDiffer(granted conditions.Verdict) bool {
	switch granted.Reason {
	case "", v1alpha1.ReasonGranted, v1alpha1.ReasonLoginDenied:
		return false
	default:
		return true
	}
}
