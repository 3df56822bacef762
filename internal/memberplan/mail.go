package memberplan

import (
	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/mail"
)

// WantsMail is whether the current password is to be mailed now.
func WantsMail(observed Observation, after *v1alpha1.Member) bool {
	if after.Status.Credentials == nil || observed.Center == nil || observed.Center.Spec.Mail == nil {
		return false
	}
	if after.DeniesLogin(observed.Now) != "" || lacksLicense(observed) || !apimeta.IsStatusConditionTrue(after.Status.Conditions, v1alpha1.CredentialsIssuedCondition) {
		return false
	}
	return conditions.HasReason(after.Status.Conditions, v1alpha1.PasswordMailedCondition, v1alpha1.ReasonPending) ||
		conditions.HasReason(after.Status.Conditions, v1alpha1.PasswordMailedCondition, v1alpha1.ReasonRetrying)
}

// IsMailed is whether the ledger shows the letter about a password as accepted.
func IsMailed(member *v1alpha1.Member, issueID string) bool {
	return member.Status.Mail != nil && member.Status.Mail.IssueID == issueID
}

// IsRecorded is whether the ledger of a Member has a result.
func IsRecorded(status *v1alpha1.MemberStatus, result mail.Result) bool {
	ledger, credentials := status.Mail, status.Credentials
	// A status about another password may just be behind, so it settles nothing.
	if ledger == nil || credentials == nil || credentials.IssueID != result.IssueID {
		return false
	}
	if result.Outcome == mail.Accepted {
		return ledger.IssueID == result.IssueID
	}
	return ledger.Attempts == attempts(result) && ledger.Settings == result.Settings
}

// attempts is the number of attempts as the ledger has it.
func attempts(result mail.Result) int32 {
	return int32(min(result.Attempts, 1<<30)) //nolint:gosec // bounded here
}
