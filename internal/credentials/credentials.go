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

// Ownership is whose Secret it is.
type Ownership int

const (
	// Absent: there is none.
	Absent Ownership = iota
	// Ours: its controller is this Member.
	Ours
	// Predecessors: it has our label, and its controller is a Member that
	// conditions.False longer exists.
	Predecessors
	// Orphaned: it has our labels, no controller, and a password for this
	// Member that is intact. It came back from a backup.
	Orphaned
	// Foreign: it is somebody else's and never touched.
	Foreign
)

// Facts describe a Secret without its password.
type Facts struct {
	Ownership Ownership
	Uid       types.UID
	// issueID, issue and passwordReset are as annotated.
	IssueID       string
	Issue         int64
	PasswordReset string
	// issuedFor is why the password was issued, as annotated.
	IssuedFor string
	// intact is whether user name and password fit the checksum and the Member.
	Intact bool
	// complete is whether all labels and annotations are there, and none that
	// repeats the password, as a plain kubectl apply of a backup leaves.
	Complete bool
	// adopted is whether this password came back from a backup.
	Adopted bool
	// immutable is whether it can only be replaced by deleting it.
	Immutable bool
	// deleting is whether it is about to go.
	Deleting bool
}

// valid is whether the Secret is the Member's and its password can be used.
func (s Facts) Valid() bool {
	return s.Ownership == Ours && s.Intact
}

// Read are the facts that are in the Secret itself.
func Read(member *v1alpha1.Member, secret *corev1.Secret) Facts {
	issueID := secret.Annotations[v1alpha1.IssueIDAnnotation]
	facts := Facts{
		Uid:           secret.UID,
		IssueID:       issueID,
		Issue:         IssueNumber(secret),
		PasswordReset: secret.Annotations[v1alpha1.PasswordResetAnnotation],
		IssuedFor:     secret.Annotations[v1alpha1.IssuedForAnnotation],
		Intact:        isIntact(member, secret, issueID),
		Adopted:       secret.Annotations[v1alpha1.AdoptedAnnotation] == issueID,
		Immutable:     ptr.Deref(secret.Immutable, false),
		Deleting:      secret.DeletionTimestamp != nil,
	}
	facts.Complete = ownership.IsLabelled(secret, member.Name) && facts.Issue > 0 &&
		secret.Annotations[corev1.LastAppliedConfigAnnotation] == ""
	if utf8.RuneCountInString(facts.PasswordReset) > maxStatusLength {
		facts.PasswordReset, facts.Complete = "", false // nobody can have asked for that
	}
	// Annotations that were lost, not the ones of a newer password, are in the
	// status too.
	if known := member.Status.Credentials; known != nil && known.IssueID == issueID {
		if facts.PasswordReset == "" && known.PasswordReset != "" {
			facts.PasswordReset, facts.Complete = known.PasswordReset, false
		}
		facts.Issue = max(facts.Issue, known.Issue)
	}
	return facts
}

// isIntact is whether user name and password fit the checksum and the Member.
func isIntact(member *v1alpha1.Member, secret *corev1.Secret, issueID string) bool {
	return utf8.RuneCountInString(issueID) <= maxStatusLength && string(secret.Data[corev1.BasicAuthUsernameKey]) == member.Spec.Email &&
		FitsChecksum(secret, issueID)
}

// FitsChecksum is whether user name and password are those that were issued.
func FitsChecksum(secret *corev1.Secret, issueID string) bool {
	username, secretPart := string(secret.Data[corev1.BasicAuthUsernameKey]), string(secret.Data[corev1.BasicAuthPasswordKey])
	return issueID != "" && password.Checksum(issueID, username, secretPart) == secret.Annotations[v1alpha1.ChecksumAnnotation]
}

// maxStatusLength is the bound, in characters, of what is taken from annotations
// into status. One edited by hand must not make a status that the API server
// refuses.
const maxStatusLength = 64

// IssueNumber is the number of the Secret's password, or 0.
func IssueNumber(secret *corev1.Secret) int64 {
	number, err := strconv.ParseInt(secret.Annotations[v1alpha1.IssueAnnotation], 10, 32)
	if err != nil || number < 0 {
		return 0
	}
	return number
}
