package directory

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/gate"
	"rollcall.dev/rollcall/internal/ownership"
)

// credentialsRecord holds what the login gate needs of a Secret. It has no password.
type credentialsRecord struct {
	gate.Credentials
	// owner is the UID of the Member that owns the Secret.
	owner types.UID
}

// readCredentials returns the key of the Member that a Secret is for and the record
// of the Secret. It returns false for a Secret that is not intact, such as one that
// was edited by hand.
func readCredentials(secret *corev1.Secret) (types.NamespacedName, credentialsRecord, bool) {
	name, ok := strings.CutSuffix(secret.Name, v1alpha1.CredentialsSecretSuffix)
	member := types.NamespacedName{Namespace: secret.Namespace, Name: name}
	owner := metav1.GetControllerOf(secret)
	issueID := secret.Annotations[v1alpha1.IssueIDAnnotation]
	if !ok || owner == nil || owner.UID == "" || !ownership.IsMember(owner) || secret.Type != v1alpha1.AuthSecretType || !credentials.MatchesChecksum(secret, issueID) {
		return member, credentialsRecord{}, false
	}
	return member, credentialsRecord{
		owner: owner.UID,
		Credentials: gate.Credentials{
			IssueID: issueID, Username: string(secret.Data[corev1.BasicAuthUsernameKey]), Checksum: secret.Annotations[v1alpha1.ChecksumAnnotation],
		},
	}, true
}
