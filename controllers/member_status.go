package controllers

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
)

// memberOutcome is how a reconcile went.
type memberOutcome struct {
	// secret and binding describe Secret and RoleBinding after the writes.
	secret  secretFacts
	binding bindingFacts
	// granted is what the RoleBinding is to give.
	granted permissions
	// secretProblem and bindingProblem are what kept them from being written, for
	// people; empty if nothing did.
	secretProblem, bindingProblem string
}

// memberStatus derives the whole status from what was observed and done.
func memberStatus(observed memberObservation, outcome memberOutcome) v1alpha1.MemberStatus {
	status := *observed.member.Status.DeepCopy()
	status.ObservedGeneration = observed.member.Generation
	status.Credentials = credentialsStatus(observed, outcome)
	status.Mail = mailStatus(observed, status.Credentials, outcome)
	status.Claims = claimsStatus(observed.claims)
	status.SkillGroups = observed.groups
	placeStatus(&status, observed)
	status.Login, status.LoginReason = loginStatus(observed, outcome)
	setMemberConditions(&status, observed, outcome)
	return status
}

// credentialsStatus describes the current password. While there is none, what
// was known of the last one stays.
func credentialsStatus(observed memberObservation, outcome memberOutcome) *v1alpha1.CredentialsStatus {
	known := observed.member.Status.Credentials
	secret := outcome.secret
	if !secret.valid() {
		return known
	}
	issuedAt := metav1.NewTime(observed.now).Rfc3339Copy()
	if known != nil && known.IssueID == secret.issueID {
		issuedAt = known.IssuedAt
	}
	return &v1alpha1.CredentialsStatus{
		SecretName:    observed.member.CredentialsSecretName(),
		IssueID:       secret.issueID,
		Issue:         secret.issue,
		IssuedAt:      issuedAt,
		PasswordReset: secret.passwordReset,
	}
}

// mailStatus is the ledger of what was mailed.
func mailStatus(observed memberObservation, credentials *v1alpha1.CredentialsStatus, outcome memberOutcome) *v1alpha1.MailStatus {
	if credentials == nil {
		return observed.member.Status.Mail
	}
	ledger := v1alpha1.MailStatus{}
	if known := observed.member.Status.Mail; known != nil {
		ledger = *known.DeepCopy()
	}
	known := observed.member.Status.Credentials
	if known == nil || known.IssueID != credentials.IssueID {
		// The attempts and errors so far were about another password.
		ledger.Attempts, ledger.NextAttemptAt, ledger.LastError = 0, nil, ""
	}
	if (known == nil || known.IssueID != credentials.IssueID) && outcome.secret.adopted {
		ledger = v1alpha1.MailStatus{IssueID: credentials.IssueID}
	}
	enterResult(&ledger, observed.result, credentials.IssueID)
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

// settled is whether the ledger of a Member has a result.
func settled(status *v1alpha1.MemberStatus, result mail.Result) bool {
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

// claimsStatus is nil for a Member that holds nothing.
func claimsStatus(claims v1alpha1.Claims) *v1alpha1.Claims {
	if claims == (v1alpha1.Claims{}) {
		return nil
	}
	return &claims
}

// loginStatus decides whether the member may log in. Whatever speaks against it
// wins.
func loginStatus(observed memberObservation, outcome memberOutcome) (v1alpha1.LoginState, v1alpha1.LoginReason) {
	denial := observed.member.DeniesLogin(observed.now)
	switch {
	case denial != "":
		return v1alpha1.LoginDenied, denial
	case isDuplicate(observed):
		return v1alpha1.LoginDenied, v1alpha1.LoginReasonDuplicate
	case !outcome.secret.valid():
		return v1alpha1.LoginDenied, v1alpha1.LoginReasonNotIssued
	case lacksLicense(observed):
		return v1alpha1.LoginDenied, v1alpha1.LoginReasonNoLicense
	case observed.member.Spec.ForceOfflineUntil != nil:
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
