package memberplan

import (
	"fmt"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/mail"
)

// passwordMailed is whether the current password was mailed.
func passwordMailed(status *v1alpha1.MemberStatus, observed Observation, outcome Outcome) conditions.Verdict {
	switch {
	case status.Credentials == nil || !outcome.Secret.Valid():
		return conditions.False(v1alpha1.ReasonPending, "there is no password to mail yet")
	case status.Mail != nil && status.Mail.IssueID == status.Credentials.IssueID:
		return mailedAlready(status.Mail, observed)
	case IsDuplicate(observed):
		return conditions.False(v1alpha1.ReasonPending, "nothing is mailed while another Member holds the e-mail address")
	case observed.Center == nil:
		return conditions.False(v1alpha1.ReasonPending, noContactCenterMessage)
	case observed.Center.Spec.Mail == nil:
		return conditions.False(v1alpha1.ReasonMailNotConfigured, "the ContactCenter has no spec.mail: hand the password over yourself, or add it and the letter is sent")
	case isDeleting(observed):
		return conditions.False(v1alpha1.ReasonHeld, "the Member is being deleted, so nothing is mailed")
	case isRejected(status, observed):
		return conditions.False(v1alpha1.ReasonRejected, status.Mail.LastError+"; check the address: delete the member and add it again with the right one, or set spec.passwordReset to try once more")
	default:
		return letterWaits(status, observed)
	}
}

// mailedAlready says how the current password came to count as mailed.
func mailedAlready(ledger *v1alpha1.MailStatus, observed Observation) conditions.Verdict {
	if ledger.MessageID == "" {
		return conditions.True(v1alpha1.ReasonAdopted, "the password was in the Secret already, from a backup or a Member before, and was not mailed again")
	}
	return conditions.True(v1alpha1.ReasonMailed, fmt.Sprintf("the mail server accepted the letter to %s", observed.Member.Spec.Email))
}

// isRejected is whether the mail server refused the letter, and the settings are
// still those that it was refused with.
func isRejected(status *v1alpha1.MemberStatus, observed Observation) bool {
	if result := observed.Result; result != nil && result.IssueID == status.Credentials.IssueID {
		return result.Outcome == mail.Rejected && !settingsChanged(status, observed)
	}
	// The ledger of a letter that is tried again has a time for it.
	ledger := status.Mail
	return ledger != nil && ledger.LastError != "" && ledger.NextAttemptAt == nil && !settingsChanged(status, observed)
}

// settingsChanged is whether there are mail settings which this letter was not
// tried with. While none are known, nothing has changed.
func settingsChanged(status *v1alpha1.MemberStatus, observed Observation) bool {
	current := observed.MailServer.Settings
	return current != "" && status.Mail != nil && current != status.Mail.Settings
}

// sameIssue is whether the current password is the one that the last status was
// about.
func sameIssue(status *v1alpha1.MemberStatus, observed Observation) bool {
	known := observed.Member.Status.Credentials
	return known != nil && status.Credentials != nil && known.IssueID == status.Credentials.IssueID
}

// letterWaits tells a letter that is held from one that waits for its turn or for the
// mail server. Once it is the server's turn it stays so, and with the words
// there are, so that an outage of hours is not written to every Member each time.
func letterWaits(status *v1alpha1.MemberStatus, observed Observation) conditions.Verdict {
	switch {
	case observed.Member.DeniesLogin(observed.Now) != "":
		return conditions.False(v1alpha1.ReasonHeld, "login is denied by the spec, so the letter waits until it is allowed again")
	case lacksLicense(observed):
		return conditions.False(v1alpha1.ReasonHeld, "login is denied for want of a licence, so the letter waits until there is one")
	}
	ledger := status.Mail
	if ledger != nil && ledger.Attempts > 0 && ledger.LastError != "" {
		return conditions.False(v1alpha1.ReasonRetrying, ledger.LastError+"; tried again by itself")
	}
	before := apimeta.FindStatusCondition(observed.Member.Status.Conditions, v1alpha1.PasswordMailedCondition)
	if before != nil && before.Reason == v1alpha1.ReasonRetrying && sameIssue(status, observed) {
		return conditions.False(before.Reason, before.Message)
	}
	if failed := observed.MailServer.Failed; failed != nil {
		return conditions.False(v1alpha1.ReasonRetrying, "the letter waits for the mail server: see MailReady of the ContactCenter")
	}
	return conditions.False(v1alpha1.ReasonPending, "the letter waits for its turn, or for MailReady of the ContactCenter")
}
