package memberplan

import (
	"fmt"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/mail"
)

// WantsMail reports whether the current password is to be mailed now. The Member is the one that was
// written after the observation.
func WantsMail(observed Observation, after *v1alpha1.Member) bool {
	if after.Status.Credentials == nil || observed.Center == nil || observed.Center.Spec.Mail == nil {
		return false
	}
	issued := apimeta.IsStatusConditionTrue(after.Status.Conditions, v1alpha1.CredentialsIssuedCondition)
	if observed.denial(after, issued) != "" {
		return false
	}
	return conditions.HasReason(after.Status.Conditions, v1alpha1.PasswordMailedCondition, v1alpha1.ReasonPending) ||
		conditions.HasReason(after.Status.Conditions, v1alpha1.PasswordMailedCondition, v1alpha1.ReasonRetrying)
}

// passwordMailed reports whether the current password was mailed.
func passwordMailed(status *v1alpha1.MemberStatus, observed Observation, outcome Outcome) conditions.Verdict {
	switch {
	case status.Credentials == nil || !outcome.Secret.Valid():
		return conditions.False(v1alpha1.ReasonPending, "There is no password to mail yet.")
	case status.Mail != nil && status.Mail.IssueID == status.Credentials.IssueID:
		return alreadyMailed(status.Mail, observed)
	case observed.IsDuplicate():
		return conditions.False(v1alpha1.ReasonPending, "Nothing is mailed while another Member holds the e-mail address.")
	case observed.Center == nil:
		return conditions.False(v1alpha1.ReasonPending, noContactCenterMessage)
	case observed.Center.Spec.Mail == nil:
		return conditions.False(v1alpha1.ReasonMailNotConfigured, "The ContactCenter has no spec.mail. Hand over the password yourself, or add spec.mail to have it mailed.")
	case observed.IsDeleting():
		return conditions.False(v1alpha1.ReasonHeld, "The Member is being deleted, so nothing is mailed.")
	case isRejected(status, observed):
		return conditions.False(v1alpha1.ReasonRejected, conditions.Sentence(status.Mail.LastError)+" Check the address: delete the member and add it again with the right one, or set spec.passwordReset to try once more.")
	default:
		return waitingForMail(status, observed, outcome)
	}
}

// alreadyMailed says how the current password came to count as mailed.
func alreadyMailed(record *v1alpha1.MailStatus, observed Observation) conditions.Verdict {
	if record.MessageID == "" {
		return conditions.True(v1alpha1.ReasonAdopted, "The Secret held this password already, from a backup or an earlier Member, so it was not mailed again.")
	}
	return conditions.True(v1alpha1.ReasonMailed, fmt.Sprintf("The mail server accepted the e-mail to %s.", observed.Member.Spec.Email))
}

// isRejected reports whether the mail server rejected the e-mail, with the current settings.
func isRejected(status *v1alpha1.MemberStatus, observed Observation) bool {
	if result := observed.Result; result != nil && result.IssueID == status.Credentials.IssueID {
		return result.Outcome == mail.Rejected && !settingsChanged(status, observed)
	}
	// The record of an e-mail that is tried again has a time for the next attempt.
	record := status.Mail
	return record != nil && record.LastError != "" && record.NextAttemptAt == nil && !settingsChanged(status, observed)
}

// settingsChanged reports whether there are mail settings that this e-mail was not tried with. While no
// settings are known, nothing has changed.
func settingsChanged(status *v1alpha1.MemberStatus, observed Observation) bool {
	current := observed.MailServer.Settings
	return current != "" && status.Mail != nil && current != status.Mail.Settings
}

