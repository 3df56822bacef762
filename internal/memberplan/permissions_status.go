package memberplan

import (
	"fmt"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/ownership"
)

// permissionsGranted reports whether the RoleBinding grants what role and user profile say. It does not
// apply to a Member that may do nothing and has nothing.
func permissionsGranted(status *v1alpha1.MemberStatus, observed Observation, outcome Outcome) conditions.Verdict {
	name := observed.Member.RoleBindingName()
	role, problem := observed.wantedRole()
	none := outcome.Granted == Permissions{}
	remains := outcome.Binding.Ownership == ownership.Ours || outcome.Binding.Ownership.IsLeftOver()
	switch {
	case none && remains && !outcome.Binding.Empty:
		return conditions.True(v1alpha1.ReasonNotRevoked, observed.keepMessage(v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonNotRevoked,
			fmt.Sprintf("RoleBinding %s could not be deleted. The operator tries again: %s", name, outcome.BindingProblem)))
	case observed.Identity == nil, role == RoleRef{} && problem == "":
		return conditions.Verdict{}
	case outcome.Binding.Ownership == ownership.Foreign:
		return conditions.False(v1alpha1.ReasonRoleBindingConflict, fmt.Sprintf(
			"RoleBinding %s exists and does not belong to this Member. The operator does not touch it, whatever it grants. Delete it: the operator looks again within a minute.", name))
	case status.Login != v1alpha1.LoginAllowed:
		return conditions.False(v1alpha1.ReasonLoginDenied, "The member has no permissions while login is denied.")
	case problem != "":
		return conditions.False(problem, profileProblem(observed.UserProfile, problem))
	default:
		return permissionsWritten(observed, outcome)
	}
}

// permissionsWritten reports whether the RoleBinding grants what the Member may do.
func permissionsWritten(observed Observation, outcome Outcome) conditions.Verdict {
	name, granted := observed.Member.RoleBindingName(), outcome.Granted
	switch {
	case outcome.BindingProblem != "":
		return conditions.False(v1alpha1.ReasonNotGranted, observed.keepMessage(v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonNotGranted,
			fmt.Sprintf("RoleBinding %s could not be written. The operator tries again: %s", name, outcome.BindingProblem)))
	case granted != Permissions{} && outcome.Binding.Grants(granted):
		return conditions.True(v1alpha1.ReasonGranted, fmt.Sprintf(
			"RoleBinding %s grants the %s %s to the user %s.", name, granted.Role.Kind, granted.Role.Name, granted.Username))
	default:
		return conditions.False(v1alpha1.ReasonPending, fmt.Sprintf("RoleBinding %s is about to be written.", name))
	}
}

// profileProblem returns the message about a wrong user profile.
func profileProblem(profile v1alpha1.Assignment, reason string) string {
	if reason == v1alpha1.ReasonProfileNotFound {
		return fmt.Sprintf("No UserProfile in this namespace is named %s, so the member has no permissions. Create it, or assign another one.", profile.Name)
	}
	return fmt.Sprintf("The Role of the UserProfile %s does not match the profile, so the member has no permissions until it does. See the condition Ready of the UserProfile.", profile.Name)
}

// permissionsDiffer reports whether a Member has other permissions than its spec asks for. While the
// spec denies login, it asks for none.
func permissionsDiffer(granted conditions.Verdict) bool {
	switch granted.Reason {
	case "", v1alpha1.ReasonGranted, v1alpha1.ReasonLoginDenied:
		return false
	default:
		return true
	}
}
