package member

import (
	"context"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/memberplan"
	"rollcall.dev/rollcall/internal/ownership"
)

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
	facts.Ownership, err = r.lookup().Settle(ctx, binding, owner.Of(binding), &v1alpha1.Member{})
	return facts, err
}

// findBinding returns the Member's RoleBinding, or nil.
func (r *reconciler) findBinding(ctx context.Context, observed memberplan.Observation, source kube.ReadSource) (*rbacv1.RoleBinding, error) {
	if !r.RoleBindings {
		return nil, nil //nolint:nilnil // no RoleBinding is a state like any other
	}
	key := client.ObjectKey{Namespace: observed.Member.Namespace, Name: observed.Member.RoleBindingName()}
	return ownership.Find(ctx, r.lookup(), key, source, func(cached *rbacv1.RoleBinding) bool {
		return cached != nil || !observed.ExpectsBinding()
	})
}

// revokeDeparted deletes the RoleBinding of a Member that no longer exists. The garbage collector
// would do so too, but later.
func (r *reconciler) revokeDeparted(ctx context.Context, departed *v1alpha1.Member) error {
	if !r.RoleBindings {
		return nil
	}
	binding, err := kube.Find[rbacv1.RoleBinding](ctx, r.Client, client.ObjectKey{Namespace: departed.Namespace, Name: departed.RoleBindingName()})
	if err != nil || binding == nil || !ownership.Member(departed).Of(binding).IsLeftOver() || isRevoked(binding) {
		return err
	}
	// The cache may not have a Member that was just created.
	err = r.Live.Get(ctx, client.ObjectKeyFromObject(departed), &v1alpha1.Member{})
	switch {
	case apierrors.IsNotFound(err):
		_, err := r.deleteBinding(ctx, binding)
		return err
	case err != nil:
		return err
	default:
		return kube.ErrStaleCache
	}
}
