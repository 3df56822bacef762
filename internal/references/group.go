package references

import (
	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/cacheindex"
)

// GroupMemberIndex finds SkillGroups by the names of the Members in their spec.
var GroupMemberIndex = cacheindex.Index[v1alpha1.SkillGroup]{
	Name: "rollcall.groupMember",
	Values: func(group *v1alpha1.SkillGroup) []string {
		names := make([]string, 0, len(group.Spec.Members))
		for _, member := range group.Spec.Members {
			names = append(names, member.Name)
		}
		return names
	},
}

// GroupSelectorIndex finds the SkillGroups with a selector, by the value HasSelector.
var GroupSelectorIndex = cacheindex.Index[v1alpha1.SkillGroup]{
	Name: "rollcall.groupSelector",
	Values: func(group *v1alpha1.SkillGroup) []string {
		if group.Spec.Selector == nil {
			return nil
		}
		return []string{HasSelector}
	},
}

// HasSelector is the only value of GroupSelectorIndex.
const HasSelector = "true"

// TeamSiteIndex finds Teams by the site in their spec.
var TeamSiteIndex = cacheindex.Index[v1alpha1.Team]{
	Name:   "rollcall.teamSite",
	Values: func(team *v1alpha1.Team) []string { return nonEmpty(team.Spec.Site) },
}
