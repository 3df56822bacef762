package controllers

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// memberEvent is something out of the ordinary, or done by somebody, for people
// who look at a Member. It has no password in it.
type memberEvent struct {
	kind, reason, action, message string
}

// maxNoteLength is what the API server lets an event say, in bytes.
const maxNoteLength = 1024

// note is the message, shortened to what an event may say.
func (e memberEvent) note() string {
	if len(e.message) <= maxNoteLength {
		return e.message
	}
	return strings.ToValidUTF8(e.message[:maxNoteLength-len("…")], "") + "…"
}

// memberEvents are what a reconcile is worth telling: what differs between the
// status before and after it. The status is written before they are sent, so
// each comes once.
func memberEvents(before, after *v1alpha1.Member, secret secretFacts) []memberEvent {
	events := issueEvents(before, after, secret)
	events = append(events, loginEvents(before, after)...)
	events = append(events, licenseEvents(before, after)...)
	for _, warned := range []struct{ condition, reason, action string }{
		{v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonSecretConflict, "Issue"},
		{v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonDuplicate, "Issue"},
		{v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonRoleBindingConflict, "Grant"},
		{v1alpha1.StalledCondition, v1alpha1.ReasonDuplicateAgentID, "Claim"},
		{v1alpha1.StalledCondition, v1alpha1.ReasonDuplicateExtension, "Claim"},
	} {
		if message, came := conditionCame(before, after, warned.condition, warned.reason); came {
			events = append(events, memberEvent{corev1.EventTypeWarning, warned.reason, warned.action, message})
		}
	}
	if message, came := conditionCame(before, after, v1alpha1.PasswordMailedCondition, v1alpha1.ReasonRejected); came && !sameAttempt(before, after) {
		events = append(events, memberEvent{corev1.EventTypeWarning, "MailRejected", "Mail", message})
	}
	if message, came := conditionCame(before, after, v1alpha1.PasswordMailedCondition, v1alpha1.ReasonAdopted); came {
		events = append(events, memberEvent{corev1.EventTypeNormal, "CredentialsAdopted", "Adopt", message})
	}
	return events
}

// issueEvents tell why a password was replaced. A first one is nothing special,
// and of one that was adopted its condition tells.
func issueEvents(before, after *v1alpha1.Member, secret secretFacts) []memberEvent {
	was, is := before.Status.Credentials, after.Status.Credentials
	if was == nil || is == nil || was.IssueID == is.IssueID || secret.adopted {
		return nil
	}
	if secret.issuedFor == v1alpha1.IssuedForReset {
		return []memberEvent{{
			corev1.EventTypeNormal, "PasswordReset", "Reset",
			fmt.Sprintf("issued a new password for spec.passwordReset %q; the old one is invalid", is.PasswordReset),
		}}
	}
	return []memberEvent{{
		corev1.EventTypeWarning, "CredentialsRepaired", "Repair",
		fmt.Sprintf("Secret %s was deleted or changed by somebody: issued a new password; the old one is invalid", is.SecretName),
	}}
}

// loginEvents tell of members forced offline and restored.
func loginEvents(before, after *v1alpha1.Member) []memberEvent {
	was, is := before.Status.LoginReason, after.Status.LoginReason
	message := loginMessage(after, is)
	switch {
	case was == is:
		return nil
	case is == v1alpha1.LoginReasonForcedOffline:
		return []memberEvent{{corev1.EventTypeNormal, "ForcedOffline", "ForceOffline", message}}
	case was != v1alpha1.LoginReasonForcedOffline:
		return nil
	case is == v1alpha1.LoginReasonForceOfflineExpired:
		return []memberEvent{{corev1.EventTypeNormal, "ForceOfflineExpired", "RestoreOnline", message}}
	case is == v1alpha1.LoginReasonActive:
		return []memberEvent{{corev1.EventTypeNormal, "RestoredOnline", "RestoreOnline", message}}
	default:
		return nil
	}
}

// licenseEvents tell of a login that was lost for want of a licence, and of a seat that
// was waited for.
func licenseEvents(before, after *v1alpha1.Member) []memberEvent {
	if before.Status.Login == v1alpha1.LoginAllowed && after.Status.LoginReason == v1alpha1.LoginReasonNoLicense {
		message := loginMessage(after, after.Status.LoginReason)
		if assigned := apimeta.FindStatusCondition(after.Status.Conditions, v1alpha1.LicenseAssignedCondition); assigned != nil {
			message = "login is denied for want of a licence: " + assigned.Message
		}
		return []memberEvent{{corev1.EventTypeWarning, "LicenseMissing", "License", message}}
	}
	message, came := conditionCame(before, after, v1alpha1.LicenseAssignedCondition, v1alpha1.ReasonAssigned)
	if came && conditionHasReason(before.Status.Conditions, v1alpha1.LicenseAssignedCondition, v1alpha1.ReasonNoSeat) {
		return []memberEvent{{corev1.EventTypeNormal, "LicenseAssigned", "License", message}}
	}
	return nil
}

// sameAttempt is whether the last attempt at a letter was there before: then a
// rejection that shows again, because mail was taken away and given back, is old.
func sameAttempt(before, after *v1alpha1.Member) bool {
	was, is := before.Status.Mail, after.Status.Mail
	return was != nil && is != nil && was.Attempts == is.Attempts && was.Settings == is.Settings && was.LastError == is.LastError
}

// conditionCame is whether a condition has a reason that it did not have before.
func conditionCame(before, after *v1alpha1.Member, conditionType, reason string) (message string, came bool) {
	if conditionHasReason(before.Status.Conditions, conditionType, reason) {
		return "", false
	}
	for _, condition := range after.Status.Conditions {
		if condition.Type == conditionType && condition.Reason == reason {
			return condition.Message, true
		}
	}
	return "", false
}
