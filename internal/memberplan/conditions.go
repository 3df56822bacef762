package memberplan

import (
	"fmt"
	"slices"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/login"
	"rollcall.dev/rollcall/internal/ownership"
)

// noContactCenterMessage is the message of every condition that needs a ContactCenter.
const noContactCenterMessage = "This namespace has no ContactCenter named default. Create one to have passwords issued and mailed."

// verdicts are what the conditions of a Member say that Ready and Stalled sum up.
type verdicts struct {
	issued, mailed, joined conditions.Verdict
	// These apply only where there is something to grant, to license, and to place.
	granted, licensed, placed conditions.Verdict
}

// setConditions derives every condition of a Member from the rest of its new status.
func setConditions(status *v1alpha1.MemberStatus, observed Observation, outcome Outcome) {
	is := verdicts{
		issued:   credentialsIssued(observed, outcome),
		mailed:   passwordMailed(status, observed, outcome),
		joined:   skillGroupsJoined(observed),
		granted:  permissionsGranted(status, observed, outcome),
		licensed: licenseAssigned(observed),
		placed:   placementResolved(observed.Placement),
	}
	generation, now := observed.Member.Generation, metav1.NewTime(observed.Now).Rfc3339Copy()
	set := func(conditionType string, verdict conditions.Verdict) {
		verdict.Set(&status.Conditions, conditionType, generation, now)
	}
	set(v1alpha1.ReadyCondition, ready(observed, is))
	set(v1alpha1.CredentialsIssuedCondition, is.issued)
	set(v1alpha1.PasswordMailedCondition, is.mailed)
	setLoginAllowed(status, observed.Member, now)
	set(v1alpha1.SkillGroupsJoinedCondition, is.joined)
	set(v1alpha1.PermissionsGrantedCondition, is.granted)
	set(v1alpha1.LicenseAssignedCondition, is.licensed)
	set(v1alpha1.PlacementResolvedCondition, is.placed)
	set(v1alpha1.StalledCondition, stalled(observed, is))
}

// setLoginAllowed writes the condition LoginAllowed. While it is True, its transition time is
// status.loginAllowedSince, and each of its changes is later than the one before: an older version of
// the login gate tells sessions apart by that time.
func setLoginAllowed(status *v1alpha1.MemberStatus, member *v1alpha1.Member, now metav1.Time) {
	verdict := conditions.Verdict{
		Holds:   status.Login == v1alpha1.LoginAllowed,
		Reason:  string(status.LoginReason),
		Message: loginMessage(member, status.LoginReason),
	}
	before := apimeta.FindStatusCondition(status.Conditions, v1alpha1.LoginAllowedCondition)
	if before != nil {
		now = login.After(now, before.LastTransitionTime)
	}
	verdict.Set(&status.Conditions, v1alpha1.LoginAllowedCondition, member.Generation, now)
	if verdict.Holds && status.LoginAllowedSince != nil {
		apimeta.FindStatusCondition(status.Conditions, v1alpha1.LoginAllowedCondition).LastTransitionTime = *status.LoginAllowedSince
	}
}

// credentialsIssued reports whether the Secret holds the current password.
func credentialsIssued(observed Observation, outcome Outcome) conditions.Verdict {
	name := observed.Member.CredentialsSecretName()
	switch {
	case observed.IsDuplicate():
		return conditions.False(v1alpha1.ReasonDuplicate, fmt.Sprintf(
			"%s holds the e-mail address %s. Delete one of the two.", rival(observed.Rivals.Email), observed.Member.Spec.Email))
	case outcome.Secret.Valid():
		return conditions.True(v1alpha1.ReasonIssued, fmt.Sprintf("Secret %s holds the current password.", name))
	case outcome.Secret.Ownership == ownership.Foreign:
		return conditions.False(v1alpha1.ReasonSecretConflict, fmt.Sprintf(
			"Secret %s exists and does not belong to this Member. The operator does not touch it. Delete it: the password is issued within a minute.", name))
	case observed.IsDeleting():
		return conditions.False(v1alpha1.ReasonDeleting, "The Member is being deleted.")
	case observed.Center == nil:
		return conditions.False(v1alpha1.ReasonNoContactCenter, noContactCenterMessage)
	case outcome.SecretProblem != "":
		return conditions.False(v1alpha1.ReasonNotIssued, observed.keepMessage(v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonNotIssued,
			fmt.Sprintf("Secret %s could not be written. The operator tries again: %s", name, outcome.SecretProblem)))
	default:
		return conditions.False(v1alpha1.ReasonNotIssued, fmt.Sprintf("Secret %s is about to be written.", name))
	}
}

