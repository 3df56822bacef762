package controllers

import (
	"context"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// bindingStanding is whose RoleBinding it is.
type bindingStanding int

const (
	// bindingAbsent: there is none.
	bindingAbsent bindingStanding = iota
	// bindingOurs: its controller is this Member.
	bindingOurs
	// bindingLeftOver: it has our labels, and no controller or a Member that no
	// longer exists. It is a predecessor's, or came back from a backup.
	bindingLeftOver
	// bindingForeign: it is somebody else's and never touched.
	bindingForeign
)

// bindingFacts describe the RoleBinding of a Member's name.
type bindingFacts struct {
	standing bindingStanding
	uid      types.UID
	// role is what it gives; the zero value if that is no role of RBAC's.
	role roleName
	// username is whom it is given to; empty if that is not one user.
	username string
	// empty is whether it is given to nobody.
	empty bool
	// labelled is whether it has both of our labels.
	labelled bool
	// deleting is whether it is about to go. Until then it gives what it gives.
	deleting bool
}

// gives is whether the RoleBinding is exactly what the Member is to have.
func (b bindingFacts) gives(wanted permissions) bool {
	return b.standing == bindingOurs && b.labelled && b.role == wanted.role && b.username == wanted.username
}

// roleName names what a RoleBinding gives: a ClusterRole, or a Role of the namespace.
type roleName struct {
	kind, name string
}

// permissions are what a Member is to have at the API server; the zero value is
// none.
type permissions struct {
	role     roleName
	username string
}

// clusterRole and namespacedRole name the two kinds of roles.
func clusterRole(name string) roleName    { return roleName{kind: "ClusterRole", name: name} }
func namespacedRole(name string) roleName { return roleName{kind: "Role", name: name} }

// describeBinding finds out whose RoleBinding it is and what it gives.
func (r *MemberReconciler) describeBinding(ctx context.Context, member *v1alpha1.Member, binding *rbacv1.RoleBinding) (bindingFacts, error) {
	if binding == nil {
		return bindingFacts{standing: bindingAbsent}, nil
	}
	facts := bindingFacts{
		uid:      binding.UID,
		empty:    len(binding.Subjects) == 0,
		labelled: isLabelled(binding, member.Name),
		deleting: binding.DeletionTimestamp != nil,
	}
	if ref := binding.RoleRef; ref.APIGroup == rbacv1.GroupName {
		facts.role = roleName{kind: ref.Kind, name: ref.Name}
	}
	if len(binding.Subjects) == 1 && binding.Subjects[0].Kind == rbacv1.UserKind && binding.Subjects[0].APIGroup == rbacv1.GroupName {
		facts.username = binding.Subjects[0].Name
	}
	owner := metav1.GetControllerOf(binding)
	switch {
	case owner != nil && owner.UID == member.UID:
		facts.standing = bindingOurs
		return facts, nil
	case !isOurs(binding, member.Name):
		facts.standing = bindingForeign
		return facts, nil
	}
	facts.standing = bindingLeftOver
	if owner != nil {
		alive, err := r.memberExists(ctx, member.Namespace, owner)
		if alive {
			facts.standing = bindingForeign
		}
		return facts, err
	}
	return facts, nil
}

// isLabelled is whether an object has our labels for a Member.
func isLabelled(object client.Object, member string) bool {
	labels := object.GetLabels()
	return labels[v1alpha1.ManagedByLabel] == v1alpha1.ManagedByValue && labels[v1alpha1.MemberLabel] == member
}

// isOurs is whether a RoleBinding was made for some Member of a name: by its
// labels, and by its controller unless that was lost.
func isOurs(binding *rbacv1.RoleBinding, member string) bool {
	owner := metav1.GetControllerOf(binding)
	return isLabelled(binding, member) && (owner == nil || isMember(owner) && owner.Name == member)
}

// findBinding returns the RoleBinding of the Member's name, or nil. The cache has
// only those with our label, and may be behind; where it does not agree with the
// Member's status, the API server decides.
func (r *MemberReconciler) findBinding(ctx context.Context, observed memberObservation, source readSource) (*rbacv1.RoleBinding, error) {
	if !r.RoleBindings {
		return nil, nil //nolint:nilnil // no RoleBinding is a state like any other
	}
	key := client.ObjectKey{Namespace: observed.member.Namespace, Name: observed.member.RoleBindingName()}
	if source == fromCache {
		binding, err := find[rbacv1.RoleBinding](ctx, r.Client, key)
		if err != nil || binding != nil || !expectsBinding(observed) {
			return binding, err
		}
	}
	return find[rbacv1.RoleBinding](ctx, r.Live, key)
}

// expectsBinding is whether a RoleBinding that the cache does not show may be
// there all the same. Who is being cut off may have been given one a moment ago.
func expectsBinding(observed memberObservation) bool {
	member := observed.member
	granted := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.PermissionsGrantedCondition)
	if granted != nil && (granted.Status == metav1.ConditionTrue || granted.Reason == v1alpha1.ReasonRoleBindingConflict) {
		return true
	}
	grantable := observed.identity != nil && observed.role.ClusterRole() != ""
	return (granted != nil || grantable) && member.Status.Login == v1alpha1.LoginAllowed && member.DeniesLogin(observed.now) != ""
}

// revokeOfLeaver takes away the permissions of a Member that no longer exists. The
// garbage collector would do it too, but later.
func (r *MemberReconciler) revokeOfLeaver(ctx context.Context, leaver *v1alpha1.Member) error {
	if !r.RoleBindings {
		return nil
	}
	binding, err := find[rbacv1.RoleBinding](ctx, r.Client, client.ObjectKey{Namespace: leaver.Namespace, Name: leaver.RoleBindingName()})
	if err != nil || binding == nil || !isOurs(binding, leaver.Name) || isRevoked(binding) {
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
		return errCacheBehind
	}
}
