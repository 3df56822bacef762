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

// createBinding grants a Member its permissions.
func (r *reconciler) createBinding(ctx context.Context, member *v1alpha1.Member, granted memberplan.Permissions) (*rbacv1.RoleBinding, error) {
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: member.Namespace, Name: member.RoleBindingName()},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: granted.Role.Kind, Name: granted.Role.Name},
		Subjects:   subjects(granted),
	}
	if err := r.mark(member, binding); err != nil {
		return nil, err
	}
	if err := r.Client.Create(ctx, binding); err != nil {
		return nil, err
	}
	logf.FromContext(ctx).Info("Permissions granted", "kind", granted.Role.Kind, "role", granted.Role.Name)
	return binding, nil
}

// repairBinding restores the subject, the labels and the owner of a RoleBinding, if it is still in
// the version that was read.
func (r *reconciler) repairBinding(ctx context.Context, member *v1alpha1.Member, granted memberplan.Permissions, binding *rbacv1.RoleBinding) (*rbacv1.RoleBinding, error) {
	repaired := binding.DeepCopy()
	repaired.Subjects = subjects(granted)
	if err := r.mark(member, repaired); err != nil {
		return binding, err
	}
	if err := r.Client.Update(ctx, repaired); err != nil {
		return binding, err
	}
	logf.FromContext(ctx).Info("RoleBinding repaired: its subject, labels or owner had changed", "roleBinding", binding.Name)
	return repaired, nil
}

// deleteBinding revokes permissions: those of this RoleBinding, and of no other that has its name
// by now. It returns what remains. RBAC honors a RoleBinding that a finalizer keeps, so that one
// loses its subjects first.
func (r *reconciler) deleteBinding(ctx context.Context, binding *rbacv1.RoleBinding) (*rbacv1.RoleBinding, error) {
	remains, err := r.emptyBinding(ctx, binding)
	deleteErr := r.Client.Delete(ctx, binding, client.Preconditions{UID: &binding.UID})
	switch {
	case apierrors.IsNotFound(deleteErr):
		return nil, nil //nolint:nilnil // it is gone already
	case deleteErr != nil && remains == nil:
		return binding, deleteErr
	case deleteErr != nil || err != nil:
		return remains, errors.Join(deleteErr, err)
	}
	logf.FromContext(ctx).Info("Permissions revoked", "kind", binding.RoleRef.Kind, "role", binding.RoleRef.Name)
	return remains, nil
}

// emptyBinding removes the subjects of a RoleBinding that a finalizer keeps. It returns what
// remains after a deletion; nil if nothing does.
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

// isRevoked reports whether a RoleBinding grants nothing and is being deleted.
func isRevoked(binding *rbacv1.RoleBinding) bool {
	return binding.DeletionTimestamp != nil && len(binding.Subjects) == 0
}

// subjects returns the subjects of a RoleBinding that grants permissions.
func subjects(granted memberplan.Permissions) []rbacv1.Subject {
	return []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: granted.Username}}
}

// mark labels an object and makes the Member its controller.
func (r *reconciler) mark(member *v1alpha1.Member, object client.Object) error {
	return ownership.Mark(member, v1alpha1.MemberLabel, object, r.Client.Scheme())
}
