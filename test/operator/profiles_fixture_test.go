package operator

import (
	"errors"
	"fmt"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// editing is a UserProfile that lets edit members, with these actions, and nothing
// else.
func (env *environment) editing(name string, actions ...v1alpha1.MemberAction) *v1alpha1.UserProfile {
	return env.profile(name, v1alpha1.ProfileAccess{Members: v1alpha1.AccessLevelEdit}, actions...)
}

func (env *environment) profile(name string, access v1alpha1.ProfileAccess, actions ...v1alpha1.MemberAction) *v1alpha1.UserProfile {
	return named(env, &v1alpha1.UserProfile{Spec: v1alpha1.UserProfileSpec{Access: access, Actions: actions}}, name)
}

// withProfile is a Member with a role and a user profile.
func (env *environment) withProfile(name string, role v1alpha1.Role, profile string) *v1alpha1.Member {
	member := env.withRole(name, role)
	member.Spec.UserProfile = profile
	return member
}

// roleNamed reads a Role; nil if there is none.
func (env *environment) roleNamed(name string) *rbacv1.Role {
	env.Helper()
	role := &rbacv1.Role{}
	if !env.Find(name, role) {
		return nil
	}
	return role
}

// awaitRoleRef waits until a Member's RoleBinding is to a role of a kind and a name;
// empty for none at all.
func (env *environment) awaitRoleRef(member, kind, name string) {
	env.Helper()
	env.Eventually(fmt.Sprintf("%s is bound to %s %q", member, kind, name), func() error {
		binding := env.binding(member)
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

// impersonatingMember acts as a member whom a cluster administrator impersonates, with no group
// and so with no permissions but the member's own.
func (env *environment) impersonatingMember(member string) *rest.Config {
	config := rest.CopyConfig(env.Cluster.Config)
	config.Impersonate.UserName = "oidc:" + member + "@example.com"
	config.QPS = -1
	return config
}

// clientAs is a client that acts as a member.
func (env *environment) clientAs(member string) client.WithWatch {
	env.Helper()
	return clientFor(env.T, env.impersonatingMember(member))
}

// awaitListing waits until the API server lets a member list Members, or does not: it learns
// of RoleBindings a moment after they are written.
func (env *environment) awaitListing(member string, want bool) {
	env.Helper()
	as := env.clientAs(member)
	env.Eventually(fmt.Sprintf("%s may list members: %t", member, want), func() error {
		err := as.List(env.Context(), &v1alpha1.MemberList{}, client.InNamespace(env.Namespace))
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

// newProfiledEnvironment is a contact center without an operator, in which Ana is a Desk
// Admin with the user profile narrow.
func newProfiledEnvironment(t *testing.T, narrow func(*environment) *v1alpha1.UserProfile) *environment {
	t.Helper()
	env := newEnvironment(t)
	env.CreateAll(env.ContactCenterWithIdentity(), narrow(env), env.withProfile("ana", v1alpha1.RoleDeskAdmin, "narrow"))
	stop := env.operate()
	env.awaitGranted("ana")
	env.awaitListing("ana", true)
	stop()
	return env
}
