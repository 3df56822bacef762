package controllers_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
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

func (w *world) checkBinding(name, clusterRole string, binding *rbacv1.RoleBinding) error {
	owner := metav1.GetControllerOf(binding)
	switch {
	case binding.RoleRef.Kind != "ClusterRole" || binding.RoleRef.Name != clusterRole:
		return fmt.Errorf("it gives %+v", binding.RoleRef)
	case len(binding.Subjects) != 1 || binding.Subjects[0] != (rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "oidc:" + w.get(name).Spec.Email}):
		return fmt.Errorf("it is for %+v", binding.Subjects)
	case owner == nil || owner.UID != w.get(name).UID:
		return fmt.Errorf("its owner is %+v", owner)
	case binding.Labels[v1alpha1.ManagedByLabel] != v1alpha1.ManagedByValue || binding.Labels[v1alpha1.MemberLabel] != name:
		return fmt.Errorf("its labels are %v", binding.Labels)
	}
	return nil
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

func TestPermissionsGoBeforeLoginIsDeniedAndComeAfterItIsAllowed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		deny, allow func(*v1alpha1.Member)
		reason      v1alpha1.LoginReason
		restored    v1alpha1.LoginReason
	}{
		"forced offline": {
			func(m *v1alpha1.Member) { m.Spec.ForceOffline = true },
			func(m *v1alpha1.Member) { m.Spec.ForceOffline = false },
			v1alpha1.LoginReasonForcedOffline, v1alpha1.LoginReasonActive,
		},
		"forced offline for a while": {
			func(m *v1alpha1.Member) {
				m.Spec.ForceOfflineUntil = &metav1.Time{Time: time.Now().Add(2 * time.Second)} //nolint:forbidigo // the operator's clock is the real one here
			},
			func(*v1alpha1.Member) {},
			v1alpha1.LoginReasonForcedOffline, v1alpha1.LoginReasonForceOfflineExpired,
		},
		"inactive": {
			func(m *v1alpha1.Member) { m.Spec.Active = new(false) },
			func(m *v1alpha1.Member) { m.Spec.Active = new(true) },
			v1alpha1.LoginReasonInactive, v1alpha1.LoginReasonActive,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.operate()
			ana := w.withRole("ana", v1alpha1.RoleDeskAdmin)
			w.create(w.identifying(), ana)
			w.await("ana", ready, granted(v1alpha1.ReasonGranted))
			change(w, ana, test.deny)
			w.await("ana", readyButDenied(test.reason), granted(v1alpha1.ReasonLoginDenied))
			if w.binding("ana") != nil {
				t.Error("login is denied and the permissions are there")
			}
			change(w, ana, test.allow)
			w.await("ana", login(v1alpha1.LoginAllowed, test.restored), granted(v1alpha1.ReasonGranted))
			w.awaitBinding("ana", "rollcall-desk-admin")
		})
	}
}
