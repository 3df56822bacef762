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

// maxNoteLength is the API server's bound for the note of an event, in bytes.
const maxNoteLength = 1024

// Event tells people of something unusual, or of something that an administrator did. It has no password
// in it.
type Event struct {
	Type, Reason, Action, Message string
}

func normal(reason, action, message string) []Event {
	return []Event{{corev1.EventTypeNormal, reason, action, message}}
}

func warning(reason, action, message string) []Event {
	return []Event{{corev1.EventTypeWarning, reason, action, message}}
}

// Note returns the message, shortened to the bound of an event's note.
func (e Event) Note() string {
	if len(e.Message) <= maxNoteLength {
		return e.Message
	}
	return strings.ToValidUTF8(e.Message[:maxNoteLength-len("…")], "") + "…"
}

// Events returns the events of a reconcile: what differs between the status before and after it. The
// status is written before events are sent, so each comes once.
func Events(before, after *v1alpha1.Member, secret credentials.Facts) []Event {
	events := issueEvents(before, after, secret)
	events = append(events, LoginEvents(before, after)...)
	events = append(events, licenseEvents(before, after)...)
	for _, about := range []struct{ condition, reason, action string }{
		{v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonSecretConflict, "Issue"},
		{v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonDuplicate, "Issue"},
		{v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonRoleBindingConflict, "Grant"},
		{v1alpha1.StalledCondition, v1alpha1.ReasonDuplicateAgentID, "Claim"},
		{v1alpha1.StalledCondition, v1alpha1.ReasonDuplicateExtension, "Claim"},
	} {
		if message, isNew := newReason(before, after, about.condition, about.reason); isNew {
			events = append(events, warning(about.reason, about.action, message)...)
		}
	}
	if message, isNew := newReason(before, after, v1alpha1.PasswordMailedCondition, v1alpha1.ReasonRejected); isNew && !sameAttempt(before, after) {
		events = append(events, warning("MailRejected", "Mail", message)...)
	}
	if message, isNew := newReason(before, after, v1alpha1.PasswordMailedCondition, v1alpha1.ReasonAdopted); isNew {
		events = append(events, normal("CredentialsAdopted", "Adopt", message)...)
	}
	return events
}

// issueEvents tell why a password was replaced. The first password is nothing unusual, and a condition
// tells of an adopted one.
func issueEvents(before, after *v1alpha1.Member, secret credentials.Facts) []Event {
	was, is := before.Status.Credentials, after.Status.Credentials
	if was == nil || is == nil || was.IssueID == is.IssueID || secret.Adopted {
		return nil
	}
	if secret.IssuedFor == v1alpha1.IssuedForReset {
		return normal("PasswordReset", "Reset", fmt.Sprintf("Issued a new password for spec.passwordReset %q. The old one is invalid.", is.PasswordReset))
	}
	return warning("CredentialsRepaired", "Repair",
		fmt.Sprintf("Secret %s was deleted or changed. Issued a new password; the old one is invalid.", is.SecretName))
}

// LoginEvents tell of members who are forced offline and restored online.
func LoginEvents(before, after *v1alpha1.Member) []Event {
	was, is := before.Status.LoginReason, after.Status.LoginReason
	message := loginMessage(after, is)
	switch {
	case was == is:
		return nil
	case is == v1alpha1.LoginReasonForcedOffline:
		return normal("ForcedOffline", "ForceOffline", message)
	case was != v1alpha1.LoginReasonForcedOffline:
		return nil
	case is == v1alpha1.LoginReasonForceOfflineExpired:
		return normal("ForceOfflineExpired", "RestoreOnline", message)
	case is == v1alpha1.LoginReasonActive:
		return normal("RestoredOnline", "RestoreOnline", message)
	default:
		return nil
	}
}

// licenseEvents tell of a login that was lost because there is no license, and of a seat after a wait.
func licenseEvents(before, after *v1alpha1.Member) []Event {
	if before.Status.Login == v1alpha1.LoginAllowed && after.Status.LoginReason == v1alpha1.LoginReasonNoLicense {
		message := loginMessage(after, after.Status.LoginReason)
		if assigned := apimeta.FindStatusCondition(after.Status.Conditions, v1alpha1.LicenseAssignedCondition); assigned != nil {
			message = "Login denied: no license. " + assigned.Message
		}
		return warning("LicenseMissing", "License", message)
	}
	message, isNew := newReason(before, after, v1alpha1.LicenseAssignedCondition, v1alpha1.ReasonAssigned)
	if isNew && conditions.HasReason(before.Status.Conditions, v1alpha1.LicenseAssignedCondition, v1alpha1.ReasonNoSeat) {
		return normal("LicenseAssigned", "License", message)
	}
	return nil
}

// sameAttempt reports whether the last attempt at an e-mail was known before: a rejection that shows
// again because mail was turned off and on is old.
func sameAttempt(before, after *v1alpha1.Member) bool {
	was, is := before.Status.Mail, after.Status.Mail
	return was != nil && is != nil && was.Attempts == is.Attempts && was.Settings == is.Settings && was.LastError == is.LastError
}

// newReason returns the message of a condition that has a reason which it did not have before.
func newReason(before, after *v1alpha1.Member, conditionType, reason string) (message string, isNew bool) {
	if conditions.HasReason(before.Status.Conditions, conditionType, reason) {
		return "", false
	}
	condition := apimeta.FindStatusCondition(after.Status.Conditions, conditionType)
	if condition == nil || condition.Reason != reason {
		return "", false
	}
	return condition.Message, true
}
