package controllers

import (
	"context"
	"strconv"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/password"
)

// secretStanding is whose Secret it is.
type secretStanding int

const (
	// secretAbsent: there is none.
	secretAbsent secretStanding = iota
	// secretOurs: its controller is this Member.
	secretOurs
	// secretPredecessors: it has our label, and its controller is a Member that
	// no longer exists.
	secretPredecessors
	// secretOrphaned: it has our labels, no controller, and a password for this
	// Member that is intact. It came back from a backup.
	secretOrphaned
	// secretForeign: it is somebody else's and never touched.
	secretForeign
)

// secretFacts describe a Secret without its password.
type secretFacts struct {
	standing secretStanding
	uid      types.UID
	// issueID, issue and passwordReset are as annotated.
	issueID       string
	issue         int64
	passwordReset string
	// issuedFor is why the password was issued, as annotated.
	issuedFor string
	// intact is whether user name and password fit the checksum and the Member.
	intact bool
	// complete is whether all labels and annotations are there, and none that
	// repeats the password, as a plain kubectl apply of a backup leaves.
	complete bool
	// adopted is whether this password came back from a backup.
	adopted bool
	// immutable is whether it can only be replaced by deleting it.
	immutable bool
	// deleting is whether it is about to go.
	deleting bool
}

// valid is whether the Secret is the Member's and its password can be used.
func (s secretFacts) valid() bool {
	return s.standing == secretOurs && s.intact
}

// describeSecret finds out whose Secret it is and whether it is intact.
func (r *MemberReconciler) describeSecret(ctx context.Context, member *v1alpha1.Member, secret *corev1.Secret) (secretFacts, error) {
	if secret == nil {
		return secretFacts{standing: secretAbsent}, nil
	}
	facts := factsOf(member, secret)
	owner := metav1.GetControllerOf(secret)
	facts.standing = standingOf(member, secret, owner, facts.intact)
	if facts.standing == secretOurs && secret.Type != v1alpha1.AuthSecretType {
		facts.intact, facts.immutable = false, true // a type cannot be changed
	}
	if facts.standing != secretPredecessors {
		return facts, nil
	}
	alive, err := r.memberExists(ctx, member.Namespace, owner)
	if alive {
		facts.standing = secretForeign
	}
	return facts, err
}

// standingOf is whose Secret it is, as far as the Secret itself tells: a Member
// that owns it and is not this one may still exist.
func standingOf(member *v1alpha1.Member, secret *corev1.Secret, owner *metav1.OwnerReference, intact bool) secretStanding {
	labelled := secret.Labels[v1alpha1.ManagedByLabel] == v1alpha1.ManagedByValue
	switch {
	case owner != nil && owner.UID == member.UID:
		return secretOurs
	case owner != nil && labelled && isMember(owner):
		return secretPredecessors
	case owner == nil && isLabelled(secret, member.Name) && intact:
		return secretOrphaned
	default:
		return secretForeign
	}
}

// factsOf are the facts that are in the Secret itself.
func factsOf(member *v1alpha1.Member, secret *corev1.Secret) secretFacts {
	issueID := secret.Annotations[v1alpha1.IssueIDAnnotation]
	facts := secretFacts{
		uid:           secret.UID,
		issueID:       issueID,
		issue:         issueNumber(secret),
		passwordReset: secret.Annotations[v1alpha1.PasswordResetAnnotation],
		issuedFor:     secret.Annotations[v1alpha1.IssuedForAnnotation],
		intact:        isIntact(member, secret, issueID),
		adopted:       secret.Annotations[v1alpha1.AdoptedAnnotation] == issueID,
		immutable:     ptr.Deref(secret.Immutable, false),
		deleting:      secret.DeletionTimestamp != nil,
	}
	facts.complete = isLabelled(secret, member.Name) && facts.issue > 0 &&
		secret.Annotations[corev1.LastAppliedConfigAnnotation] == ""
	if utf8.RuneCountInString(facts.passwordReset) > maxStatusLength {
		facts.passwordReset, facts.complete = "", false // nobody can have asked for that
	}
	// Annotations that were lost, not the ones of a newer password, are in the
	// status too.
	if known := member.Status.Credentials; known != nil && known.IssueID == issueID {
		if facts.passwordReset == "" && known.PasswordReset != "" {
			facts.passwordReset, facts.complete = known.PasswordReset, false
		}
		facts.issue = max(facts.issue, known.Issue)
	}
	return facts
}

// isIntact is whether user name and password fit the checksum and the Member.
func isIntact(member *v1alpha1.Member, secret *corev1.Secret, issueID string) bool {
	return utf8.RuneCountInString(issueID) <= maxStatusLength && string(secret.Data[corev1.BasicAuthUsernameKey]) == member.Spec.Email &&
		fitsChecksum(secret, issueID)
}

// fitsChecksum is whether user name and password are those that were issued.
func fitsChecksum(secret *corev1.Secret, issueID string) bool {
	username, secretPart := string(secret.Data[corev1.BasicAuthUsernameKey]), string(secret.Data[corev1.BasicAuthPasswordKey])
	return issueID != "" && password.Checksum(issueID, username, secretPart) == secret.Annotations[v1alpha1.ChecksumAnnotation]
}

// maxStatusLength is the bound, in characters, of what is taken from annotations
// into status. One edited by hand must not make a status that the API server
// refuses.
const maxStatusLength = 64

// issueNumber is the number of the Secret's password, or 0.
func issueNumber(secret *corev1.Secret) int64 {
	number, err := strconv.ParseInt(secret.Annotations[v1alpha1.IssueAnnotation], 10, 32)
	if err != nil || number < 0 {
		return 0
	}
	return number
}

// isMember is whether an owner is a Member.
func isMember(owner *metav1.OwnerReference) bool {
	return owner.Kind == "Member" && owner.APIVersion == v1alpha1.GroupVersion.String()
}

// memberExists is whether the Member exists that an owner reference names. That it
// does not only the API server can say: the cache of Members may be behind the one of
// what belongs to them, and what belongs to a Member that was just added again would be
// taken for a predecessor's.
func (r *MemberReconciler) memberExists(ctx context.Context, namespace string, owner *metav1.OwnerReference) (bool, error) {
	for _, reader := range []client.Reader{r.Client, r.Live} {
		var member v1alpha1.Member
		err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: owner.Name}, &member)
		if client.IgnoreNotFound(err) != nil {
			return false, err
		}
		if err == nil && member.UID == owner.UID {
			return true, nil
		}
	}
	return false, nil
}
