package member

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/memberplan"
	"rollcall.dev/rollcall/internal/ownership"
)

// dependents are the objects that belong to a Member. Planning does not see them, because the
// Secret contains the password.
type dependents struct {
	secret  *corev1.Secret
	binding *rbacv1.RoleBinding
}

// observe reads everything that planning needs.
func (r *reconciler) observe(ctx context.Context, member *v1alpha1.Member, source kube.ReadSource) (memberplan.Observation, dependents, error) {
	observed := memberplan.Observation{Now: r.Now(), Member: member}
	var err error
	if observed.Center, err = kube.FindContactCenter(ctx, r.Client, member.Namespace); err != nil {
		return observed, dependents{}, err
	}
	if observed.Center != nil && r.RoleBindings {
		observed.Identity = observed.Center.Spec.Identity
	}
	if observed.Claims, observed.Rivals, err = r.Claims.Take(ctx, member); err != nil {
		return observed, dependents{}, err
	}
	if err := r.observeAssignments(ctx, &observed); err != nil {
		return observed, dependents{}, err
	}
	found, err := r.observeDependents(ctx, &observed, source)
	if err != nil {
		return observed, found, err
	}
	if observed.Groups, observed.UnknownGroups, err = resolveMemberships(ctx, r.Client, member, observed.Resolved.Groups); err != nil {
		return observed, found, err
	}
	if result, ok := r.Outbox.Result(string(member.UID)); ok {
		observed.Result = &result
	}
	observed.MailServer = r.Outbox.Health(member.Namespace)
	return observed, found, nil
}

// observeDependents reads and describes the objects that belong to a Member.
func (r *reconciler) observeDependents(ctx context.Context, observed *memberplan.Observation, source kube.ReadSource) (found dependents, err error) {
	member := observed.Member
	if found.binding, err = r.findBinding(ctx, *observed, source); err != nil {
		return found, err
	}
	if observed.Binding, err = r.describeBinding(ctx, member, found.binding); err != nil {
		return found, err
	}
	if found.secret, err = r.findSecret(ctx, member, source); err != nil {
		return found, err
	}
	if observed.Secret, err = r.describeSecret(ctx, member, found.secret); err != nil {
		return found, err
	}
	if observed.Secret.Ownership == ownership.Orphaned || (found.secret == nil && member.Status.Credentials != nil) {
		// It looks as if an administrator had orphaned or deleted the Secret. But the Member may have
		// departed, which the cache may not show yet: then the garbage collector did it.
		return found, r.Lookup.ConfirmVersion(ctx, member, &v1alpha1.Member{})
	}
	if observed.Secret.Ownership == ownership.Ours && observed.IsResetRequested() && !observed.KnowsIssue() {
		// The cached Secret is newer than the cached Member, whose reset may have been handled
		// already: the two caches are not filled together.
		return found, r.Lookup.ConfirmVersion(ctx, member, &v1alpha1.Member{})
	}
	return found, nil
}

// findSecret returns the credentials Secret, or nil. For a new Member it does not ask the API
// server: to create the Secret tells as much.
func (r *reconciler) findSecret(ctx context.Context, member *v1alpha1.Member, source kube.ReadSource) (*corev1.Secret, error) {
	key := client.ObjectKey{Namespace: member.Namespace, Name: member.CredentialsSecretName()}
	return ownership.Find(ctx, r.Lookup, key, source, func(cached *corev1.Secret) bool { return agrees(member, cached) })
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
	facts.Ownership, err = r.Lookup.Settle(ctx, secret, facts.Ownership, &v1alpha1.Member{})
	return facts, err
}

// findBinding returns the Member's RoleBinding, or nil.
func (r *reconciler) findBinding(ctx context.Context, observed memberplan.Observation, source kube.ReadSource) (*rbacv1.RoleBinding, error) {
	if !r.RoleBindings {
		return nil, nil //nolint:nilnil // no RoleBinding is a state like any other
	}
	key := client.ObjectKey{Namespace: observed.Member.Namespace, Name: observed.Member.RoleBindingName()}
	return ownership.Find(ctx, r.Lookup, key, source, func(cached *rbacv1.RoleBinding) bool {
		return cached != nil || !observed.ExpectsBinding()
	})
}

// describeBinding returns whose RoleBinding it is, and what it grants.
func (r *reconciler) describeBinding(ctx context.Context, member *v1alpha1.Member, binding *rbacv1.RoleBinding) (memberplan.Binding, error) {
	if binding == nil {
		return memberplan.Binding{Ownership: ownership.Absent}, nil
	}
	owner := ownership.Member(member)
	facts := memberplan.Binding{
		Empty:    len(binding.Subjects) == 0,
		Labeled:  owner.Labels(binding),
		Deleting: binding.DeletionTimestamp != nil,
	}
	if ref := binding.RoleRef; ref.APIGroup == rbacv1.GroupName {
		facts.Role = memberplan.RoleRef{Kind: ref.Kind, Name: ref.Name}
	}
	if len(binding.Subjects) == 1 && binding.Subjects[0].Kind == rbacv1.UserKind && binding.Subjects[0].APIGroup == rbacv1.GroupName {
		facts.Username = binding.Subjects[0].Name
	}
	var err error
	facts.Ownership, err = r.Lookup.Settle(ctx, binding, owner.Of(binding), &v1alpha1.Member{})
	return facts, err
}
