package operator

import (
	"context"
	"errors"
	"fmt"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/testenv"
)

// secrets is what no Role of ours may have.
var secrets = rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get", "list"}}

// checkProfileRole checks all that the operator writes into a Role.
func (env *environment) checkProfileRole(profile *v1alpha1.UserProfile, name string, rules int) error {
	env.Helper()
	role := env.roleNamed(name)
	if role == nil {
		return fmt.Errorf("there is no Role %s", name)
	}
	for what, pair := range map[string][2]any{
		"owners": {role.OwnerReferences, []metav1.OwnerReference{*metav1.NewControllerRef(profile, v1alpha1.GroupVersion.WithKind("UserProfile"))}},
		"labels": {role.Labels, map[string]string{"app.kubernetes.io/managed-by": "rollcall", "rollcall.dev/user-profile": profile.Name}},
		"rules":  {len(role.Rules), rules},
	} {
		if !equality.Semantic.DeepEqual(pair[0], pair[1]) {
			return fmt.Errorf("the %s of %s are %+v, not %+v", what, name, pair[0], pair[1])
		}
	}
	return nil
}

func TestAUserProfileBecomesTwoRolesAndCountsItsMembers(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	narrow, empty := env.editing("narrow", v1alpha1.ActionResetPassword), env.profile("empty", v1alpha1.ProfileAccess{})
	env.CreateAll(env.ContactCenterWithIdentity(), narrow, empty,
		env.withProfile("ana", v1alpha1.RoleDeskAdmin, "narrow"), env.withProfile("wei", v1alpha1.RoleSupervisor, "narrow"), env.withProfile("putri", v1alpha1.RoleDeskStaff, "narrow"),
		env.withProfile("eli", v1alpha1.RoleDeskAdmin, "empty"))
	for name, rules := range map[string][2]int{"narrow": {4, 2}, "empty": {0, 0}} {
		profile := env.awaitProfile(name, v1alpha1.ReasonReady)
		if err := errors.Join(env.checkProfileRole(profile, "rollcall-profile-"+name, rules[0]), env.checkProfileRole(profile, "rollcall-supervisor-profile-"+name, rules[1])); err != nil {
			t.Error(err)
		}
	}
	env.awaitGranted("ana", "wei", "eli")
	env.awaitRoleRef("ana", "Role", "rollcall-profile-narrow")
	env.awaitRoleRef("wei", "Role", "rollcall-supervisor-profile-narrow")
	env.AwaitMember("putri", ready, granted(""))
	env.awaitRoleRef("putri", "", "")
	env.awaitRoleRef(v1alpha1.SuperAdminMemberName, "ClusterRole", "rollcall-super-admin")
	env.Eventually("the members are counted", func() error {
		for name, want := range map[string]int32{"narrow": 3, "empty": 1} {
			if got := env.awaitProfile(name, v1alpha1.ReasonReady).Status.Members; ptr.Deref(got, -1) != want {
				return fmt.Errorf("%s has %d, not %d", name, ptr.Deref(got, -1), want)
			}
		}
		return nil
	})
	env.awaitQuiet()
}

func TestARoleOfAProfileIsRepaired(t *testing.T) {
	t.Parallel()
	const name = "rollcall-profile-narrow"
	for what, harm := range map[string]func(*environment) error{
		"given more": func(env *environment) error {
			role := env.roleNamed(name)
			role.Rules = append(role.Rules, secrets)
			return env.Update(env.Context(), role)
		},
		"given less": func(env *environment) error {
			role := env.roleNamed(name)
			role.Rules = role.Rules[:1]
			return env.Update(env.Context(), role)
		},
		"deleted": func(env *environment) error { return env.Delete(env.Context(), env.roleNamed(name)) },
		"robbed of its labels, and given more": func(env *environment) error {
			role := env.roleNamed(name)
			role.Rules, role.Labels = append(role.Rules, secrets), nil
			return env.Update(env.Context(), role)
		},
		"orphaned": func(env *environment) error {
			role := env.roleNamed(name)
			role.OwnerReferences = nil
			return env.Update(env.Context(), role)
		},
		"kept by a finalizer": func(env *environment) error {
			role := env.roleNamed(name)
			role.Finalizers, role.Rules = []string{"example.com/hold"}, append(role.Rules, secrets)
			if err := env.Update(env.Context(), role); err != nil {
				return err
			}
			env.Cleanup(func() { // or the namespace could not go
				if err := env.Patch(context.WithoutCancel(env.Context()), role, mergePatch(`{"metadata":{"finalizers":null}}`)); err != nil {
					env.Error(err)
				}
			})
			return env.Delete(env.Context(), role)
		},
	} {
		for when, down := range map[string]bool{"while the operator looks": false, "while it does not": true} {
			t.Run(what+" "+when, func(t *testing.T) {
				t.Parallel()
				env := newEnvironment(t)
				stop := env.operate()
				env.CreateAll(env.ContactCenterWithIdentity(), env.editing("narrow"), env.withProfile("ana", v1alpha1.RoleDeskAdmin, "narrow"))
				env.awaitGranted("ana")
				before := env.roleNamed(name)
				if down {
					stop()
				}
				if err := harm(env); err != nil {
					t.Fatal(err)
				}
				if down {
					env.operate()
				}
				env.Eventually("the Role is as it was", func() error {
					role := env.roleNamed(name)
					if role == nil || !equality.Semantic.DeepEqual(role.Rules, before.Rules) || !equality.Semantic.DeepEqual(role.Labels, before.Labels) ||
						!equality.Semantic.DeepEqual(role.OwnerReferences, before.OwnerReferences) {
						return fmt.Errorf("it is %+v", role)
					}
					return nil
				})
				env.awaitProfile("narrow", v1alpha1.ReasonReady)
				env.awaitGranted("ana")
				env.awaitRoleRef("ana", "Role", name)
			})
		}
	}
}

