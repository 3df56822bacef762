package memberplan

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
)

// mailStatus returns the record of what was mailed.
func mailStatus(observed Observation, credentials *v1alpha1.CredentialsStatus, adopted bool) *v1alpha1.MailStatus {
	if credentials == nil {
		return observed.Member.Status.Mail
	}
	record := v1alpha1.MailStatus{}
	if known := observed.Member.Status.Mail; known != nil {
		record = *known.DeepCopy()
	}
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
