package operator

import (
	"maps"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// foreignBinding is a RoleBinding that a person made under the name of a Member's.
func (env *environment) foreignBinding(name string) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: env.meta(v1alpha1.RoleBindingPrefix + name),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "eve"}},
	}
}

// ourLabels are those of a Member's RoleBinding.
func ourLabels(name string) map[string]string {
	return map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue, v1alpha1.MemberLabel: name}
}

func TestAChangedRoleBindingIsRestored(t *testing.T) {
	t.Parallel()
	edit := func(mutate func(*rbacv1.RoleBinding)) func(*environment, string) {
		return func(env *environment, name string) { change(env, env.binding(name), mutate) }
	}
	remove := func(env *environment, name string) { env.delete(env.binding(name)) }
	extra := rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: "everybody"}
	spoil := map[string]func(*environment, string){
		"another-subject":  edit(func(b *rbacv1.RoleBinding) { b.Subjects[0].Name = "oidc:eve@example.com" }),
		"one-subject-more": edit(func(b *rbacv1.RoleBinding) { b.Subjects = append(b.Subjects, extra) }),
		"a-group-instead":  edit(func(b *rbacv1.RoleBinding) { b.Subjects[0].Kind = rbacv1.GroupKind }),
		"no-subject":       edit(func(b *rbacv1.RoleBinding) { b.Subjects = nil }),
		"no-labels":        edit(func(b *rbacv1.RoleBinding) { b.Labels = nil }),
		"no-managed-by":    edit(func(b *rbacv1.RoleBinding) { delete(b.Labels, v1alpha1.ManagedByLabel) }),
		"anothers-label":   edit(func(b *rbacv1.RoleBinding) { b.Labels[v1alpha1.MemberLabel] = "eve" }),
		"no-owner":         edit(func(b *rbacv1.RoleBinding) { b.OwnerReferences = nil }),
		"deleted":          remove,
		"another-in-its-place": func(env *environment, name string) {
			another := env.foreignBinding(name)
			another.Labels = ourLabels(name)
			remove(env, name)
			// The operator may be faster.
			if err := env.Create(env.Context(), another); err != nil && !apierrors.IsAlreadyExists(err) {
				env.Fatal(err)
			}
		},
	}
	for when, stopped := range map[string]bool{"while the operator runs": false, "while it is stopped": true} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			env, _ := administrator(t)
			env.administrators(slices.Collect(maps.Keys(spoil))...)
			if stopped {
				env.stopOperator()
			}
			for name, change := range spoil {
				change(env, name)
			}
			if stopped {
				env.operate()
			}
			for name := range spoil {
				env.awaitBinding(name, "rollcall-desk-admin")
				env.AwaitMember(name, ready, granted(v1alpha1.ReasonGranted))
				env.CheckMessages(name, 1)
			}
		})
	}
}

func TestAForeignRoleBindingIsNeverTouchedAndTheLoginIsAllowed(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.ContactCenterWithIdentity(), env.Member("eve"))
	env.AwaitMember("eve", ready)
	owner := &corev1.ConfigMap{ObjectMeta: env.meta("owner")}
	env.CreateAll(owner)
	for name, foreign := range map[string]func(*rbacv1.RoleBinding){
		"without-labels": func(*rbacv1.RoleBinding) {},
		"its-own-label":  func(b *rbacv1.RoleBinding) { b.Labels = map[string]string{"app": "billing"} },
		"our-labels-and-another-owner": func(b *rbacv1.RoleBinding) {
			b.Labels = ourLabels("our-labels-and-another-owner")
			b.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(owner, corev1.SchemeGroupVersion.WithKind("ConfigMap"))}
		},
		"our-labels-and-another-member-as-owner": func(b *rbacv1.RoleBinding) {
			b.Labels = ourLabels("our-labels-and-another-member-as-owner")
			b.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(env.GetMember("eve"), v1alpha1.GroupVersion.WithKind("Member"))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := env.in(t)
			binding := env.foreignBinding(name)
			foreign(binding)
			member := env.withRole(name, v1alpha1.RoleDeskAdmin)
			env.CreateAll(binding, member)
			env.AwaitMember(name, login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive),
				has(v1alpha1.PermissionsGrantedCondition, metav1.ConditionFalse, v1alpha1.ReasonRoleBindingConflict),
				has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonRoleBindingConflict),
				has(v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.ReasonRoleBindingConflict),
				has(v1alpha1.PasswordMailedCondition, metav1.ConditionTrue, v1alpha1.ReasonMailed))
			env.checkEvents(name, map[string]int{"RoleBindingConflict": 1})
			env.awaitQuiet()
			if now := env.binding(name); now == nil || now.ResourceVersion != binding.ResourceVersion {
				t.Error("the RoleBinding was touched")
			}
			// Once it is gone, the next look at the Member gives the permissions.
			env.delete(binding)
			change(env, member, func(m *v1alpha1.Member) { m.Spec.Nickname = "Ana" })
			env.AwaitMember(name, ready, granted(v1alpha1.ReasonGranted))
			env.awaitBinding(name, "rollcall-desk-admin")
			env.checkEvents(name, map[string]int{"RoleBindingConflict": 1})
		})
	}
}

func TestAForeignRoleBindingIsIgnoredWhereThereIsNothingToGrant(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	offline := env.withRole("wei", v1alpha1.RoleSupervisor)
	offline.Spec.ForceOffline = true
	bindings := map[string]*rbacv1.RoleBinding{"putri": env.foreignBinding("putri"), "wei": env.foreignBinding("wei")}
	env.CreateAll(bindings["putri"], bindings["wei"])
	env.operate()
	env.CreateAll(env.ContactCenterWithIdentity(), env.Member("putri"), offline)
	env.AwaitMember("putri", ready, granted(""))
	env.AwaitMember("wei", readyButDenied(v1alpha1.LoginReasonForcedOffline), granted(v1alpha1.ReasonLoginDenied))
	env.awaitQuiet()
	for name, binding := range bindings {
		if now := env.binding(name); now == nil || now.ResourceVersion != binding.ResourceVersion {
			t.Errorf("the RoleBinding of %s was touched", name)
		}
		if apimeta.FindStatusCondition(env.GetMember(name).Status.Conditions, v1alpha1.StalledCondition) != nil {
			t.Errorf("%s is stalled", name)
		}
		if events := env.events(name); events["RoleBindingConflict"] != 0 {
			t.Errorf("events of %s are %v", name, events)
		}
	}
}
