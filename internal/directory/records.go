package directory

import (
	"net/url"
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

// readCenter returns the key of a namespace's only ContactCenter and what the gate
// needs of it, and false if its login URL is invalid.
func readCenter(object *v1alpha1.ContactCenter) (types.NamespacedName, gate.Center, bool) {
	key := types.NamespacedName{Namespace: object.Namespace}
	loginURL, err := url.Parse(object.Spec.LoginURL)
	if err != nil || loginURL.Host == "" {
		return key, gate.Center{}, false
	}
	center := gate.Center{
		DisplayName: object.Spec.DisplayName, LoginURL: loginURL, Locale: string(object.Spec.Locale),
		Policies: map[string]gate.Policy{},
	}
	if object.Spec.Gate == nil {
		return key, center, true
	}
	for _, policy := range object.Spec.Gate.Policies {
		roles := make([]string, 0, len(policy.Roles))
		for _, role := range policy.Roles {
			roles = append(roles, string(role))
		}
		center.Policies[policy.Name] = gate.Policy{Roles: roles, SkillGroups: policy.SkillGroups}
	}
	return key, center, true
}
