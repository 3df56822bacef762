package controllers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// verdict is what a condition says.
type verdict struct {
	holds           bool
	reason, message string
}

// yes and no make verdicts.
func yes(reason, message string) verdict {
	return verdict{holds: true, reason: reason, message: message}
}

func no(reason, message string) verdict { return verdict{reason: reason, message: message} }

// maxMessageLength is the bound of a condition's message, in characters.
const maxMessageLength = 4096

// set writes a verdict into a list of conditions.
func (v verdict) set(conditions *[]metav1.Condition, conditionType string, generation int64, now metav1.Time) {
	status := metav1.ConditionFalse
	if v.holds {
		status = metav1.ConditionTrue
	}
	setCondition(conditions, metav1.Condition{
		Type: conditionType, Status: status, Reason: v.reason, Message: v.message,
		ObservedGeneration: generation, LastTransitionTime: now,
	})
}

// setCondition sets a condition whose message may be too long.
//
// Times of conditions have whole seconds, and yet a change is later than the one
// before it: by the time of LoginAllowed, the login gate tells the sessions from
// before a denial.
func setCondition(conditions *[]metav1.Condition, condition metav1.Condition) {
	before := apimeta.FindStatusCondition(*conditions, condition.Type)
	if before != nil && before.Status != condition.Status {
		if next := before.LastTransitionTime.Add(time.Second); next.After(condition.LastTransitionTime.Time) {
			condition.LastTransitionTime = metav1.NewTime(next)
		}
	}
	if runes := []rune(condition.Message); len(runes) > maxMessageLength {
		condition.Message = string(runes[:maxMessageLength-1]) + "…"
	}
	apimeta.SetStatusCondition(conditions, condition)
}

// memberVerdicts are what the conditions of a Member say that Ready and Stalled
// sum up.
type memberVerdicts struct {
	issued, mailed, joined verdict
	// granted has no reason where there is nothing to grant, licensed none where the
	// contact centre has no licences, and placed none where there is nothing to place.
	granted, licensed, placed verdict
}

// setMemberConditions derives every condition of a Member from the rest of its
// new status.
func setMemberConditions(status *v1alpha1.MemberStatus, observed memberObservation, outcome memberOutcome) {
	verdicts := memberVerdicts{
		issued:  credentialsIssued(observed, outcome),
		mailed:  passwordMailed(status, observed, outcome),
		joined:  skillGroupsJoined(observed),
		granted: permissionsGranted(status, observed, outcome),

		licensed: licenseAssigned(observed),
		placed:   placementResolved(observed.placement),
	}
	login := verdict{
		holds:   status.Login == v1alpha1.LoginAllowed,
		reason:  string(status.LoginReason),
		message: loginMessage(observed.member, status.LoginReason),
	}
	generation, now := observed.member.Generation, metav1.NewTime(observed.now).Rfc3339Copy()
	if observed.member.Status.Login == v1alpha1.LoginDenied {
		// A denial that was written alone (denyAnyway) was one all the same.
		no(string(v1alpha1.LoginReasonForcedOffline), "").set(&status.Conditions, v1alpha1.LoginAllowedCondition, generation, now)
	}
	for _, condition := range []struct {
		name string
		verdict
		present bool
	}{
		{v1alpha1.ReadyCondition, memberReady(observed, verdicts), true},
		{v1alpha1.CredentialsIssuedCondition, verdicts.issued, true},
		{v1alpha1.PasswordMailedCondition, verdicts.mailed, true},
		{v1alpha1.LoginAllowedCondition, login, true},
		{v1alpha1.SkillGroupsJoinedCondition, verdicts.joined, true},
		{v1alpha1.PermissionsGrantedCondition, verdicts.granted, verdicts.granted.reason != ""},
		{v1alpha1.LicenseAssignedCondition, verdicts.licensed, verdicts.licensed.reason != ""},
		{v1alpha1.PlacementResolvedCondition, verdicts.placed, verdicts.placed.reason != ""},
	} {
		if condition.present {
			condition.set(&status.Conditions, condition.name, generation, now)
		} else {
			removeCondition(&status.Conditions, condition.name)
		}
	}
	if stalled := memberStalled(observed, verdicts); stalled.holds {
		stalled.set(&status.Conditions, v1alpha1.StalledCondition, generation, now)
	} else {
		removeCondition(&status.Conditions, v1alpha1.StalledCondition)
	}
}

// removeCondition removes a condition. The library's function copies all the others
// even where there is nothing to remove.
func removeCondition(conditions *[]metav1.Condition, name string) {
	if apimeta.FindStatusCondition(*conditions, name) != nil {
		apimeta.RemoveStatusCondition(conditions, name)
	}
}

