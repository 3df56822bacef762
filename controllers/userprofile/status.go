package userprofile

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/ownership"
	"rollcall.dev/rollcall/internal/profilerole"
)

// newStatus derives the whole status from what was observed and done.
func newStatus(observed observation, done []appliedRole) v1alpha1.UserProfileStatus {
	profile := observed.profile
	status := *profile.Status.DeepCopy()
	status.ObservedGeneration = profile.Generation
	if observed.members != nil {
		status.Members = observed.members
	}
	now := metav1.NewTime(observed.now).Rfc3339Copy()
	ready := readyCondition(observed, done)
	conditions.SetReadyAndStalled(&status.Conditions, ready, ready.Reason == v1alpha1.ReasonRoleConflict, profile.Generation, now)
	return status
}

// readyCondition is whether both Roles give what the profile says.
func readyCondition(observed observation, done []appliedRole) conditions.Verdict {
	if !observed.supported {
		return conditions.False(v1alpha1.ReasonIdentityNotSupported,
			"this operator runs with --role-bindings=false and gives nobody permissions at the API server, so the profile has no effect there: install the operator for a cluster, or do without user profiles")
	}
	var foreign, failed []string
	for i, role := range done {
		name := observed.roles[i].Name
		switch {
		case role.Ownership == ownership.Foreign:
			foreign = append(foreign, name)
		case role.err != nil:
			failed = append(failed, fmt.Sprintf("%s (%v)", name, role.err))
		case !role.IsRight():
			failed = append(failed, name+" (the one before it is being deleted)")
		}
	}
	switch {
	case len(foreign) > 0:
		return conditions.False(v1alpha1.ReasonRoleConflict, fmt.Sprintf(
			"a Role %s exists and does not belong to this UserProfile: it is not touched, and its members have no permissions; delete it, and the operator looks again within a minute",
			strings.Join(foreign, ", and a Role ")))
	case len(failed) > 0:
		return conditions.False(v1alpha1.ReasonRoleNotWritten, conditions.KeepMessage(observed.profile.Status.Conditions, observed.profile.Generation, v1alpha1.ReadyCondition, v1alpha1.ReasonRoleNotWritten,
			"these Roles could not be written, and are tried again: "+strings.Join(failed, ", ")))
	case len(profilerole.AccessRules(observed.profile.Spec.Access, profilerole.AsSaid)) == 0:
		return conditions.True(v1alpha1.ReasonReady, "the profile gives nothing: who has it has no permissions at the API server; say what it is to give in spec.access")
	default:
		return conditions.True(v1alpha1.ReasonReady, fmt.Sprintf("the Roles %s (administrators) and %s (Supervisors) give what the profile says",
			observed.profile.RoleName(), observed.profile.SupervisorRoleName()))
	}
}
