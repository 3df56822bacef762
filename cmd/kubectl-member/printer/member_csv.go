package printer

import (
	"strconv"
	"strings"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
	"rollcall.dev/rollcall/internal/roster"
)

// memberSheet returns the columns of Members as csv: spec fields under the names of import columns,
// then effective values under other names. New columns come last, for scripts that count.
func memberSheet() []column[v1alpha1.Member] {
	type member = v1alpha1.Member
	return []column[member]{
		plainColumn(string(roster.NameColumn), func(m *member) string { return m.Spec.Name }),
		plainColumn(string(roster.NicknameColumn), func(m *member) string { return m.Spec.Nickname }),
		plainColumn(string(roster.AgentIDColumn), func(m *member) string { return m.Spec.AgentID }),
		plainColumn(string(roster.EmailColumn), func(m *member) string { return m.Spec.Email }),
		plainColumn(string(roster.RoleColumn), func(m *member) string { return string(m.Spec.Role) }),
		plainColumn(string(roster.PhoneColumn), func(m *member) string { return m.Spec.Phone }),
		plainColumn(string(roster.ExtensionColumn), func(m *member) string { return m.Spec.Extension }),
		plainColumn(string(roster.SkillGroupsColumn), skillGroupsCell),
		plainColumn(string(roster.ActiveColumn), func(m *member) string { return strconv.FormatBool(memberinfo.IsActive(m)) }),
		plainColumn("login", func(m *member) string { return string(m.Status.Login) }),
		plainColumn("reason", func(m *member) string { return string(m.Status.LoginReason) }),
		plainColumn("mail", memberinfo.MailReason),
		plainColumn(string(roster.LicenseColumn), func(m *member) string { return string(m.Spec.License) }),
		plainColumn(string(roster.UserProfileColumn), func(m *member) string { return m.Spec.UserProfile }),
		plainColumn(string(roster.DesktopProfileColumn), func(m *member) string { return m.Spec.DesktopProfile }),
		plainColumn(string(roster.SiteColumn), func(m *member) string { return m.Spec.Site }),
		plainColumn(string(roster.TeamsColumn), func(m *member) string { return strings.Join(m.Spec.Teams, "; ") }),
		plainColumn("effectiveRole", func(m *member) string { return string(m.EffectiveRole()) }),
		plainColumn("licenseHeld", memberinfo.HeldTier),
		plainColumn("licenseAwaited", memberinfo.AwaitedTier),
		plainColumn("effectiveUserProfile", func(m *member) string { return memberinfo.AssignedName(m.Status.UserProfile) }),
		plainColumn("effectiveDesktopProfile", func(m *member) string { return memberinfo.AssignedName(m.Status.DesktopProfile) }),
		plainColumn("effectiveSite", func(m *member) string { return memberinfo.AssignedName(m.Status.Site) }),
		plainColumn("effectiveTeams", memberinfo.TeamNames),
	}
}

// skillGroupsCell returns the groups in the Member's spec, as import reads them.
func skillGroupsCell(m *v1alpha1.Member) string {
	cells := make([]string, 0, len(m.Spec.SkillGroups))
	for _, group := range m.Spec.SkillGroups {
		cells = append(cells, group.Name+":"+strconv.Itoa(int(group.Priority)))
	}
	return strings.Join(cells, "; ")
}