// credentialsIssued is whether the Secret holds the current password.
func credentialsIssued(observed memberObservation, outcome memberOutcome) verdict {
	name := observed.member.CredentialsSecretName()
	switch {
	case isDuplicate(observed):
		return no(v1alpha1.ReasonDuplicate, fmt.Sprintf(
			"%s holds the e-mail address %s: delete one of the two", rival(observed.rivals.Email), observed.member.Spec.Email))
	case outcome.secret.valid():
		return yes(v1alpha1.ReasonIssued, fmt.Sprintf("Secret %s holds the current password", name))
	case outcome.secret.standing == secretForeign:
		return no(v1alpha1.ReasonSecretConflict, fmt.Sprintf(
			"Secret %s exists and does not belong to this Member: it is not touched; delete it, and the password is issued within a minute", name))
	case isDeleting(observed):
		return no(v1alpha1.ReasonDeleting, "the Member is being deleted")
	case observed.center == nil:
		return no(v1alpha1.ReasonNoContactCenter, noContactCenterMessage)
	case outcome.secretProblem != "":
		return no(v1alpha1.ReasonNotIssued, stillFailing(observed, v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonNotIssued,
			fmt.Sprintf("Secret %s could not be written, and is tried again: %s", name, outcome.secretProblem)))
	default:
		return no(v1alpha1.ReasonNotIssued, fmt.Sprintf("Secret %s is about to be written", name))
	}
}

// stillFailing says why something of a Member could not be written.
func stillFailing(observed memberObservation, condition, reason, message string) string {
	return stillSaying(observed.member.Status.Conditions, observed.member.Generation, condition, reason, message)
}

// stillSaying is what a condition says of a failure: the same as before while its
// reason is, and the object, since an error whose words differ each time is not worth
// a write each time.
func stillSaying(conditions []metav1.Condition, generation int64, condition, reason, message string) string {
	before := apimeta.FindStatusCondition(conditions, condition)
	if before != nil && before.Reason == reason && before.ObservedGeneration == generation {
		return before.Message
	}
	return message
}

const noContactCenterMessage = "this namespace has no ContactCenter named default: create one, and passwords are issued and mailed"

// skillGroupsJoined is whether every group asked for exists.
func skillGroupsJoined(observed memberObservation) verdict {
	if len(observed.unknownGroups) == 0 {
		return yes(v1alpha1.ReasonJoined, "every SkillGroup asked for exists")
	}
	from := "spec.skillGroups"
	if slices.ContainsFunc(observed.resolved.groups, func(g v1alpha1.SkillGroupReference) bool { return slices.Contains(observed.unknownGroups, g.Name) }) {
		from += ", or of the MemberTemplate that names it"
	}
	return no(v1alpha1.ReasonSkillGroupNotFound, fmt.Sprintf(
		"no SkillGroup in this namespace is named %s: create it, or take it out of %s", strings.Join(observed.unknownGroups, ", "), from))
}

// memberReady sums up. A login denied by the spec is what the spec asks for, so
// it does not count against it.
func memberReady(observed memberObservation, is memberVerdicts) verdict {
	switch {
	case isDeleting(observed):
		return no(v1alpha1.ReasonDeleting, "the Member is being deleted")
	case !is.issued.holds:
		return is.issued
	case observed.center == nil:
		return no(v1alpha1.ReasonNoContactCenter, noContactCenterMessage)
	case licenseDiffers(observed, is.licensed):
		return is.licensed
	case observed.center.Spec.Mail != nil && !is.mailed.holds && is.mailed.reason != v1alpha1.ReasonHeld:
		return is.mailed
	default:
		return memberSettled(is)
	}
}

// memberSettled sums up what comes after password and mail.
func memberSettled(is memberVerdicts) verdict {
	switch {
	case !is.joined.holds:
		return is.joined
	case is.placed.reason != "" && !is.placed.holds:
		return is.placed
	case permissionsDiffer(is.granted):
		return no(is.granted.reason, is.granted.message)
	default:
		return yes(v1alpha1.ReasonReady, "all that the spec asks for is done")
	}
}

// memberStalled is whether only a change by a person can help.
func memberStalled(observed memberObservation, is memberVerdicts) verdict {
	spec, held := &observed.member.Spec, observed.claims
	switch {
	case isDeleting(observed):
		return verdict{}
	case is.issued.reason == v1alpha1.ReasonDuplicate, is.issued.reason == v1alpha1.ReasonSecretConflict:
		return yes(is.issued.reason, is.issued.message)
	case is.granted.reason == v1alpha1.ReasonRoleBindingConflict:
		return yes(is.granted.reason, is.granted.message)
	case is.mailed.reason == v1alpha1.ReasonRejected:
		return yes(is.mailed.reason, is.mailed.message)
	case spec.AgentID != held.AgentID:
		return yes(v1alpha1.ReasonDuplicateAgentID, fmt.Sprintf(
			"%s holds the agent ID %s: delete one of the two and add it again with another agentID", rival(observed.rivals.AgentID), spec.AgentID))
	case spec.Extension != held.Extension:
		return yes(v1alpha1.ReasonDuplicateExtension, fmt.Sprintf(
			"%s holds the extension %s: change spec.extension of one of the two", rival(observed.rivals.Extension), spec.Extension))
	default:
		return verdict{}
	}
}

// rival names another Member for people.
func rival(name string) string {
	if name == "" {
		return "another Member of this namespace"
	}
	return "Member " + name
}

// conditionHasReason is whether a condition is there with a reason.
func conditionHasReason(conditions []metav1.Condition, conditionType, reason string) bool {
	condition := apimeta.FindStatusCondition(conditions, conditionType)
	return condition != nil && condition.Reason == reason
}
