package memberplan

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/credentials"
)

// Event is something out of the ordinary, or done by somebody, for people
// who look at a Member. It has no password in it.
type Event struct {
	Kind, Reason, Action, Message string
}

// maxNoteLength is what the API server lets an event say, in bytes.
const maxNoteLength = 1024

// note is the message, shortened to what an event may say.
func (e Event) Note() string {
	if len(e.Message) <= maxNoteLength {
		return e.Message
	}
	return strings.ToValidUTF8(e.Message[:maxNoteLength-len("…")], "") + "…"
}

// Events are what a reconcile is worth telling: what differs between the
// status before and after it. The status is written before they are sent, so
// each comes once.
func Events(before, after *v1alpha1.Member, secret credentials.Facts) []Event {
	events := issueEvents(before, after, secret)
	events = append(events, LoginEvents(before, after)...)
	events = append(events, licenseEvents(before, after)...)
	for _, warned := range []struct{ condition, reason, action string }{
		{v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonSecretConflict, "Issue"},
		{v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonDuplicate, "Issue"},
		{v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonRoleBindingConflict, "Grant"},
		{v1alpha1.StalledCondition, v1alpha1.ReasonDuplicateAgentID, "Claim"},
		{v1alpha1.StalledCondition, v1alpha1.ReasonDuplicateExtension, "Claim"},
	} {
		if message, came := conditionCame(before, after, warned.condition, warned.reason); came {
			events = append(events, Event{corev1.EventTypeWarning, warned.reason, warned.action, message})
		}
	}
	if message, came := conditionCame(before, after, v1alpha1.PasswordMailedCondition, v1alpha1.ReasonRejected); came && !sameAttempt(before, after) {
		events = append(events, Event{corev1.EventTypeWarning, "MailRejected", "Mail", message})
	}
	if message, came := conditionCame(before, after, v1alpha1.PasswordMailedCondition, v1alpha1.ReasonAdopted); came {
		events = append(events, Event{corev1.EventTypeNormal, "CredentialsAdopted", "Adopt", message})
	}
	return events
}

// issueEvents tell why a password was replaced. A first one is nothing special,
// and of one that was adopted its condition tells.
func issueEvents(before, after *v1alpha1.Member, secret credentials.Facts) []Event {
	was, is := before.Status.Credentials, after.Status.Credentials
	if was == nil || is == nil || was.IssueID == is.IssueID || secret.Adopted {
		return nil
	}
	if secret.IssuedFor == v1alpha1.IssuedForReset {
		return []Event{{
			corev1.EventTypeNormal, "PasswordReset", "Reset",
			fmt.Sprintf("issued a new password for spec.passwordReset %q; the old one is invalid", is.PasswordReset),
		}}
	}
	return []Event{{
		corev1.EventTypeWarning, "CredentialsRepaired", "Repair",
		fmt.Sprintf("Secret %s was deleted or changed by somebody: issued a new password; the old one is invalid", is.SecretName),
	}}
}

// LoginEvents tell of members forced offline and restored.
func LoginEvents(before, after *v1alpha1.Member) []Event {
	was, is := before.Status.LoginReason, after.Status.LoginReason
	message := loginMessage(after, is)
	switch {
	case was == is:
		return nil
	case is == v1alpha1.LoginReasonForcedOffline:
		return []Event{{corev1.EventTypeNormal, "ForcedOffline", "ForceOffline", message}}
	case was != v1alpha1.LoginReasonForcedOffline:
		return nil
	case is == v1alpha1.LoginReasonForceOfflineExpired:
		return []Event{{corev1.EventTypeNormal, "ForceOfflineExpired", "RestoreOnline", message}}
	case is == v1alpha1.LoginReasonActive:
		return []Event{{corev1.EventTypeNormal, "RestoredOnline", "RestoreOnline", message}}
	default:
		return nil
	}
}

// licenseEvents tell of a login that was lost for want of a licence, and of a seat that
// was waited for.
func licenseEvents(before, after *v1alpha1.Member) []Event {
	if before.Status.Login == v1alpha1.LoginAllowed && after.Status.LoginReason == v1alpha1.LoginReasonNoLicense {
		message := loginMessage(after, after.Status.LoginReason)
		if assigned := apimeta.FindStatusCondition(after.Status.Conditions, v1alpha1.LicenseAssignedCondition); assigned != nil {
			message = "login is denied for want of a licence: " + assigned.Message
		}
		return []Event{{corev1.EventTypeWarning, "LicenseMissing", "License", message}}
	}
	message, came := conditionCame(before, after, v1alpha1.LicenseAssignedCondition, v1alpha1.ReasonAssigned)
	if came && conditions.HasReason(before.Status.Conditions, v1alpha1.LicenseAssignedCondition, v1alpha1.ReasonNoSeat) {
		return []Event{{corev1.EventTypeNormal, "LicenseAssigned", "License", message}}
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
	if conditions.HasReason(before.Status.Conditions, conditionType, reason) {
		return "", false
	}
	for _, condition := range after.Status.Conditions {
		if condition.Type == conditionType && condition.Reason == reason {
			return condition.Message, true
		}
	}
	return "", false
}
