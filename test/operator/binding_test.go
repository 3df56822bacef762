package operator

import (
	"errors"
	"fmt"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// identifying is a ContactCenter in which roles are permissions.
func (w *world) identifying() *v1alpha1.ContactCenter {
	center := w.center()
	center.Spec.Identity = &v1alpha1.Identity{UsernamePrefix: "oidc:"}
	return center
}

// withRole is a Member with a role.
func (w *world) withRole(name string, role v1alpha1.Role) *v1alpha1.Member {
	member := w.member(name)
	member.Spec.Role = role
	return member
}

// binding reads a Member's RoleBinding; nil if there is none.
func (w *world) binding(name string) *rbacv1.RoleBinding {
	w.Helper()
	binding := &rbacv1.RoleBinding{}
	err := w.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: v1alpha1.RoleBindingPrefix + name}, binding)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		w.Fatal(err)
	}
	return binding
}

// awaitBinding waits until a Member has exactly the permissions of a ClusterRole;
// empty for none at all.
func (w *world) awaitBinding(name, clusterRole string) *rbacv1.RoleBinding {
	w.Helper()
	var found *rbacv1.RoleBinding
	w.eventually(fmt.Sprintf("the permissions of %s are %q", name, clusterRole), func() error {
		found = w.binding(name)
		switch {
		case found == nil && clusterRole == "":
			return nil
		case found == nil:
			return errors.New("there is no RoleBinding")
		case clusterRole == "":
			return fmt.Errorf("there is a RoleBinding to %s", found.RoleRef.Name)
		}
		return w.checkBinding(name, clusterRole, found)
	})
	return found
}

// checkBinding checks all that the operator writes into a RoleBinding.
func (w *world) checkBinding(name, clusterRole string, binding *rbacv1.RoleBinding) error {
	w.Helper()
	if binding == nil {
		return errors.New("there is no RoleBinding")
	}
	center := &v1alpha1.ContactCenter{}
	if err := w.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: v1alpha1.ContactCenterName}, center); err != nil {
		return err
	}
	if center.Spec.Identity == nil {
		return errors.New("the ContactCenter has no identity")
	}
	member := w.get(name)
	for what, pair := range map[string][2]any{
		"role": {binding.RoleRef, rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: clusterRole}},
		"subjects": {binding.Subjects, []rbacv1.Subject{
			{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: center.Spec.Identity.UsernamePrefix + member.Spec.Email},
		}},
		"owners": {binding.OwnerReferences, []metav1.OwnerReference{
			*metav1.NewControllerRef(member, v1alpha1.GroupVersion.WithKind("Member")),
		}},
		"labels":      {binding.Labels, map[string]string{"app.kubernetes.io/managed-by": "rollcall", "rollcall.dev/member": name}},
		"annotations": {binding.Annotations, map[string]string(nil)},
	} {
		if !equality.Semantic.DeepEqual(pair[0], pair[1]) {
			return fmt.Errorf("its %s are %+v, not %+v", what, pair[0], pair[1])
		}
	}
	return nil
}

// administrator is ana, a Desk Admin whose permissions are given, in a contact
// centre where roles are permissions, with the operator running.
func (w *world) administrator() (ana *v1alpha1.Member, stop func()) {
	w.Helper()
	stop = w.operate()
	ana = w.withRole("ana", v1alpha1.RoleDeskAdmin)
	w.create(w.identifying(), ana)
	w.await("ana", ready, granted(v1alpha1.ReasonGranted))
	return ana, stop
}

// granted wants the condition PermissionsGranted to have a reason; empty for it
// to be absent.
func granted(reason string) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		condition := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.PermissionsGrantedCondition)
		if reason == "" && condition == nil || condition != nil && condition.Reason == reason {
			return nil
		}
		return fmt.Errorf("PermissionsGranted is %+v, not %q", condition, reason)
	}
}

