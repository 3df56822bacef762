package operator

import (
	"context"
	"fmt"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// secrets is what no Role of ours may have.
var secrets = rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get", "list"}}

// checkProfileRole checks all that the operator writes into a Role.
func (env *environment) checkProfileRole(profile, name string, rules int) {
	env.Helper()
	owner, role := env.await(env.editing(profile)), env.roleNamed(name)
	if role == nil {
		env.Fatalf("there is no Role %s", name)
	}
	for what, pair := range map[string][2]any{
		"owners": {role.OwnerReferences, []metav1.OwnerReference{*metav1.NewControllerRef(owner, v1alpha1.GroupVersion.WithKind("UserProfile"))}},
		"labels": {role.Labels, map[string]string{"app.kubernetes.io/managed-by": "rollcall", "rollcall.dev/user-profile": profile}},
		"rules":  {len(role.Rules), rules},
	} {
		if !equality.Semantic.DeepEqual(pair[0], pair[1]) {
			env.Errorf("the %s of %s are %+v, not %+v", what, name, pair[0], pair[1])
		}
	}
}

func TestAUserProfileBecomesTwoRolesAndCountsItsMembers(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	narrow, empty := env.editing("narrow", v1alpha1.ActionResetPassword), env.profile("empty", v1alpha1.ProfileAccess{})
	env.CreateAll(env.ContactCenterWithIdentity(), narrow, empty,
		env.withProfile("ana", v1alpha1.RoleDeskAdmin, "narrow"), env.withProfile("wei", v1alpha1.RoleSupervisor, "narrow"), env.withProfile("putri", v1alpha1.RoleDeskStaff, "narrow"),
		env.withProfile("eli", v1alpha1.RoleDeskAdmin, "empty"))
	env.await(narrow, isReady, counts(3))
	env.await(empty, isReady, counts(1))
	for name, rules := range map[string][2]int{"narrow": {4, 2}, "empty": {0, 0}} {
		env.checkProfileRole(name, "rollcall-profile-"+name, rules[0])
		env.checkProfileRole(name, "rollcall-supervisor-profile-"+name, rules[1])
	}
	env.awaitGranted("ana", "wei", "eli")
	env.awaitRoleRef("ana", "Role", "rollcall-profile-narrow")
	env.awaitRoleRef("wei", "Role", "rollcall-supervisor-profile-narrow")
	env.AwaitMember("putri", ready, granted(""))
	env.awaitRoleRef("putri", "", "")
	env.awaitRoleRef(v1alpha1.SuperAdminMemberName, "ClusterRole", "rollcall-super-admin")
	env.awaitQuiet()
}

// harms are what may happen to a Role that is the operator's, by names of profiles.
var harms = map[string]func(*environment, *rbacv1.Role) error{
	"given-more": func(env *environment, role *rbacv1.Role) error {
		role.Rules = append(role.Rules, secrets)
		return env.Update(env.Context(), role)
	},
	"given-less": func(env *environment, role *rbacv1.Role) error {
		role.Rules = role.Rules[:1]
		return env.Update(env.Context(), role)
	},
	"deleted": func(env *environment, role *rbacv1.Role) error { return env.Delete(env.Context(), role) },
	"robbed-of-its-labels-and-given-more": func(env *environment, role *rbacv1.Role) error {
		role.Rules, role.Labels = append(role.Rules, secrets), nil
		return env.Update(env.Context(), role)
	},
	"orphaned": func(env *environment, role *rbacv1.Role) error {
		role.OwnerReferences = nil
		return env.Update(env.Context(), role)
	},
	"kept-by-a-finalizer": func(env *environment, role *rbacv1.Role) error {
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
}

func TestARoleOfAProfileIsRepaired(t *testing.T) {
	t.Parallel()
	for when, down := range map[string]bool{"while the operator looks": false, "while it does not": true} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			stop := env.operate()
			env.CreateAll(env.ContactCenterWithIdentity())
			before := map[string]*rbacv1.Role{}
			for name := range harms {
				env.CreateAll(env.editing(name), env.withProfile(name, v1alpha1.RoleDeskAdmin, name))
			}
			for name := range harms {
				env.awaitGranted(name)
				before[name] = env.roleNamed("rollcall-profile-" + name)
			}
			if down {
				stop()
			}
			for name, harm := range harms {
				if err := harm(env, before[name].DeepCopy()); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			if down {
				env.operate()
			}
			for name := range harms {
				env.Eventually("the Role "+name+" is as it was", func() error {
					role, was := env.roleNamed("rollcall-profile-"+name), before[name]
					if role == nil || !equality.Semantic.DeepEqual(role.Rules, was.Rules) || !equality.Semantic.DeepEqual(role.Labels, was.Labels) ||
						!equality.Semantic.DeepEqual(role.OwnerReferences, was.OwnerReferences) {
						return fmt.Errorf("it is %+v", role)
					}
					return nil
				})
				env.await(env.editing(name), isReady)
				env.awaitGranted(name)
				env.awaitRoleRef(name, "Role", "rollcall-profile-"+name)
			}
		})
	}
}

