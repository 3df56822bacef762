package member

import (
	"context"
	"errors"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/memberplan"
	"rollcall.dev/rollcall/internal/ownership"
)

// memberplan.CreateBinding gives a Member its permissions.
func (r *reconciler) createBinding(ctx context.Context, member *v1alpha1.Member, granted memberplan.Permissions) (*rbacv1.RoleBinding, error) {
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: member.Namespace, Name: member.RoleBindingName()},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: granted.Role.Kind, Name: granted.Role.Name},
		Subjects:   subjects(granted),
	}
	if err := ownership.MarkOurs(member, binding, r.Client.Scheme()); err != nil {
		return nil, err
	}
	if err := r.Client.Create(ctx, binding); err != nil {
		return nil, err
	}
	logf.FromContext(ctx).Info("Permissions granted", "kind", granted.Role.Kind, "role", granted.Role.Name)
	return binding, nil
}

// memberplan.MendBinding puts back what somebody changed in a RoleBinding, on the condition
// that it is still as it was read.
func (r *reconciler) mendBinding(ctx context.Context, member *v1alpha1.Member, granted memberplan.Permissions, binding *rbacv1.RoleBinding) (*rbacv1.RoleBinding, error) {
	mended := binding.DeepCopy()
	mended.Subjects = subjects(granted)
	if err := ownership.MarkOurs(member, mended, r.Client.Scheme()); err != nil {
		return binding, err
	}
	if err := r.Client.Update(ctx, mended); err != nil {
		return binding, err
	}
	logf.FromContext(ctx).Info("RoleBinding mended: somebody had changed it, or the user name is another one", "roleBinding", binding.Name)
	return mended, nil
}

// memberplan.DeleteBinding takes permissions away: those of this RoleBinding and of no other
// that may have its name by now. It returns what stays: RBAC honours one that a
// finalizer keeps, so that is emptied first.
func (r *reconciler) deleteBinding(ctx context.Context, binding *rbacv1.RoleBinding) (*rbacv1.RoleBinding, error) {
	stays, err := r.emptyBinding(ctx, binding)
	deleteErr := r.Client.Delete(ctx, binding, client.Preconditions{UID: &binding.UID})
	switch {
	case apierrors.IsNotFound(deleteErr):
		return nil, nil //nolint:nilnil // it is gone already
	case deleteErr != nil && stays == nil:
		return binding, deleteErr
	case deleteErr != nil || err != nil:
		return stays, errors.Join(deleteErr, err)
	}
	logf.FromContext(ctx).Info("Permissions revoked", "kind", binding.RoleRef.Kind, "role", binding.RoleRef.Name)
	return stays, nil
}

// emptyBinding has a RoleBinding that a finalizer keeps give its permissions to
// nobody. It returns what stays of it after a deletion; nil for nothing.
func (r *reconciler) emptyBinding(ctx context.Context, binding *rbacv1.RoleBinding) (*rbacv1.RoleBinding, error) {
	if len(binding.Finalizers) == 0 {
		return nil, nil //nolint:nilnil // it goes at once
	}
	if len(binding.Subjects) == 0 {
		return binding, nil
	}
	emptied := binding.DeepCopy()
	emptied.Subjects = nil
	if err := r.Client.Update(ctx, emptied); err != nil {
		return binding, err
	}
	return emptied, nil
}

// isRevoked is whether a RoleBinding gives nothing and is about to go.
func isRevoked(binding *rbacv1.RoleBinding) bool {
	return binding.DeletionTimestamp != nil && len(binding.Subjects) == 0
}

// subjects are whom a RoleBinding gives permissions to.
func subjects(granted memberplan.Permissions) []rbacv1.Subject {
	return []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: granted.Username}}
}
