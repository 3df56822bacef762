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
)

// secrets is what no Role of ours may have.
var secrets = rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get", "list"}}

// checkProfileRole checks all that the operator writes into a Role.
func (w *world) checkProfileRole(profile *v1alpha1.UserProfile, name string, rules int) error {
	w.Helper()
	role := w.roleNamed(name)
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
	w := newWorld(t)
	w.operate()
	narrow, empty := w.editing("narrow", v1alpha1.ActionResetPassword), w.profile("empty", v1alpha1.ProfileAccess{})
	w.create(w.identifying(), narrow, empty,
		w.with("ana", v1alpha1.RoleDeskAdmin, "narrow"), w.with("wei", v1alpha1.RoleSupervisor, "narrow"), w.with("putri", v1alpha1.RoleDeskStaff, "narrow"),
		w.with("eli", v1alpha1.RoleDeskAdmin, "empty"))
	for name, rules := range map[string][2]int{"narrow": {4, 2}, "empty": {0, 0}} {
		profile := w.awaitProfile(name, v1alpha1.ReasonReady)
		if err := errors.Join(w.checkProfileRole(profile, "rollcall-profile-"+name, rules[0]), w.checkProfileRole(profile, "rollcall-supervisor-profile-"+name, rules[1])); err != nil {
			t.Error(err)
		}
	}
	w.awaitGranted("ana", "wei", "eli")
	w.awaitRoleRef("ana", "Role", "rollcall-profile-narrow")
	w.awaitRoleRef("wei", "Role", "rollcall-supervisor-profile-narrow")
	w.await("putri", ready, granted(""))
	w.awaitRoleRef("putri", "", "")
	w.awaitRoleRef(v1alpha1.SuperAdminMemberName, "ClusterRole", "rollcall-super-admin")
	w.eventually("the members are counted", func() error {
		for name, want := range map[string]int32{"narrow": 3, "empty": 1} {
			if got := w.awaitProfile(name, v1alpha1.ReasonReady).Status.Members; ptr.Deref(got, -1) != want {
				return fmt.Errorf("%s has %d, not %d", name, ptr.Deref(got, -1), want)
			}
		}
		return nil
	})
	w.quiet()
}

func TestARoleOfAProfileIsRepaired(t *testing.T) {
	t.Parallel()
	const name = "rollcall-profile-narrow"
	for what, harm := range map[string]func(*world) error{
		"given more": func(w *world) error {
			role := w.roleNamed(name)
			role.Rules = append(role.Rules, secrets)
			return w.Update(w.Context(), role)
		},
		"given less": func(w *world) error {
			role := w.roleNamed(name)
			role.Rules = role.Rules[:1]
			return w.Update(w.Context(), role)
		},
		"deleted": func(w *world) error { return w.Delete(w.Context(), w.roleNamed(name)) },
		"robbed of its labels, and given more": func(w *world) error {
			role := w.roleNamed(name)
			role.Rules, role.Labels = append(role.Rules, secrets), nil
			return w.Update(w.Context(), role)
		},
		"orphaned": func(w *world) error {
			role := w.roleNamed(name)
			role.OwnerReferences = nil
			return w.Update(w.Context(), role)
		},
		"kept by a finalizer": func(w *world) error {
			role := w.roleNamed(name)
			role.Finalizers, role.Rules = []string{"example.com/hold"}, append(role.Rules, secrets)
			if err := w.Update(w.Context(), role); err != nil {
				return err
			}
			w.Cleanup(func() { // or the namespace could not go
				if err := w.Patch(context.WithoutCancel(w.Context()), role, mergePatch(`{"metadata":{"finalizers":null}}`)); err != nil {
					w.Error(err)
				}
			})
			return w.Delete(w.Context(), role)
		},
	} {
		for when, down := range map[string]bool{"while the operator looks": false, "while it does not": true} {
			t.Run(what+" "+when, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				stop := w.operate()
				w.create(w.identifying(), w.editing("narrow"), w.with("ana", v1alpha1.RoleDeskAdmin, "narrow"))
				w.awaitGranted("ana")
				before := w.roleNamed(name)
				if down {
					stop()
				}
				if err := harm(w); err != nil {
					t.Fatal(err)
				}
				if down {
					w.operate()
				}
				w.eventually("the Role is as it was", func() error {
					role := w.roleNamed(name)
					if role == nil || !equality.Semantic.DeepEqual(role.Rules, before.Rules) || !equality.Semantic.DeepEqual(role.Labels, before.Labels) ||
						!equality.Semantic.DeepEqual(role.OwnerReferences, before.OwnerReferences) {
						return fmt.Errorf("it is %+v", role)
					}
					return nil
				})
				w.awaitProfile("narrow", v1alpha1.ReasonReady)
				w.awaitGranted("ana")
				w.awaitRoleRef("ana", "Role", name)
			})
		}
	}
}

