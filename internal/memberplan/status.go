package memberplan

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/mail"
)

// Outcome is how a reconcile went.
type Outcome struct {
	// secret and binding describe Secret and RoleBinding after the writes.
	Secret  credentials.Facts
	Binding Binding
	// granted is what the RoleBinding is to give.
	Granted Permissions
	// secretProblem and bindingProblem are what kept them from being written, for
	// people; empty if nothing did.
	SecretProblem, BindingProblem string
}

// Status derives the whole status from what was observed and done.
func Status(observed Observation, outcome Outcome) v1alpha1.MemberStatus {
	status := *observed.Member.Status.DeepCopy()
	status.ObservedGeneration = observed.Member.Generation
	status.Credentials = credentialsStatus(observed, outcome)
	status.Mail = mailStatus(observed, status.Credentials, outcome)
	status.Claims = claimsStatus(observed.Claims)
	status.SkillGroups = observed.Groups
	placeStatus(&status, observed)
	status.Login, status.LoginReason = loginStatus(observed, outcome)
	setMemberConditions(&status, observed, outcome)
	return status
}

// credentialsStatus describes the current password. While there is none, what
// was known of the last one stays.
func credentialsStatus(observed Observation, outcome Outcome) *v1alpha1.CredentialsStatus {
	known := observed.Member.Status.Credentials
	secret := outcome.Secret
	if !secret.Valid() {
		return known
	}
	issuedAt := metav1.NewTime(observed.Now).Rfc3339Copy()
	if known != nil && known.IssueID == secret.IssueID {
		issuedAt = known.IssuedAt
	}
	return &v1alpha1.CredentialsStatus{
		SecretName:    observed.Member.CredentialsSecretName(),
		IssueID:       secret.IssueID,
		Issue:         secret.Issue,
		IssuedAt:      issuedAt,
		PasswordReset: secret.PasswordReset,
	}
}

// mailStatus is the ledger of what was mailed.
func mailStatus(observed Observation, credentials *v1alpha1.CredentialsStatus, outcome Outcome) *v1alpha1.MailStatus {
	if credentials == nil {
		return observed.Member.Status.Mail
	}
	ledger := v1alpha1.MailStatus{}
	if known := observed.Member.Status.Mail; known != nil {
		ledger = *known.DeepCopy()
	}
	known := observed.Member.Status.Credentials
	if known == nil || known.IssueID != credentials.IssueID {
		// The attempts and errors so far were about another password.
		ledger.Attempts, ledger.NextAttemptAt, ledger.LastError = 0, nil, ""
	}
	if (known == nil || known.IssueID != credentials.IssueID) && outcome.Secret.Adopted {
		ledger = v1alpha1.MailStatus{IssueID: credentials.IssueID}
	}
	enterResult(&ledger, observed.Result, credentials.IssueID)
	if ledger == (v1alpha1.MailStatus{}) {
		return nil
	}
	return &ledger
}

// enterResult writes what became of a letter into the ledger.
func enterResult(ledger *v1alpha1.MailStatus, result *mail.Result, issueID string) {
	if result == nil || result.IssueID != issueID {
		return
	}
	ledger.Attempts = attempts(*result)
	ledger.LastError = result.Error
	ledger.Settings = result.Settings
	ledger.NextAttemptAt = nil
	switch result.Outcome {
	case mail.Accepted:
		at := metav1.NewTime(result.At).Rfc3339Copy()
		ledger.IssueID, ledger.MessageID, ledger.AcceptedAt = result.IssueID, result.MessageID, &at
	case mail.Retrying:
		at := metav1.NewTime(result.NextAttemptAt).Rfc3339Copy()
		ledger.NextAttemptAt = &at
	case mail.Rejected:
	}
}

// claimsStatus is nil for a Member that holds nothing.
func claimsStatus(claims v1alpha1.Claims) *v1alpha1.Claims {
	if claims == (v1alpha1.Claims{}) {
		return nil
	}
	return &claims
}

// loginStatus decides whether the member may log in. Whatever speaks against it
// wins.
func loginStatus(observed Observation, outcome Outcome) (v1alpha1.LoginState, v1alpha1.LoginReason) {
	denial := observed.Member.DeniesLogin(observed.Now)
	switch {
	case denial != "":
		return v1alpha1.LoginDenied, denial
	case IsDuplicate(observed):
		return v1alpha1.LoginDenied, v1alpha1.LoginReasonDuplicate
	case !outcome.Secret.Valid():
		return v1alpha1.LoginDenied, v1alpha1.LoginReasonNotIssued
	case lacksLicense(observed):
		return v1alpha1.LoginDenied, v1alpha1.LoginReasonNoLicense
	case observed.Member.Spec.ForceOfflineUntil != nil:
		return v1alpha1.LoginAllowed, v1alpha1.LoginReasonForceOfflineExpired
	default:
		return v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive
	}
}

// loginMessage says the same for people.
func loginMessage(member *v1alpha1.Member, reason v1alpha1.LoginReason) string {
	switch reason {
	case v1alpha1.LoginReasonActive:
		return "the member may log in"
	case v1alpha1.LoginReasonForceOfflineExpired:
		return fmt.Sprintf("the member may log in again since forceOfflineUntil, %s", utc(member.Spec.ForceOfflineUntil))
	case v1alpha1.LoginReasonForcedOffline:
		return forcedOfflineMessage(&member.Spec)
	case v1alpha1.LoginReasonInactive:
		return "login is denied while spec.active is false"
	case v1alpha1.LoginReasonNotIssued:
		return "login is denied because there is no valid password; see the condition CredentialsIssued"
	case v1alpha1.LoginReasonDuplicate:
		return fmt.Sprintf("login is denied because another Member holds the e-mail address %s", member.Spec.Email)
	case v1alpha1.LoginReasonNoLicense:
		return "login is denied for want of a licence; see the condition LicenseAssigned"
	case v1alpha1.LoginReasonDeleting:
		return "login is denied because the Member is being deleted"
	default:
		return ""
	}
}

// forcedOfflineMessage says until when and why.
func forcedOfflineMessage(spec *v1alpha1.MemberSpec) string {
	message := "login is denied until spec.forceOffline is removed"
	switch {
	case !spec.ForceOffline:
		message = "login is denied until " + utc(spec.ForceOfflineUntil)
	case spec.ForceOfflineUntil != nil:
		message += ", and until " + utc(spec.ForceOfflineUntil) + " in any case"
	}
	if spec.ForceOfflineReason != "" {
		message += "; reason: " + spec.ForceOfflineReason
	}
	return message
}

// utc writes a time for people.
func utc(at *metav1.Time) string {
	return at.UTC().Format(time.RFC3339)
}
