package member

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/ownership"
)

// findSecret returns the credentials Secret, or nil. For a new Member it does not ask the API
// server: to create the Secret tells as much.
func (r *reconciler) findSecret(ctx context.Context, member *v1alpha1.Member, source kube.ReadSource) (*corev1.Secret, error) {
	key := client.ObjectKey{Namespace: member.Namespace, Name: member.CredentialsSecretName()}
	return ownership.Find(ctx, r.lookup(), key, source, func(cached *corev1.Secret) bool { return agrees(member, cached) })
}

// agrees reports whether the cached Secret is the one that the Member's status describes, or a
// newer one.
func agrees(member *v1alpha1.Member, cached *corev1.Secret) bool {
	known := member.Status.Credentials
	switch {
	case member.DeletionTimestamp != nil:
		return true
	case cached == nil:
		return known == nil && !conditions.HasReason(member.Status.Conditions, v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonSecretConflict)
	case known == nil:
		return true
	default:
		return cached.Annotations[v1alpha1.IssueIDAnnotation] == known.IssueID || credentials.IssueNumber(cached) > known.Issue
	}
}

// describeSecret returns whose Secret it is, and whether it is intact.
func (r *reconciler) describeSecret(ctx context.Context, member *v1alpha1.Member, secret *corev1.Secret) (credentials.Facts, error) {
	if secret == nil {
		return credentials.Facts{Ownership: ownership.Absent}, nil
	}
	facts := credentials.Read(member, secret)
	var err error
	facts.Ownership, err = r.lookup().Settle(ctx, secret, facts.Ownership, &v1alpha1.Member{})
	return facts, err
}
