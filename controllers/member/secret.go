package member

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/ownership"
)

// describeSecret finds out whose Secret it is and whether it is intact.
func (r *reconciler) describeSecret(ctx context.Context, member *v1alpha1.Member, secret *corev1.Secret) (credentials.Facts, error) {
	if secret == nil {
		return credentials.Facts{Ownership: credentials.Absent}, nil
	}
	facts := credentials.Read(member, secret)
	owner := metav1.GetControllerOf(secret)
	facts.Ownership = standingOf(member, secret, owner, facts.Intact)
	if facts.Ownership == credentials.Ours && secret.Type != v1alpha1.AuthSecretType {
		facts.Intact, facts.Immutable = false, true // a type cannot be changed
	}
	if facts.Ownership != credentials.Predecessors {
		return facts, nil
	}
	alive, err := r.memberExists(ctx, member.Namespace, owner)
	if alive {
		facts.Ownership = credentials.Foreign
	}
	return facts, err
}

// standingOf is whose Secret it is, as far as the Secret itself tells: a Member
// that owns it and is not this one may still exist.
func standingOf(member *v1alpha1.Member, secret *corev1.Secret, owner *metav1.OwnerReference, intact bool) credentials.Ownership {
	labelled := secret.Labels[v1alpha1.ManagedByLabel] == v1alpha1.ManagedByValue
	switch {
	case owner != nil && owner.UID == member.UID:
		return credentials.Ours
	case owner != nil && labelled && ownership.IsMember(owner):
		return credentials.Predecessors
	case owner == nil && ownership.IsLabelled(secret, member.Name) && intact:
		return credentials.Orphaned
	default:
		return credentials.Foreign
	}
}

// memberExists is whether the Member exists that an owner reference names. That it
// does not only the API server can say: the cache of Members may be behind the one of
// what belongs to them, and what belongs to a Member that was just added again would be
// taken for a predecessor's.
func (r *reconciler) memberExists(ctx context.Context, namespace string, owner *metav1.OwnerReference) (bool, error) {
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