// waitingForMail tells an e-mail that is held from one that waits for its turn or for the mail server.
// Once an e-mail waits for the mail server, reason and message stay: an outage of hours is not written
// to every Member again and again.
func waitingForMail(status *v1alpha1.MemberStatus, observed Observation, outcome Outcome) conditions.Verdict {
	switch observed.denial(observed.Member, outcome.Secret.Valid()) {
	case "":
	case v1alpha1.LoginReasonNoLicense:
		return conditions.False(v1alpha1.ReasonHeld, "Login denied: no license. The e-mail waits until there is one.")
	default:
		return conditions.False(v1alpha1.ReasonHeld, "The spec denies login, so the e-mail waits until login is allowed again.")
	}
	if record := status.Mail; record != nil && record.Attempts > 0 && record.LastError != "" {
		return conditions.False(v1alpha1.ReasonRetrying, conditions.Sentence(record.LastError)+" The operator tries again.")
	}
	before := apimeta.FindStatusCondition(observed.Member.Status.Conditions, v1alpha1.PasswordMailedCondition)
	if before != nil && before.Reason == v1alpha1.ReasonRetrying && sameIssue(observed.Member.Status.Credentials, status.Credentials) {
		return conditions.False(before.Reason, before.Message)
	}
	if observed.MailServer.Failed != nil {
		return conditions.False(v1alpha1.ReasonRetrying, "The e-mail waits for the mail server: see MailReady of the ContactCenter.")
	}
	return conditions.False(v1alpha1.ReasonPending, "The e-mail waits for its turn, or for MailReady of the ContactCenter.")
}

// mailStatus returns the record of what was mailed.
func mailStatus(observed Observation, credentials *v1alpha1.CredentialsStatus, adopted bool) *v1alpha1.MailStatus {
	if credentials == nil {
		return observed.Member.Status.Mail
	}
	record := ptr.Deref(observed.Member.Status.Mail.DeepCopy(), v1alpha1.MailStatus{})
	if !sameIssue(observed.Member.Status.Credentials, credentials) {
		// The attempts and errors so far were about another password.
		record.Attempts, record.NextAttemptAt, record.LastError = 0, nil, ""
		if adopted {
			record = v1alpha1.MailStatus{IssueID: credentials.IssueID}
		}
	}
	recordResult(&record, observed.Result, credentials.IssueID)
	if record == (v1alpha1.MailStatus{}) {
		return nil
	}
	return &record
}

// sameIssue reports whether two descriptions are of the same password.
func sameIssue(a, b *v1alpha1.CredentialsStatus) bool {
	return a != nil && b != nil && a.IssueID == b.IssueID
}

// recordResult enters the result of an e-mail about a password into the mail record.
func recordResult(record *v1alpha1.MailStatus, result *mail.Result, issueID string) {
	if result == nil || result.IssueID != issueID {
		return
	}
	record.Attempts = attempts(*result)
	record.LastError = result.Error
	record.Settings = result.Settings
	record.NextAttemptAt = nil
	switch result.Outcome {
	case mail.Accepted:
		at := metav1.NewTime(result.At).Rfc3339Copy()
		record.IssueID, record.MessageID, record.AcceptedAt = result.IssueID, result.MessageID, &at
	case mail.Retrying:
		at := metav1.NewTime(result.NextAttemptAt).Rfc3339Copy()
		record.NextAttemptAt = &at
	case mail.Rejected:
	}
}

// IsRecorded reports whether the mail record of a Member has a result.
func IsRecorded(status *v1alpha1.MemberStatus, result mail.Result) bool {
	record, credentials := status.Mail, status.Credentials
	// A status about another password may be stale, so it tells nothing.
	if record == nil || credentials == nil || credentials.IssueID != result.IssueID {
		return false
	}
	if result.Outcome == mail.Accepted {
		return record.IssueID == result.IssueID
	}
	return record.Attempts == attempts(result) && record.Settings == result.Settings
}

// attempts returns the number of attempts within the bound of the status.
func attempts(result mail.Result) int32 {
	return int32(min(result.Attempts, 1<<30)) //nolint:gosec // bounded here
}

// IsMailed reports whether the mail record shows the e-mail about a password as accepted.
func IsMailed(member *v1alpha1.Member, issueID string) bool {
	return member.Status.Mail != nil && member.Status.Mail.IssueID == issueID
}