func TestAForeignRoleOfAProfilesNameIsNeverTouchedAndNeverBound(t *testing.T) {
	t.Parallel()
	for what, shape := range map[string]func(*rbacv1.Role){
		"nobody's":                func(*rbacv1.Role) {},
		"somebody's":              func(r *rbacv1.Role) { r.Labels = map[string]string{"app.kubernetes.io/managed-by": "helm"} },
		"labelled half like ours": func(r *rbacv1.Role) { r.Labels = map[string]string{"app.kubernetes.io/managed-by": "rollcall"} },
		"labelled like another's": func(r *rbacv1.Role) {
			r.Labels = map[string]string{"app.kubernetes.io/managed-by": "rollcall", "rollcall.dev/user-profile": "other"}
		},
	} {
		for _, name := range []string{"rollcall-profile-narrow", "rollcall-supervisor-profile-narrow"} {
			t.Run(what+" "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				foreign := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}, Rules: []rbacv1.PolicyRule{secrets}}
				shape(foreign)
				w.create(foreign)
				before := w.roleNamed(name)
				w.operate()
				w.create(w.identifying(), w.editing("narrow"), w.with("ana", v1alpha1.RoleDeskAdmin, "narrow"), w.with("wei", v1alpha1.RoleSupervisor, "narrow"))
				profile := w.awaitProfile("narrow", v1alpha1.ReasonRoleConflict)
				if err := hasCondition(profile.Status.Conditions, v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.ReasonRoleConflict); err != nil {
					t.Error(err)
				}
				refused, other := "ana", "wei"
				if name == "rollcall-supervisor-profile-narrow" {
					refused, other = other, refused
				}
				w.awaitGranted(other)
				w.await(refused, granted(v1alpha1.ReasonRoleNotReady), has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonRoleNotReady))
				w.quiet()
				if after := w.roleNamed(name); !equality.Semantic.DeepEqual(before, after) {
					t.Errorf("it was changed to %+v", after)
				}
				w.awaitRoleRef(refused, "", "")
			})
		}
	}
}

func TestWhatIsLeftOfAProfileOfThatNameIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.operate()
	narrow := w.editing("narrow")
	w.create(w.identifying(), narrow, w.with("ana", v1alpha1.RoleDeskAdmin, "narrow"))
	w.awaitGranted("ana")
	stop()
	// What remains has no owner, and what it gives is not what the new one says.
	if err := w.Delete(t.Context(), narrow, client.PropagationPolicy(metav1.DeletePropagationOrphan)); err != nil {
		t.Fatal(err)
	}
	w.gone(narrow)
	before := w.roleNamed("rollcall-profile-narrow")
	if before == nil || len(before.OwnerReferences) != 0 {
		t.Fatalf("what is left is %+v", before)
	}
	w.create(w.profile("narrow", v1alpha1.ProfileAccess{Members: v1alpha1.AccessLevelView}))
	w.operate()
	profile := w.awaitProfile("narrow", v1alpha1.ReasonReady)
	w.awaitGranted("ana")
	if err := w.checkProfileRole(profile, "rollcall-profile-narrow", 4); err != nil {
		t.Error(err)
	}
	if after := w.roleNamed("rollcall-profile-narrow"); after.UID == before.UID {
		t.Error("it is the Role of the profile before")
	}
}

func TestAnOperatorWithoutRoleBindingsWritesNoRolesAndSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withoutRoleBindings = true
	w.operate()
	w.create(w.center(), w.editing("narrow"), w.with("ana", v1alpha1.RoleDeskAdmin, "narrow"))
	w.awaitProfile("narrow", v1alpha1.ReasonIdentityNotSupported)
	w.await("ana", ready, granted(""))
	w.quiet()
	if role := w.roleNamed("rollcall-profile-narrow"); role != nil {
		t.Errorf("there is a Role %+v", role)
	}
}
