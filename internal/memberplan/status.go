package memberplan

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/login"
)

// Outcome is the result of a reconcile's writes.
type Outcome struct {
	// Secret and Binding describe Secret and RoleBinding after the writes.
	Secret  credentials.Facts
	Binding Binding
	// Granted is what the RoleBinding grants.
	Granted Permissions
	// SecretProblem and BindingProblem are the errors of the writes, for people; empty for none.
	SecretProblem, BindingProblem string
}

// Status derives the whole status from what was observed and written.
func Status(observed Observation, outcome Outcome) v1alpha1.MemberStatus {
	before := &observed.Member.Status
	status := *before.DeepCopy()
	status.ObservedGeneration = observed.Member.Generation
	status.Credentials = credentialsStatus(observed, outcome.Secret)
	status.Mail = mailStatus(observed, status.Credentials, outcome.Secret.Adopted)
	status.Claims = claimsStatus(observed.Claims)
	status.SkillGroups = observed.Groups
	setAssignments(&status, observed)
	status.Login, status.LoginReason = loginStatus(observed, outcome.Secret.Valid())
	status.LoginAllowedSince = login.NextPeriod(before, status.Login == v1alpha1.LoginAllowed, observed.Now).DeepCopy()
	setConditions(&status, observed, outcome)
	return status
}

// credentialsStatus describes the current password. Without a valid one, the description of the last
// one stays.
func credentialsStatus(observed Observation, secret credentials.Facts) *v1alpha1.CredentialsStatus {
	known := observed.Member.Status.Credentials
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

// claimsStatus returns nil for a Member that holds nothing.
func claimsStatus(claims v1alpha1.Claims) *v1alpha1.Claims {
	if claims == (v1alpha1.Claims{}) {
		return nil
	}
	return &claims
}

// loginStatus returns whether the member may log in, and why.
func loginStatus(observed Observation, issued bool) (v1alpha1.LoginState, v1alpha1.LoginReason) {
	if denial := observed.denial(observed.Member, issued); denial != "" {
		return v1alpha1.LoginDenied, denial
	}
	if observed.Member.Spec.ForceOfflineUntil != nil {
		return v1alpha1.LoginAllowed, v1alpha1.LoginReasonForceOfflineExpired
	}
	return v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive
}

// loginMessage says the same for people.
func loginMessage(member *v1alpha1.Member, reason v1alpha1.LoginReason) string {
	switch reason {
	case v1alpha1.LoginReasonActive:
		return "The member may log in."
	case v1alpha1.LoginReasonForceOfflineExpired:
		return fmt.Sprintf("The member may log in again since %s, when forceOfflineUntil expired.", utc(member.Spec.ForceOfflineUntil))
	case v1alpha1.LoginReasonForcedOffline:
		return forcedOfflineMessage(&member.Spec)
	case v1alpha1.LoginReasonInactive:
		return "Login is denied while spec.active is false."
	case v1alpha1.LoginReasonNotIssued:
		return "Login is denied because there is no valid password: see the condition CredentialsIssued."
	case v1alpha1.LoginReasonDuplicate:
		return fmt.Sprintf("Login is denied because another Member holds the e-mail address %s.", member.Spec.Email)
	case v1alpha1.LoginReasonNoLicense:
		return "Login denied: no license. See the condition LicenseAssigned."
	case v1alpha1.LoginReasonDeleting:
		return "Login is denied because the Member is being deleted."
	default:
		return ""
	}
}

// forcedOfflineMessage says until when, and why.
func forcedOfflineMessage(spec *v1alpha1.MemberSpec) string {
	message := "Login is denied until spec.forceOffline is removed"
	switch {
	case !spec.ForceOffline:
		message = "Login is denied until " + utc(spec.ForceOfflineUntil)
	case spec.ForceOfflineUntil != nil:
		message += ", and at least until " + utc(spec.ForceOfflineUntil)
	}
	if spec.ForceOfflineReason != "" {
		return message + ". Reason: " + spec.ForceOfflineReason
	}
	return message + "."
}

// utc formats a time for people.
func utc(at *metav1.Time) string {
	return at.UTC().Format(time.RFC3339)
}
