// Package credentials reads and describes the Secret that holds the password of a
// Member. Its [Facts] contain no password, so that plans and logs cannot leak one.
package credentials

import (
	"strconv"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/ownership"
	"rollcall.dev/rollcall/internal/password"
)

// Facts describes a credentials Secret without its password.
type Facts struct {
	Ownership ownership.Ownership
	UID       types.UID
	// IssueID, Issue and PasswordReset come from the annotations.
	IssueID       string
	Issue         int64
	PasswordReset string
	// IssuedFor is the annotated reason why the password was issued.
	IssuedFor string
	// Intact reports that user name and password match the checksum and the Member.
	Intact bool
	// Complete reports that all labels and annotations are present, and that no annotation repeats
	// the password, as kubectl apply of a backup does.
	Complete bool
	// Adopted reports that this password came back from a backup.
	Adopted bool
	// Immutable reports that the operator must delete the Secret to replace the password.
	Immutable bool
	// Deleting reports that the Secret is being deleted.
	Deleting bool
}

// Valid reports whether the Secret belongs to the Member and its password can be used.
func (f Facts) Valid() bool { return f.Ownership == ownership.Ours && f.Intact }

// Read returns the facts that the Secret itself tells. A predecessor may still exist: see
// ownership.Lookup.
func Read(member *v1alpha1.Member, secret *corev1.Secret) Facts {
	owner := ownership.Member(member)
	owner.AnyPredecessor = true
	issueID := secret.Annotations[v1alpha1.IssueIDAnnotation]
	facts := Facts{
		Ownership:     owner.Of(secret),
		UID:           secret.UID,
		IssueID:       issueID,
		Issue:         IssueNumber(secret),
		PasswordReset: secret.Annotations[v1alpha1.PasswordResetAnnotation],
		IssuedFor:     secret.Annotations[v1alpha1.IssuedForAnnotation],
		Intact:        isIntact(member, secret, issueID),
		Adopted:       secret.Annotations[v1alpha1.AdoptedAnnotation] == issueID,
		Immutable:     ptr.Deref(secret.Immutable, false),
		Deleting:      secret.DeletionTimestamp != nil,
	}
	switch {
	case facts.Ownership == ownership.Orphaned && !facts.Intact:
		facts.Ownership = ownership.Foreign // only a password that the operator issued is adopted
	case facts.Ownership == ownership.Ours && secret.Type != v1alpha1.AuthSecretType:
		facts.Intact, facts.Immutable = false, true // the type of a Secret cannot be changed
	}
	facts.Complete = owner.Labels(secret) && facts.Issue > 0 && secret.Annotations[corev1.LastAppliedConfigAnnotation] == ""
	if utf8.RuneCountInString(facts.PasswordReset) > maxAnnotationLength {
		facts.PasswordReset, facts.Complete = "", false // longer than spec.passwordReset can be
	}
	// The status repeats the annotations of the same password, in case they were lost.
	if known := member.Status.Credentials; known != nil && known.IssueID == issueID {
		if facts.PasswordReset == "" && known.PasswordReset != "" {
			facts.PasswordReset, facts.Complete = known.PasswordReset, false
		}
		facts.Issue = max(facts.Issue, known.Issue)
	}
	return facts
}

// isIntact reports whether user name and password match the checksum and the Member.
func isIntact(member *v1alpha1.Member, secret *corev1.Secret, issueID string) bool {
	return utf8.RuneCountInString(issueID) <= maxAnnotationLength && string(secret.Data[corev1.BasicAuthUsernameKey]) == member.Spec.Email &&
		MatchesChecksum(secret, issueID)
}

// MatchesChecksum reports whether user name and password are those that the operator issued.
func MatchesChecksum(secret *corev1.Secret, issueID string) bool {
	username, secretPart := string(secret.Data[corev1.BasicAuthUsernameKey]), string(secret.Data[corev1.BasicAuthPasswordKey])
	return issueID != "" && password.Checksum(issueID, username, secretPart) == secret.Annotations[v1alpha1.ChecksumAnnotation]
}

// maxAnnotationLength bounds, in characters, what the status takes from annotations. An edited
// annotation must not make a status that the API server refuses.
const maxAnnotationLength = 64

// IssueNumber returns the number of the Secret's password; 0 without a valid annotation.
func IssueNumber(secret *corev1.Secret) int64 {
	number, err := strconv.ParseInt(secret.Annotations[v1alpha1.IssueAnnotation], 10, 32)
	if err != nil || number < 0 {
		return 0
	}
	return number
}