func TestAForeignRoleOfAProfilesNameIsNeverTouchedAndNeverBound(t *testing.T) {
	t.Parallel()
	for what, shape := range map[string]func(*rbacv1.Role){
		"nobody's":               func(*rbacv1.Role) {},
		"somebody's":             func(r *rbacv1.Role) { r.Labels = map[string]string{"app.kubernetes.io/managed-by": "helm"} },
		"labeled half like ours": func(r *rbacv1.Role) { r.Labels = map[string]string{"app.kubernetes.io/managed-by": "rollcall"} },
		"labeled like another's": func(r *rbacv1.Role) {
			r.Labels = map[string]string{"app.kubernetes.io/managed-by": "rollcall", "rollcall.dev/user-profile": "other"}
		},
	} {
		for _, name := range []string{"rollcall-profile-narrow", "rollcall-supervisor-profile-narrow"} {
			t.Run(what+" "+name, func(t *testing.T) {
				t.Parallel()
				env := newEnvironment(t)
				foreign := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: name}, Rules: []rbacv1.PolicyRule{secrets}}
				shape(foreign)
				env.CreateAll(foreign)
				before := env.roleNamed(name)
				env.operate()
				env.CreateAll(env.ContactCenterWithIdentity(), env.editing("narrow"), env.withProfile("ana", v1alpha1.RoleDeskAdmin, "narrow"), env.withProfile("wei", v1alpha1.RoleSupervisor, "narrow"))
				profile := env.awaitProfile("narrow", v1alpha1.ReasonRoleConflict)
				if err := testenv.HasCondition(profile.Status.Conditions, v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.ReasonRoleConflict); err != nil {
					t.Error(err)
				}
				refused, other := "ana", "wei"
				if name == "rollcall-supervisor-profile-narrow" {
					refused, other = other, refused
				}
				env.awaitGranted(other)
				env.AwaitMember(refused, granted(v1alpha1.ReasonRoleNotReady), has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonRoleNotReady))
				env.awaitQuiet()
				if after := env.roleNamed(name); !equality.Semantic.DeepEqual(before, after) {
					t.Errorf("it was changed to %+v", after)
				}
				env.awaitRoleRef(refused, "", "")
			})
		}
	}
}

func TestTheRemainsOfAnEarlierProfileAreReplaced(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	stop := env.operate()
	narrow := env.editing("narrow")
	env.CreateAll(env.ContactCenterWithIdentity(), narrow, env.withProfile("ana", v1alpha1.RoleDeskAdmin, "narrow"))
	env.awaitGranted("ana")
	stop()
	// What remains has no owner, and what it gives is not what the new one says.
	if err := env.Delete(t.Context(), narrow, client.PropagationPolicy(metav1.DeletePropagationOrphan)); err != nil {
		t.Fatal(err)
	}
	env.awaitGone(narrow)
	before := env.roleNamed("rollcall-profile-narrow")
	if before == nil || len(before.OwnerReferences) != 0 {
		t.Fatalf("what is left is %+v", before)
	}
	env.CreateAll(env.profile("narrow", v1alpha1.ProfileAccess{Members: v1alpha1.AccessLevelView}))
	env.operate()
	profile := env.awaitProfile("narrow", v1alpha1.ReasonReady)
	env.awaitGranted("ana")
	if err := env.checkProfileRole(profile, "rollcall-profile-narrow", 4); err != nil {
		t.Error(err)
	}
	if after := env.roleNamed("rollcall-profile-narrow"); after.UID == before.UID {
		t.Error("it is the Role of the profile before")
	}
}

func TestAnOperatorWithoutRoleBindingsWritesNoRolesAndSaysSo(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.OperatorOptions.WithoutRoleBindings = true
	env.operate()
	env.CreateAll(env.ContactCenter(), env.editing("narrow"), env.withProfile("ana", v1alpha1.RoleDeskAdmin, "narrow"))
	env.awaitProfile("narrow", v1alpha1.ReasonIdentityNotSupported)
	env.AwaitMember("ana", ready, granted(""))
	env.awaitQuiet()
	if role := env.roleNamed("rollcall-profile-narrow"); role != nil {
		t.Errorf("there is a Role %+v", role)
	}
}
