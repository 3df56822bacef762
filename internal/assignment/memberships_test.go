package assignment

import (
	"fmt"
	"slices"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestMergeMembershipsKeepsTheStrongestSourceOfEachGroup(t *testing.T) {
	t.Parallel()
	own := func(group string, priority int32) v1alpha1.SkillGroupMembership {
		return Membership(group, priority, v1alpha1.MembershipFromMember)
	}
	listed := func(group string, priority int32) v1alpha1.SkillGroupMembership {
		return Membership(group, priority, v1alpha1.MembershipFromSkillGroup)
	}
	selected := func(group string, priority int32) v1alpha1.SkillGroupMembership {
		return Membership(group, priority, v1alpha1.MembershipFromSelector)
	}
	templated := func(group string, priority int32) v1alpha1.SkillGroupMembership {
		return Membership(group, priority, v1alpha1.MembershipFromTemplate)
	}
	type memberships = []v1alpha1.SkillGroupMembership
	for name, test := range map[string]struct{ found, want memberships }{
		"no membership":                  {nil, memberships{}},
		"groups are sorted by name":      {memberships{own("b", 1), own("a", 2)}, memberships{own("a", 2), own("b", 1)}},
		"the Member wins":                {memberships{listed("a", 2), selected("a", 4), templated("a", 5), own("a", 1)}, memberships{own("a", 1)}},
		"then the SkillGroup's list":     {memberships{templated("a", 5), listed("a", 2), selected("a", 4)}, memberships{listed("a", 2)}},
		"then the SkillGroup's selector": {memberships{selected("a", 4), templated("a", 5)}, memberships{selected("a", 4)}},
		"the later of one source wins":   {memberships{listed("a", 1), listed("a", 2)}, memberships{listed("a", 2)}},
		"no priority means the default":  {memberships{own("a", 0)}, memberships{own("a", v1alpha1.DefaultPriority)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := MergeMemberships(test.found); !slices.Equal(got, test.want) {
				t.Errorf("MergeMemberships() = %v, want %v", got, test.want)
			}
		})
	}
}

func TestMergeMembershipsKeepsTheStrongestSourcesWithinTheBoundOfTheStatus(t *testing.T) {
	t.Parallel()
	found := []v1alpha1.SkillGroupMembership{Membership("z", 1, v1alpha1.MembershipFromMember)}
	for i := range 1000 {
		found = append(found, Membership(fmt.Sprintf("group-%04d", i), 1, v1alpha1.MembershipFromTemplate))
	}
	got := MergeMemberships(found)
	if len(got) != 1000 || got[998].Name != "group-0998" || got[999].Name != "z" {
		t.Errorf("MergeMemberships() returns %d, the last two are %v", len(got), got[len(got)-2:])
	}
}