func TestAForeignRoleOfAProfilesNameIsNeverTouchedAndNeverBound(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.ContactCenterWithIdentity())
	foreign := map[string]*rbacv1.Role{}
	for what, labels := range map[string]map[string]string{
		"unlabeled":             nil,
		"helms":                 {"app.kubernetes.io/managed-by": "helm"},
		"half-like-ours":        {"app.kubernetes.io/managed-by": "rollcall"},
		"like-anothers-profile": {"app.kubernetes.io/managed-by": "rollcall", "rollcall.dev/user-profile": "other"},
	} {
		for _, prefix := range []string{"rollcall-profile-", "rollcall-supervisor-profile-"} {
			profile := what + "-" + strings.Split(prefix, "-")[1]
			foreign[profile] = named(env, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Rules: []rbacv1.PolicyRule{secrets}}, prefix+profile)
			env.CreateAll(foreign[profile], env.editing(profile), env.withProfile("ana-"+profile, v1alpha1.RoleDeskAdmin, profile), env.withProfile("wei-"+profile, v1alpha1.RoleSupervisor, profile))
		}
	}
	env.operate()
	refused := map[string]string{}
	for profile := range foreign {
		env.await(env.editing(profile), is(v1alpha1.ReasonRoleConflict))
		other := "wei-" + profile
		refused[profile] = "ana-" + profile
		if strings.HasSuffix(profile, "-supervisor") {
			refused[profile], other = other, refused[profile]
		}
		env.awaitGranted(other)
		env.AwaitMember(refused[profile], granted(v1alpha1.ReasonRoleNotReady), has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonRoleNotReady))
	}
	env.awaitQuiet()
	for profile, before := range foreign {
		if after := env.roleNamed(before.Name); !equality.Semantic.DeepEqual(before, after) {
			t.Errorf("it was changed to %+v", after)
		}
		env.awaitRoleRef(refused[profile], "", "")
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
	env.delete(narrow, client.PropagationPolicy(metav1.DeletePropagationOrphan))
	env.awaitGone(narrow)
	before := env.roleNamed("rollcall-profile-narrow")
	if before == nil || len(before.OwnerReferences) != 0 {
		t.Fatalf("what is left is %+v", before)
	}
	env.CreateAll(env.profile("narrow", v1alpha1.ProfileAccess{Members: v1alpha1.AccessLevelView}))
	env.operate()
	env.await(narrow, isReady)
	env.awaitGranted("ana")
	env.checkProfileRole("narrow", "rollcall-profile-narrow", 4)
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
	env.await(env.editing("narrow"), is(v1alpha1.ReasonIdentityNotSupported))
	env.AwaitMember("ana", ready, granted(""))
	env.awaitQuiet()
	if role := env.roleNamed("rollcall-profile-narrow"); role != nil {
		t.Errorf("there is a Role %+v", role)
	}
}
