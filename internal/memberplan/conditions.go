package memberplan

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/credentials"
)

// verdicts are what the conditions of a Member say that Ready and Stalled
// sum up.
type verdicts struct {
	issued, mailed, joined conditions.Verdict
	// granted has no reason where there is nothing to grant, licensed none where the
	// contact centre has no licences, and placed none where there is nothing to place.
	granted, licensed, placed conditions.Verdict
}

// setMemberConditions derives every condition of a Member from the rest of its
// new status.
func setMemberConditions(status *v1alpha1.MemberStatus, observed Observation, outcome Outcome) {
	verdicts := verdicts{
		issued:  credentialsIssued(observed, outcome),
		mailed:  passwordMailed(status, observed, outcome),
		joined:  skillGroupsJoined(observed),
		granted: permissionsGranted(status, observed, outcome),

		licensed: licenseAssigned(observed),
		placed:   placementResolved(observed.Placement),
	}
	login := conditions.Verdict{
		Holds:   status.Login == v1alpha1.LoginAllowed,
		Reason:  string(status.LoginReason),
		Message: loginMessage(observed.Member, status.LoginReason),
	}
	generation, now := observed.Member.Generation, metav1.NewTime(observed.Now).Rfc3339Copy()
	if observed.Member.Status.Login == v1alpha1.LoginDenied {
		// A denial that was written alone (denyAnyway) was one all the same.
		conditions.False(string(v1alpha1.LoginReasonForcedOffline), "").Set(&status.Conditions, v1alpha1.LoginAllowedCondition, generation, now)
	}
	for _, condition := range []struct {
		name string
		conditions.Verdict
		present bool
	}{
		{v1alpha1.ReadyCondition, memberReady(observed, verdicts), true},
		{v1alpha1.CredentialsIssuedCondition, verdicts.issued, true},
		{v1alpha1.PasswordMailedCondition, verdicts.mailed, true},
		{v1alpha1.LoginAllowedCondition, login, true},
		{v1alpha1.SkillGroupsJoinedCondition, verdicts.joined, true},
		{v1alpha1.PermissionsGrantedCondition, verdicts.granted, verdicts.granted.Reason != ""},
		{v1alpha1.LicenseAssignedCondition, verdicts.licensed, verdicts.licensed.Reason != ""},
		{v1alpha1.PlacementResolvedCondition, verdicts.placed, verdicts.placed.Reason != ""},
	} {
		if condition.present {
			condition.Set(&status.Conditions, condition.name, generation, now)
		} else {
			conditions.Remove(&status.Conditions, condition.name)
		}
	}
	if stalled := memberStalled(observed, verdicts); stalled.Holds {
		stalled.Set(&status.Conditions, v1alpha1.StalledCondition, generation, now)
	} else {
		conditions.Remove(&status.Conditions, v1alpha1.StalledCondition)
	}
}

// credentialsIssued is whether the Secret holds the current password.
func credentialsIssued(observed Observation, outcome Outcome) conditions.Verdict {
	name := observed.Member.CredentialsSecretName()
	switch {
	case IsDuplicate(observed):
		return conditions.False(v1alpha1.ReasonDuplicate, fmt.Sprintf(
			"%s holds the e-mail address %s: delete one of the two", rival(observed.Rivals.Email), observed.Member.Spec.Email))
	case outcome.Secret.Valid():
		return conditions.True(v1alpha1.ReasonIssued, fmt.Sprintf("Secret %s holds the current password", name))
	case outcome.Secret.Ownership == credentials.Foreign:
		return conditions.False(v1alpha1.ReasonSecretConflict, fmt.Sprintf(
			"Secret %s exists and does not belong to this Member: it is not touched; delete it, and the password is issued within a minute", name))
	case isDeleting(observed):
		return conditions.False(v1alpha1.ReasonDeleting, "the Member is being deleted")
	case observed.Center == nil:
		return conditions.False(v1alpha1.ReasonNoContactCenter, noContactCenterMessage)
	case outcome.SecretProblem != "":
		return conditions.False(v1alpha1.ReasonNotIssued, stillFailing(observed, v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonNotIssued,
			fmt.Sprintf("Secret %s could not be written, and is tried again: %s", name, outcome.SecretProblem)))
	default:
		return conditions.False(v1alpha1.ReasonNotIssued, fmt.Sprintf("Secret %s is about to be written", name))
	}
}