// keepMessage returns the message about a write that failed, which stays while the reason does.
func (o *Observation) keepMessage(condition, reason, message string) string {
	return conditions.KeepMessage(o.Member.Status.Conditions, o.Member.Generation, condition, reason, message)
}

// skillGroupsJoined reports whether every requested SkillGroup exists.
func skillGroupsJoined(observed Observation) conditions.Verdict {
	if len(observed.UnknownGroups) == 0 {
		return conditions.True(v1alpha1.ReasonJoined, "Every requested SkillGroup exists.")
	}
	from := "spec.skillGroups"
	if slices.ContainsFunc(observed.Resolved.Groups, func(g v1alpha1.SkillGroupReference) bool { return slices.Contains(observed.UnknownGroups, g.Name) }) {
		from += ", or from the MemberTemplate that names it"
	}
	return conditions.False(v1alpha1.ReasonSkillGroupNotFound, fmt.Sprintf(
		"No SkillGroup in this namespace is named %s. Create it, or remove it from %s.", strings.Join(observed.UnknownGroups, ", "), from))
}

// ready sums up the conditions. A login that the spec denies is what the spec asks for, so it does not
// count against Ready.
func ready(observed Observation, is verdicts) conditions.Verdict {
	switch {
	case observed.IsDeleting():
		return conditions.False(v1alpha1.ReasonDeleting, "The Member is being deleted.")
	case !is.issued.Holds:
		return is.issued
	case observed.Center == nil:
		return conditions.False(v1alpha1.ReasonNoContactCenter, noContactCenterMessage)
	case licenseDiffers(observed, is.licensed):
		return is.licensed
	case observed.Center.Spec.Mail != nil && !is.mailed.Holds && is.mailed.Reason != v1alpha1.ReasonHeld:
		return is.mailed
	case !is.joined.Holds:
		return is.joined
	case is.placed.Fails():
		return is.placed
	case permissionsDiffer(is.granted):
		return conditions.False(is.granted.Reason, is.granted.Message)
	default:
		return conditions.True(v1alpha1.ReasonReady, "Everything requested is in place.")
	}
}

// stalled reports whether only a change by a person can help; otherwise the condition does not apply.
func stalled(observed Observation, is verdicts) conditions.Verdict {
	spec, held := &observed.Member.Spec, observed.Claims
	switch {
	case observed.IsDeleting():
		return conditions.Verdict{}
	case is.issued.Reason == v1alpha1.ReasonDuplicate, is.issued.Reason == v1alpha1.ReasonSecretConflict:
		return conditions.True(is.issued.Reason, is.issued.Message)
	case is.granted.Reason == v1alpha1.ReasonRoleBindingConflict:
		return conditions.True(is.granted.Reason, is.granted.Message)
	case is.mailed.Reason == v1alpha1.ReasonRejected:
		return conditions.True(is.mailed.Reason, is.mailed.Message)
	case spec.AgentID != held.AgentID:
		return conditions.True(v1alpha1.ReasonDuplicateAgentID, fmt.Sprintf(
			"%s holds the agent ID %s. Delete one of the two and add it again with another agentID.", rival(observed.Rivals.AgentID), spec.AgentID))
	case spec.Extension != held.Extension:
		return conditions.True(v1alpha1.ReasonDuplicateExtension, fmt.Sprintf(
			"%s holds the extension %s. Change spec.extension of one of the two.", rival(observed.Rivals.Extension), spec.Extension))
	default:
		return conditions.Verdict{}
	}
}

// rival names another Member for people.
func rival(name string) string {
	if name == "" {
		return "Another Member of this namespace"
	}
	return "Member " + name
}
