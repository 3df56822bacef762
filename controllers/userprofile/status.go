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

// newStatus derives the status from what was observed and applied.
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

// readyCondition returns the verdict of Ready: whether both Roles grant what the profile asks for.
func readyCondition(observed observation, done []appliedRole) conditions.Verdict {
	if !observed.supported {
		return conditions.False(v1alpha1.ReasonIdentityNotSupported,
			"The profile has no effect at the API server because the operator runs with --role-bindings=false. Install the operator for the whole cluster, or delete the profile.")
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
			failed = append(failed, name+" (its predecessor is being deleted)")
		}
	}
	switch {
	case len(foreign) > 0:
		return conditions.False(v1alpha1.ReasonRoleConflict, fmt.Sprintf(
			"The Role %s exists and does not belong to this UserProfile, so the profile's members have no permissions. Delete the Role; the operator checks again within a minute.",
			strings.Join(foreign, " and the Role ")))
	case len(failed) > 0:
		return conditions.False(v1alpha1.ReasonRoleNotWritten, conditions.KeepMessage(observed.profile.Status.Conditions, observed.profile.Generation, v1alpha1.ReadyCondition, v1alpha1.ReasonRoleNotWritten,
			"These Roles could not be written, and the operator tries again: "+strings.Join(failed, ", ")+"."))
	case len(profilerole.AccessRules(observed.profile.Spec.Access, profilerole.AsSaid)) == 0:
		return conditions.True(v1alpha1.ReasonReady, "The profile grants nothing, so its members have no permissions at the API server. Set the permissions in spec.access.")
	default:
		return conditions.True(v1alpha1.ReasonReady, fmt.Sprintf("The profile is ready. The Roles %s (administrators) and %s (Supervisors) grant its permissions.",
			observed.profile.RoleName(), observed.profile.SupervisorRoleName()))
	}
}