// stillFailing says why something of a Member could not be written.
func stillFailing(observed Observation, condition, reason, message string) string {
	return conditions.KeepMessage(observed.Member.Status.Conditions, observed.Member.Generation, condition, reason, message)
}

const noContactCenterMessage = "this namespace has no ContactCenter named default: create one, and passwords are issued and mailed"

// skillGroupsJoined is whether every group asked for exists.
func skillGroupsJoined(observed Observation) conditions.Verdict {
	if len(observed.UnknownGroups) == 0 {
		return conditions.True(v1alpha1.ReasonJoined, "every SkillGroup asked for exists")
	}
	from := "spec.skillGroups"
	if slices.ContainsFunc(observed.Resolved.Groups, func(g v1alpha1.SkillGroupReference) bool { return slices.Contains(observed.UnknownGroups, g.Name) }) {
		from += ", or of the MemberTemplate that names it"
	}
	return conditions.False(v1alpha1.ReasonSkillGroupNotFound, fmt.Sprintf(
		"no SkillGroup in this namespace is named %s: create it, or take it out of %s", strings.Join(observed.UnknownGroups, ", "), from))
}

// memberReady sums up. A login denied by the spec is what the spec asks for, so
// it does not count against it.
func memberReady(observed Observation, is verdicts) conditions.Verdict {
	switch {
	case isDeleting(observed):
		return conditions.False(v1alpha1.ReasonDeleting, "the Member is being deleted")
	case !is.issued.Holds:
		return is.issued
	case observed.Center == nil:
		return conditions.False(v1alpha1.ReasonNoContactCenter, noContactCenterMessage)
	case licenseDiffers(observed, is.licensed):
		return is.licensed
	case observed.Center.Spec.Mail != nil && !is.mailed.Holds && is.mailed.Reason != v1alpha1.ReasonHeld:
		return is.mailed
	default:
		return memberSettled(is)
	}
}

// memberSettled sums up what comes after password and mail.
func memberSettled(is verdicts) conditions.Verdict {
	switch {
	case !is.joined.Holds:
		return is.joined
	case is.placed.Reason != "" && !is.placed.Holds:
		return is.placed
	case permissionsDiffer(is.granted):
		return conditions.False(is.granted.Reason, is.granted.Message)
	default:
		return conditions.True(v1alpha1.ReasonReady, "all that the spec asks for is done")
	}
}

// memberStalled is whether only a change by a person can help.
func memberStalled(observed Observation, is verdicts) conditions.Verdict {
	spec, held := &observed.Member.Spec, observed.Claims
	switch {
	case isDeleting(observed):
		return conditions.Verdict{}
	case is.issued.Reason == v1alpha1.ReasonDuplicate, is.issued.Reason == v1alpha1.ReasonSecretConflict:
		return conditions.True(is.issued.Reason, is.issued.Message)
	case is.granted.Reason == v1alpha1.ReasonRoleBindingConflict:
		return conditions.True(is.granted.Reason, is.granted.Message)
	case is.mailed.Reason == v1alpha1.ReasonRejected:
		return conditions.True(is.mailed.Reason, is.mailed.Message)
	case spec.AgentID != held.AgentID:
		return conditions.True(v1alpha1.ReasonDuplicateAgentID, fmt.Sprintf(
			"%s holds the agent ID %s: delete one of the two and add it again with another agentID", rival(observed.Rivals.AgentID), spec.AgentID))
	case spec.Extension != held.Extension:
		return conditions.True(v1alpha1.ReasonDuplicateExtension, fmt.Sprintf(
			"%s holds the extension %s: change spec.extension of one of the two", rival(observed.Rivals.Extension), spec.Extension))
	default:
		return conditions.Verdict{}
	}
}

// rival names another Member for people.
func rival(name string) string {
	if name == "" {
		return "another Member of this namespace"
	}
	return "Member " + name
}
