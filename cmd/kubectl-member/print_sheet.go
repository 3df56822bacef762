package main

import (
	"strconv"
	"strings"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// memberSheet are the columns of Members as csv: what the spec says under the names
// of an import's columns, and what is so under other names. New ones come at the end,
// for scripts that count.
func memberSheet() []column[v1alpha1.Member] {
	type member = v1alpha1.Member
	return []column[member]{
		plainly(string(roster.NameColumn), func(m *member) string { return m.Spec.Name }),
		plainly(string(roster.NicknameColumn), func(m *member) string { return m.Spec.Nickname }),
		plainly(string(roster.AgentIDColumn), func(m *member) string { return m.Spec.AgentID }),
		plainly(string(roster.EmailColumn), func(m *member) string { return m.Spec.Email }),
		plainly(string(roster.RoleColumn), func(m *member) string { return string(m.Spec.Role) }),
		plainly(string(roster.PhoneColumn), func(m *member) string { return m.Spec.Phone }),
		plainly(string(roster.ExtensionColumn), func(m *member) string { return m.Spec.Extension }),
		plainly(string(roster.SkillGroupsColumn), skillGroupsCell),
		plainly(string(roster.ActiveColumn), func(m *member) string { return strconv.FormatBool(isActive(m)) }),
		plainly("login", func(m *member) string { return string(m.Status.Login) }),
		plainly("reason", func(m *member) string { return string(m.Status.LoginReason) }),
		plainly("mail", mailReason),
		plainly(string(roster.LicenseColumn), func(m *member) string { return string(m.Spec.License) }),
		plainly(string(roster.UserProfileColumn), func(m *member) string { return m.Spec.UserProfile }),
		plainly(string(roster.DesktopProfileColumn), func(m *member) string { return m.Spec.DesktopProfile }),
		plainly(string(roster.SiteColumn), func(m *member) string { return m.Spec.Site }),
		plainly(string(roster.TeamsColumn), func(m *member) string { return strings.Join(m.Spec.Teams, "; ") }),
		plainly("effectiveRole", func(m *member) string { return string(m.EffectiveRole()) }),
		plainly("licenseHeld", heldTier),
		plainly("licenseAwaited", awaitedTier),
		plainly("effectiveUserProfile", func(m *member) string { return assigned(m.Status.UserProfile) }),
		plainly("effectiveDesktopProfile", func(m *member) string { return assigned(m.Status.DesktopProfile) }),
		plainly("effectiveSite", func(m *member) string { return assigned(m.Status.Site) }),
		plainly("effectiveTeams", effectiveTeams),
	}
}

// skillGroupsCell is the groups that the Member's own spec names, as import reads
// them.
func skillGroupsCell(m *v1alpha1.Member) string {
	cells := make([]string, 0, len(m.Spec.SkillGroups))
	for _, group := range m.Spec.SkillGroups {
		cells = append(cells, group.Name+":"+strconv.Itoa(int(group.Priority)))
	}
	return strings.Join(cells, "; ")
}

// heldTier is the tier of the licence that a Member holds; empty for none.
func heldTier(m *v1alpha1.Member) string {
	if m.Status.License == nil {
		return ""
	}
	return string(m.Status.License.Tier)
}

// awaitedTier is the tier of the licence that a Member waits for; empty for none.
func awaitedTier(m *v1alpha1.Member) string {
	if m.Status.License == nil {
		return ""
	}
	return string(m.Status.License.Requested)
}

// assigned is the name of what counts for a Member; empty for nothing.
func assigned(assignment *v1alpha1.Assignment) string {
	if assignment == nil {
		return ""
	}
	return assignment.Name
}

// effectiveTeams are the teams that a Member is really in.
func effectiveTeams(m *v1alpha1.Member) string {
	names := make([]string, 0, len(m.Status.Teams))
	for _, team := range m.Status.Teams {
		names = append(names, team.Name)
	}
	return strings.Join(names, "; ")
}
