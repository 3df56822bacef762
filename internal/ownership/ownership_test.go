package ownership

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestARoleBindingIsOursByItsLabelsAndItsController(t *testing.T) {
	t.Parallel()
	member := metav1.OwnerReference{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Member", Name: "ana", UID: "1", Controller: new(true)}
	owner := func(change func(*metav1.OwnerReference)) func(*rbacv1.RoleBinding) {
		return func(b *rbacv1.RoleBinding) {
			changed := *member.DeepCopy()
			change(&changed)
			b.OwnerReferences = []metav1.OwnerReference{changed}
		}
	}
	for name, test := range map[string]struct {
		change func(*rbacv1.RoleBinding)
		want   bool
	}{
		"as it is made":                  {func(*rbacv1.RoleBinding) {}, true},
		"of a Member of the name before": {owner(func(o *metav1.OwnerReference) { o.UID = "0" }), true},
		"the owner is lost":              {func(b *rbacv1.RoleBinding) { b.OwnerReferences = nil }, true},
		"an owner that is no controller": {owner(func(o *metav1.OwnerReference) { o.Kind, o.Controller = "ConfigMap", nil }), true},
		"a label more":                   {func(b *rbacv1.RoleBinding) { b.Labels["team"] = "blue" }, true},
		"no labels":                      {func(b *rbacv1.RoleBinding) { b.Labels = nil }, false},
		"managed by another":             {func(b *rbacv1.RoleBinding) { b.Labels[v1alpha1.ManagedByLabel] = "helm" }, false},
		"labeled for another Member":     {func(b *rbacv1.RoleBinding) { b.Labels[v1alpha1.MemberLabel] = "eve" }, false},
		"owned by another Member":        {owner(func(o *metav1.OwnerReference) { o.Name = "eve" }), false},
		"owned by another kind":          {owner(func(o *metav1.OwnerReference) { o.Kind = "SkillGroup" }), false},
		"owned by another group's kind":  {owner(func(o *metav1.OwnerReference) { o.APIVersion = "example.com/v1alpha1" }), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			binding := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{
				Labels:          map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue, v1alpha1.MemberLabel: "ana"},
				OwnerReferences: []metav1.OwnerReference{member},
			}}
			test.change(binding)
			owner := Member(&v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Name: "ana", UID: "2"}})
			if got := owner.Of(binding).IsLeftOver(); got != test.want {
				t.Errorf("IsLeftOver() = %t, want %t", got, test.want)
			}
		})
	}
}
