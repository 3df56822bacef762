package operator

import (
	"errors"
	"fmt"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// editing is a UserProfile that lets edit members, with these actions, and nothing
// else.
func (w *world) editing(name string, actions ...v1alpha1.MemberAction) *v1alpha1.UserProfile {
	return w.profile(name, v1alpha1.ProfileAccess{Members: v1alpha1.AccessLevelEdit}, actions...)
}

func (w *world) profile(name string, access v1alpha1.ProfileAccess, actions ...v1alpha1.MemberAction) *v1alpha1.UserProfile {
	return &v1alpha1.UserProfile{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec:       v1alpha1.UserProfileSpec{Access: access, Actions: actions},
	}
}

// with is a Member with a role and a user profile.
func (w *world) with(name string, role v1alpha1.Role, profile string) *v1alpha1.Member {
	member := w.withRole(name, role)
	member.Spec.UserProfile = profile
	return member
}

// awaitProfile waits until a UserProfile is Ready, or is not for a reason, and
// returns it.
func (w *world) awaitProfile(name, reason string) *v1alpha1.UserProfile {
	w.Helper()
	profile := &v1alpha1.UserProfile{}
	w.eventually("UserProfile "+name, func() error {
		if err := w.Get(w.Context(), key(w, name), profile); err != nil {
			return err
		}
		if profile.Status.ObservedGeneration != profile.Generation {
			return errors.New("it has not been looked at")
		}
		status := metav1.ConditionFalse
		if reason == v1alpha1.ReasonReady {
			status = metav1.ConditionTrue
		}
		return hasCondition(profile.Status.Conditions, v1alpha1.ReadyCondition, status, reason)
	})
	checkConditions(w.T, profile.Status.Conditions, profile.Generation)
	return profile
}

// roleNamed reads a Role; nil if there is none.
func (w *world) roleNamed(name string) *rbacv1.Role {
	w.Helper()
	role := &rbacv1.Role{}
	err := w.Get(w.Context(), key(w, name), role)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		w.Fatal(err)
	}
	return role
}

// awaitRoleRef waits until a Member's RoleBinding is to a role of a kind and a name;
// empty for none at all.
func (w *world) awaitRoleRef(member, kind, name string) {
	w.Helper()
	w.eventually(fmt.Sprintf("%s is bound to %s %q", member, kind, name), func() error {
		binding := w.binding(member)
		switch {
		case binding == nil && name == "":
			return nil
		case binding == nil:
			return errors.New("there is no RoleBinding")
		case binding.RoleRef.Kind != kind || binding.RoleRef.Name != name:
			return fmt.Errorf("it is to %+v", binding.RoleRef)
		}
		return nil
	})
}

// actingFor acts as a member whom a cluster administrator impersonates, with no group
// and so with no permissions but the member's own.
func actingFor(member string) *rest.Config {
	config := rest.CopyConfig(suite.plane.Config)
	config.Impersonate.UserName = "oidc:" + member + "@example.com"
	config.QPS = -1
	return config
}

// acting is a client that acts as a member.
func (w *world) acting(member string) client.WithWatch {
	w.Helper()
	return clientFor(w.T, actingFor(member))
}

// may waits until the API server lets a member list Members, or does not: it learns
// of RoleBindings a moment after they are written.
func (w *world) may(member string, want bool) {
	w.Helper()
	as := w.acting(member)
	w.eventually(fmt.Sprintf("%s may list members: %t", member, want), func() error {
		err := as.List(w.Context(), &v1alpha1.MemberList{}, client.InNamespace(w.namespace))
		switch {
		case err == nil && !want:
			return errors.New("it is allowed")
		case want:
			return err
		case !apierrors.IsForbidden(err):
			return fmt.Errorf("it is refused otherwise: %w", err)
		}
		return nil
	})
}

// newProfiledDesk is a contact centre without an operator, in which Ana is a Desk
// Admin with the user profile narrow.
func newProfiledDesk(t *testing.T, narrow func(*world) *v1alpha1.UserProfile) *world {
	t.Helper()
	w := newWorld(t)
	w.create(w.identifying(), narrow(w), w.with("ana", v1alpha1.RoleDeskAdmin, "narrow"))
	stop := w.operate()
	w.awaitGranted("ana")
	w.may("ana", true)
	stop()
	return w
}
