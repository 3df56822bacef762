package directory

import (
	"slices"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestContactCenterPoliciesReachTheGate(t *testing.T) {
	t.Parallel()
	spec := v1alpha1.ContactCenterSpec{LoginURL: "https://desk.example.com/login", Gate: &v1alpha1.Gate{Policies: []v1alpha1.GatePolicy{
		{Name: "billing-desk", Roles: []v1alpha1.Role{v1alpha1.RoleSupervisor}, SkillGroups: []string{"billing"}},
	}}}
	_, center, ok := readCenter(&v1alpha1.ContactCenter{Spec: spec})
	policy := center.Policies["billing-desk"]
	if !ok || !slices.Equal(policy.Roles, []string{"Supervisor"}) || !slices.Equal(policy.SkillGroups, []string{"billing"}) {
		t.Errorf("the policy is %+v (valid: %t)", policy, ok)
	}
	if _, _, ok := readCenter(&v1alpha1.ContactCenter{Spec: v1alpha1.ContactCenterSpec{LoginURL: "://"}}); ok {
		t.Error("a contact center without a login URL is valid")
	}
}
