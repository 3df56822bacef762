// Package references knows which objects name which others: Members their skill groups,
// sites, teams, and profiles, and templates, teams, and skill groups what they name. It
// holds the indexes of the cache by those names, and finds names without an object.
package references

import (
	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/cacheindex"
)

// Indexes of Members by the skill groups in their spec and in their status.
var (
	RequestedGroupIndex = cacheindex.Index[v1alpha1.Member]{Name: "rollcall.askedGroup", Values: requestedGroups}
	JoinedGroupIndex    = cacheindex.Index[v1alpha1.Member]{Name: "rollcall.joinedGroup", Values: JoinedGroups}
)

// Indexes of Members by the site, teams, and profiles in their status.
var (
	SiteIndex = cacheindex.Index[v1alpha1.Member]{
		Name:   "rollcall.site",
		Values: func(m *v1alpha1.Member) []string { return nonEmpty(assignment.NameOf(m.Status.Site)) },
	}
	TeamIndex        = cacheindex.Index[v1alpha1.Member]{Name: "rollcall.team", Values: JoinedTeams}
	UserProfileIndex = cacheindex.Index[v1alpha1.Member]{
		Name:   "rollcall.userProfile",
		Values: func(m *v1alpha1.Member) []string { return nonEmpty(assignment.NameOf(m.Status.UserProfile)) },
	}
	DesktopProfileIndex = cacheindex.Index[v1alpha1.Member]{
		Name:   "rollcall.desktopProfile",
		Values: func(m *v1alpha1.Member) []string { return nonEmpty(assignment.NameOf(m.Status.DesktopProfile)) },
	}
)

// requestedGroups returns the names of the skill groups in a Member's spec.
func requestedGroups(member *v1alpha1.Member) []string {
	return groupNames(member.Spec.SkillGroups)
}

// JoinedGroups returns the names of the skill groups in a Member's status.
func JoinedGroups(member *v1alpha1.Member) []string {
	names := make([]string, 0, len(member.Status.SkillGroups))
	for _, group := range member.Status.SkillGroups {
		names = append(names, group.Name)
	}
	return names
}

// JoinedTeams returns the names of the teams in a Member's status.
func JoinedTeams(member *v1alpha1.Member) []string {
	if len(member.Status.Teams) == 0 {
		return nil
	}
	names := make([]string, 0, len(member.Status.Teams))
	for _, team := range member.Status.Teams {
		names = append(names, team.Name)
	}
	return names
}

// groupNames returns the names in references to skill groups.
func groupNames(references []v1alpha1.SkillGroupReference) []string {
	names := make([]string, 0, len(references))
	for _, reference := range references {
		names = append(names, reference.Name)
	}
	return names
}

// nonEmpty returns a list with a name, or nil if the name is empty.
func nonEmpty(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}
