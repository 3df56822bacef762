package references

import (
	"slices"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/cacheindex"
)

// Indexes of Members by the skill groups in their spec and in their status.
var (
	RequestedGroupIndex = cacheindex.Index[v1alpha1.Member]{
		Name:   "rollcall.askedGroup",
		Values: func(m *v1alpha1.Member) []string { return groupNames(m.Spec.SkillGroups) },
	}
	JoinedGroupIndex = cacheindex.Index[v1alpha1.Member]{Name: "rollcall.joinedGroup", Values: joinedGroups}
)

// Indexes of Members by the site, teams, and profiles in their status.
var (
	SiteIndex = cacheindex.Index[v1alpha1.Member]{
		Name:   "rollcall.site",
		Values: func(m *v1alpha1.Member) []string { return nonEmpty(assignment.NameOf(m.Status.Site)) },
	}
	TeamIndex        = cacheindex.Index[v1alpha1.Member]{Name: "rollcall.team", Values: joinedTeams}
	UserProfileIndex = cacheindex.Index[v1alpha1.Member]{
		Name:   "rollcall.userProfile",
		Values: func(m *v1alpha1.Member) []string { return nonEmpty(assignment.NameOf(m.Status.UserProfile)) },
	}
	DesktopProfileIndex = cacheindex.Index[v1alpha1.Member]{
		Name:   "rollcall.desktopProfile",
		Values: func(m *v1alpha1.Member) []string { return nonEmpty(assignment.NameOf(m.Status.DesktopProfile)) },
	}
)

// PlacementIndex finds Members by the sites, teams, and profiles in their spec or status.
// PlacementValue returns its values.
var PlacementIndex = cacheindex.Index[v1alpha1.Member]{Name: "rollcall.placement", Values: placementValues}

// Indexes of SkillGroups by the names of the Members in their spec, and of those with a
// selector, by the value HasSelector.
var (
	GroupMemberIndex   = cacheindex.Index[v1alpha1.SkillGroup]{Name: "rollcall.groupMember", Values: listedMembers}
	GroupSelectorIndex = cacheindex.Index[v1alpha1.SkillGroup]{
		Name: "rollcall.groupSelector",
		Values: func(group *v1alpha1.SkillGroup) []string {
			if group.Spec.Selector == nil {
				return nil
			}
			return []string{HasSelector}
		},
	}
)

// HasSelector is the only value of GroupSelectorIndex.
const HasSelector = "true"

// TeamSiteIndex finds Teams by the site in their spec.
var TeamSiteIndex = cacheindex.Index[v1alpha1.Team]{
	Name:   "rollcall.teamSite",
	Values: func(team *v1alpha1.Team) []string { return nonEmpty(team.Spec.Site) },
}

// PlacementValue returns the value in PlacementIndex of an object.
func PlacementValue(kind Kind, name string) string { return kind.Name + "/" + name }

// placementValues returns the values in PlacementIndex of a Member.
func placementValues(member *v1alpha1.Member) []string {
	var values []string
	add := func(kind Kind, index cacheindex.Index[v1alpha1.Member], requested ...string) {
		for _, name := range append(index.Values(member), requested...) {
			if value := PlacementValue(kind, name); name != "" && !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
	}
	add(Site, SiteIndex, member.Spec.Site)
	add(Team, TeamIndex, member.Spec.Teams...)
	add(UserProfile, UserProfileIndex, member.Spec.UserProfile)
	add(DesktopProfile, DesktopProfileIndex, member.Spec.DesktopProfile)
	return values
}

func joinedGroups(member *v1alpha1.Member) []string {
	return names(member.Status.SkillGroups, func(joined v1alpha1.SkillGroupMembership) string { return joined.Name })
}

func joinedTeams(member *v1alpha1.Member) []string {
	return names(member.Status.Teams, func(team v1alpha1.Assignment) string { return team.Name })
}

func listedMembers(group *v1alpha1.SkillGroup) []string {
	return names(group.Spec.Members, func(member v1alpha1.GroupMember) string { return member.Name })
}

func groupNames(references []v1alpha1.SkillGroupReference) []string {
	return names(references, func(group v1alpha1.SkillGroupReference) string { return group.Name })
}

// names returns the names in a list.
func names[T any](list []T, name func(T) string) []string {
	found := make([]string, 0, len(list))
	for _, item := range list {
		found = append(found, name(item))
	}
	return found
}

// nonEmpty returns a list with a name, or nil if the name is empty.
func nonEmpty(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}
