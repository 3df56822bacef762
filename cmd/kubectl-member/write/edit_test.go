package write

import (
	"fmt"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestAddedAndRemovedSkillGroupsKeepTheOthers(t *testing.T) {
	t.Parallel()
	before := []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 1}, {Name: "sales", Priority: 3}}
	for _, test := range []struct {
		plan    EditPlan
		want    string
		differs bool
	}{
		{EditPlan{Add: []v1alpha1.SkillGroupReference{{Name: "night"}}}, "[{billing 1} {sales 3} {night 3}]", true},
		{EditPlan{Add: []v1alpha1.SkillGroupReference{{Name: "billing"}}}, "[{billing 1} {sales 3}]", false},
		{EditPlan{Add: []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 2}}}, "[{billing 2} {sales 3}]", true},
		{EditPlan{Remove: []string{"billing", "night"}}, "[{sales 3}]", true},
		{EditPlan{Remove: []string{"night"}}, "[{billing 1} {sales 3}]", false},
	} {
		after, differs := test.plan.groups(before)
		if fmt.Sprint(after) != test.want || differs != test.differs {
			t.Errorf("%+v: %v, %t; not %s, %t", test.plan, after, differs, test.want, test.differs)
		}
	}
	if fmt.Sprint(before) != "[{billing 1} {sales 3}]" {
		t.Errorf("what was given is changed to %v", before)
	}
}
