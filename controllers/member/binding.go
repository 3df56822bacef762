package member

import (
	"context"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/memberplan"
	"rollcall.dev/rollcall/internal/ownership"
)

// describeBinding finds out whose RoleBinding it is and what it gives.
func (r *reconciler) describeBinding(ctx context.Context, member *v1alpha1.Member, binding *rbacv1.RoleBinding) (memberplan.Binding, error) {
	if binding == nil {
		return memberplan.Binding{Ownership: memberplan.BindingAbsent}, nil
	}
	facts := memberplan.Binding{
		Uid:      binding.UID,
		Empty:    len(binding.Subjects) == 0,
		Labelled: ownership.IsLabelled(binding, member.Name),
		Deleting: binding.DeletionTimestamp != nil,
	}
	if ref := binding.RoleRef; ref.APIGroup == rbacv1.GroupName {
		facts.Role = memberplan.RoleRef{Kind: ref.Kind, Name: ref.Name}
	}
	if len(binding.Subjects) == 1 && binding.Subjects[0].Kind == rbacv1.UserKind && binding.Subjects[0].APIGroup == rbacv1.GroupName {
		facts.Username = binding.Subjects[0].Name
	}
	owner := metav1.GetControllerOf(binding)
	switch {
	case owner != nil && owner.UID == member.UID:
		facts.Ownership = memberplan.BindingOurs
		return facts, nil
	case !ownership.IsOurs(binding, member.Name):
		facts.Ownership = memberplan.BindingForeign
		return facts, nil
	}
	facts.Ownership = memberplan.BindingLeftOver
	if owner != nil {
		alive, err := r.memberExists(ctx, member.Namespace, owner)
		if alive {
			facts.Ownership = memberplan.BindingForeign
		}
		return facts, err
	}
	return facts, nil
}

// findBinding returns the RoleBinding of the Member's name, or nil. The cache has
// only those with our label, and may be behind; where it does not agree with the
// Member's status, the API server decides.
func (r *reconciler) findBinding(ctx context.Context, observed memberplan.Observation, source kube.ReadSource) (*rbacv1.RoleBinding, error) {
	if !r.RoleBindings {
		return nil, nil //nolint:nilnil // no RoleBinding is a state like any other
	}
	key := client.ObjectKey{Namespace: observed.Member.Namespace, Name: observed.Member.RoleBindingName()}
	if source == kube.FromCache {
		binding, err := kube.Find[rbacv1.RoleBinding](ctx, r.Client, key)
		if err != nil || binding != nil || !memberplan.ExpectsBinding(observed) {
			return binding, err
		}
	}
	return kube.Find[rbacv1.RoleBinding](ctx, r.Live, key)
}

// revokeOfLeaver takes away the permissions of a Member that no longer exists. The
// garbage collector would do it too, but later.
func (r *reconciler) revokeOfLeaver(ctx context.Context, leaver *v1alpha1.Member) error {
	if !r.RoleBindings {
		return nil
	}
	binding, err := kube.Find[rbacv1.RoleBinding](ctx, r.Client, client.ObjectKey{Namespace: leaver.Namespace, Name: leaver.RoleBindingName()})
	if err != nil || binding == nil || !ownership.IsOurs(binding, leaver.Name) || isRevoked(binding) {
		return err
	}
	// The cache may be behind a Member that is there.
	err = r.Live.Get(ctx, client.ObjectKeyFromObject(leaver), &v1alpha1.Member{})
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