func TestEveryRoleGetsItsRoleBindingAndDeskStaffNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	w.create(w.identifying(), w.withRole("ana", v1alpha1.RoleDeskAdmin), w.withRole("wei", v1alpha1.RoleSupervisor), w.member("putri"))
	for name, clusterRole := range map[string]string{"super-admin": "rollcall-super-admin", "ana": "rollcall-desk-admin", "wei": "rollcall-supervisor"} {
		w.await(name, ready, granted(v1alpha1.ReasonGranted))
		if err := w.checkBinding(name, clusterRole, w.binding(name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.await("putri", ready, granted(""))
	if w.binding("putri") != nil {
		t.Error("Desk Staff has permissions")
	}
	w.quiet()
}

func TestPermissionsFollowTheIdentityOfTheContactCenter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	center := w.center()
	w.create(center, w.withRole("ana", v1alpha1.RoleDeskAdmin))
	none := func(checks ...func(*v1alpha1.Member) error) {
		t.Helper()
		w.eventually("ana has no permissions and no condition", func() error {
			if binding := w.binding("ana"); binding != nil {
				return fmt.Errorf("there is a RoleBinding for %+v", binding.Subjects)
			}
			return errors.Join(granted("")(w.get("ana")), login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive)(w.get("ana")))
		})
		w.await("ana", checks...)
	}
	identify := func(prefix string) *rbacv1.RoleBinding {
		t.Helper()
		change(w, center, func(c *v1alpha1.ContactCenter) { c.Spec.Identity = &v1alpha1.Identity{UsernamePrefix: prefix} })
		binding := w.awaitBinding("ana", "rollcall-desk-admin")
		w.await("ana", ready, granted(v1alpha1.ReasonGranted))
		return binding
	}
	w.await("ana", ready, granted(""))
	none(ready)

	before := identify("oidc:")
	after := identify("https://idp.example.com#")
	if after.UID != before.UID {
		t.Error("another prefix made another RoleBinding")
	}
	w.awaitBinding(v1alpha1.SuperAdminMemberName, "rollcall-super-admin")
	change(w, center, func(c *v1alpha1.ContactCenter) { c.Spec.Identity = nil })
	none(ready)
	w.awaitBinding(v1alpha1.SuperAdminMemberName, "")

	identify("oidc:")
	if err := w.Delete(t.Context(), center); err != nil {
		t.Fatal(err)
	}
	none(has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonNoContactCenter))
	w.create(w.identifying())
	w.awaitBinding("ana", "rollcall-desk-admin")
	w.await("ana", ready, granted(v1alpha1.ReasonGranted))
	w.mailed("ana", 1)
}

func TestAnotherRoleIsAnotherRoleBinding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana, _ := w.administrator()
	last := w.binding("ana")
	for _, step := range []struct {
		role                v1alpha1.Role
		clusterRole, reason string
	}{
		{v1alpha1.RoleSupervisor, "rollcall-supervisor", v1alpha1.ReasonGranted},
		{v1alpha1.RoleDeskStaff, "", ""},
		{v1alpha1.RoleDeskAdmin, "rollcall-desk-admin", v1alpha1.ReasonGranted},
	} {
		change(w, ana, func(m *v1alpha1.Member) { m.Spec.Role = step.role })
		w.await("ana", ready, granted(step.reason))
		// The status speaks of the new role, so nothing is left of the old one.
		binding := w.binding("ana")
		if step.clusterRole == "" {
			if binding != nil {
				t.Errorf("as %s there is a RoleBinding to %s", step.role, binding.RoleRef.Name)
			}
			continue
		}
		if err := w.checkBinding("ana", step.clusterRole, binding); err != nil {
			t.Fatalf("as %s: %v", step.role, err)
		}
		if binding.UID == last.UID {
			t.Errorf("as %s it is the RoleBinding of the role before", step.role)
		}
		last = binding
	}
	w.mailed("ana", 1)
}

func TestWhoMayNotLogInHasNoPermissions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana, _ := w.administrator()
	twin := w.withRole("ana-two", v1alpha1.RoleDeskAdmin)
	twin.Spec.Email = ana.Spec.Email
	foreign := w.credentials("wei")
	foreign.Labels = nil
	w.create(twin, foreign, w.withRole("wei", v1alpha1.RoleSupervisor))
	w.await("ana-two", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDuplicate), granted(v1alpha1.ReasonLoginDenied))
	w.await("wei", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonNotIssued), granted(v1alpha1.ReasonLoginDenied))
	w.quiet()
	for _, name := range []string{"ana-two", "wei"} {
		if w.binding(name) != nil {
			t.Errorf("%s has permissions", name)
		}
	}
	// They come with the login.
	if err := w.Delete(t.Context(), ana); err != nil {
		t.Fatal(err)
	}
	w.await("ana-two", ready, granted(v1alpha1.ReasonGranted))
	w.awaitBinding("ana-two", "rollcall-desk-admin")
}

func TestAnOperatorWithoutRoleBindingsSaysThatIdentityHasNoEffect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withoutRoleBindings = true
	w.operate()
	w.create(w.identifying(), w.withRole("ana", v1alpha1.RoleDeskAdmin))
	w.await("ana", ready, granted(""))
	w.await(v1alpha1.SuperAdminMemberName, ready, granted(""))
	w.awaitCenter(func(status *v1alpha1.ContactCenterStatus) error {
		return hasCondition(status.Conditions, v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonIdentityNotSupported)
	})
	w.quiet()
	if w.binding("ana") != nil || w.binding(v1alpha1.SuperAdminMemberName) != nil {
		t.Error("there are permissions")
	}
	change(w, w.center(), func(c *v1alpha1.ContactCenter) { c.Spec.Identity = nil })
	w.awaitCenter(func(status *v1alpha1.ContactCenterStatus) error {
		return hasCondition(status.Conditions, v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady)
	})
}
