package assignment

import (
	"cmp"
	"slices"
	"strings"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// maxMemberships is the bound of status.skillGroups of a Member.
const maxMemberships = 1000

// sourceRank orders the sources of memberships, the strongest first.
var sourceRank = map[v1alpha1.MembershipSource]int{
	v1alpha1.MembershipFromMember: 1, v1alpha1.MembershipFromSkillGroup: 2, v1alpha1.MembershipFromSelector: 3,
	v1alpha1.MembershipFromTemplate: 4,
}

// Membership returns a membership in a skill group. A priority of 0 stands for the
// default.
func Membership(group string, priority int32, source v1alpha1.MembershipSource) v1alpha1.SkillGroupMembership {
	return v1alpha1.SkillGroupMembership{Name: group, Priority: cmp.Or(priority, v1alpha1.DefaultPriority), Source: source}
}

// MergeMemberships returns one membership for each group, sorted by name. The strongest
// source of a group wins; of two memberships from one source, the later. If there are
// too many for the status, those from the strongest sources stay.
func MergeMemberships(found []v1alpha1.SkillGroupMembership) []v1alpha1.SkillGroupMembership {
	strongest := map[string]v1alpha1.SkillGroupMembership{}
	for _, membership := range found {
		known, ok := strongest[membership.Name]
		if !ok || sourceRank[membership.Source] <= sourceRank[known.Source] {
			strongest[membership.Name] = membership
		}
	}
	memberships := make([]v1alpha1.SkillGroupMembership, 0, len(strongest))
	for _, membership := range strongest {
		memberships = append(memberships, membership)
	}
	byName := func(a, b v1alpha1.SkillGroupMembership) int { return strings.Compare(a.Name, b.Name) }
	if len(memberships) > maxMemberships {
		slices.SortFunc(memberships, func(a, b v1alpha1.SkillGroupMembership) int {
			return cmp.Or(cmp.Compare(sourceRank[a.Source], sourceRank[b.Source]), byName(a, b))
		})
		memberships = memberships[:maxMemberships]
	}
	slices.SortFunc(memberships, byName)
	return memberships
}
