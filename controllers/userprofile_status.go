package controllers

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// userProfileStatus derives the whole status from what was observed and done.
func userProfileStatus(observed userProfileObservation, done []appliedRole) v1alpha1.UserProfileStatus {
	profile := observed.profile
	status := *profile.Status.DeepCopy()
	status.ObservedGeneration = profile.Generation
	if observed.members != nil {
		status.Members = observed.members
	}
	now := metav1.NewTime(observed.now).Rfc3339Copy()
	ready := userProfileReady(observed, done)
	setReadyAndStalled(&status.Conditions, ready, ready.reason == v1alpha1.ReasonRoleConflict, profile.Generation, now)
	return status
}

// userProfileReady is whether both Roles give what the profile says.
func userProfileReady(observed userProfileObservation, done []appliedRole) verdict {
	if !observed.supported {
		return no(v1alpha1.ReasonIdentityNotSupported,
			"this operator runs with --role-bindings=false and gives nobody permissions at the API server, so the profile has no effect there: install the operator for a cluster, or do without user profiles")
	}
	var foreign, failed []string
	for i, role := range done {
		name := observed.roles[i].name
		switch {
		case role.standing == roleForeign:
			foreign = append(foreign, name)
		case role.err != nil:
			failed = append(failed, fmt.Sprintf("%s (%v)", name, role.err))
		case !role.isRight():
			failed = append(failed, name+" (the one before it is being deleted)")
		}
	}
	switch {
	case len(foreign) > 0:
		return no(v1alpha1.ReasonRoleConflict, fmt.Sprintf(
			"a Role %s exists and does not belong to this UserProfile: it is not touched, and its members have no permissions; delete it, and the operator looks again within a minute",
			strings.Join(foreign, ", and a Role ")))
	case len(failed) > 0:
		return no(v1alpha1.ReasonRoleNotWritten, stillSaying(observed.profile.Status.Conditions, observed.profile.Generation, v1alpha1.ReadyCondition, v1alpha1.ReasonRoleNotWritten,
			"these Roles could not be written, and are tried again: "+strings.Join(failed, ", ")))
	case len(accessRules(observed.profile.Spec.Access, asSaid)) == 0:
		return yes(v1alpha1.ReasonReady, "the profile gives nothing: who has it has no permissions at the API server; say what it is to give in spec.access")
	default:
		return yes(v1alpha1.ReasonReady, fmt.Sprintf("the Roles %s (administrators) and %s (Supervisors) give what the profile says",
			observed.profile.RoleName(), observed.profile.SupervisorRoleName()))
	}
}
