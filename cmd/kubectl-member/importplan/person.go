package importplan

import (
	"cmp"
	"reflect"
	"slices"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// TeamsPatch is what a patch writes of teams: nil for none, which removes the field.
func TeamsPatch(teams []string) any {
	if len(teams) == 0 {
		return nil
	}
	return teams
}

// DefaultPriority is that of a membership that names none.
const DefaultPriority = 3

// sheetField is a field of a Member that a column of a sheet sets. E-mail address
// and agent ID are not among them: they are who the person is, and never change.
type sheetField struct {
	column roster.Column
	// wanted is what a patch writes: nil for an empty cell, which removes the field.
	wanted func(roster.Person) any
	// asked and held are the same value as it counts, with defaults filled in, of
	// the row and of the Member: they differ where a patch changes something.
	asked func(roster.Person) any
	held  func(v1alpha1.MemberSpec) any
}

// sheetFields are the fields in the order of the columns. The name of a column is
// that of its field.
func sheetFields() []sheetField {
	return []sheetField{
		textField(roster.NameColumn, func(p roster.Person) string { return p.Name }, func(s v1alpha1.MemberSpec) string { return s.Name }),
		textField(roster.NicknameColumn, func(p roster.Person) string { return p.Nickname }, func(s v1alpha1.MemberSpec) string { return s.Nickname }),
		{
			column: roster.RoleColumn,
			wanted: func(p roster.Person) any { return orNothing(p.Role) },
			asked:  func(p roster.Person) any { return cmp.Or(p.Role, roster.DeskStaff) },
			held:   func(s v1alpha1.MemberSpec) any { return cmp.Or(string(s.Role), roster.DeskStaff) },
		},
		textField(roster.PhoneColumn, func(p roster.Person) string { return p.Phone }, func(s v1alpha1.MemberSpec) string { return s.Phone }),
		textField(roster.ExtensionColumn, func(p roster.Person) string { return p.Extension }, func(s v1alpha1.MemberSpec) string { return s.Extension }),
		{
			column: roster.SkillGroupsColumn,
			wanted: func(p roster.Person) any {
				if len(p.SkillGroups) == 0 {
					return nil
				}
				return skillGroupsOf(p)
			},
			asked: func(p roster.Person) any { return countedGroups(skillGroupsOf(p)) },
			held:  func(s v1alpha1.MemberSpec) any { return countedGroups(s.SkillGroups) },
		},
		{
			column: roster.ActiveColumn,
			wanted: func(p roster.Person) any {
				if p.Active == nil {
					return nil
				}
				return *p.Active
			},
			asked: func(p roster.Person) any { return p.Active == nil || *p.Active },
			held:  func(s v1alpha1.MemberSpec) any { return s.Active == nil || *s.Active },
		},
		textField(roster.LicenseColumn, func(p roster.Person) string { return p.License }, func(s v1alpha1.MemberSpec) string { return string(s.License) }),
		textField(roster.UserProfileColumn, func(p roster.Person) string { return p.UserProfile }, func(s v1alpha1.MemberSpec) string { return s.UserProfile }),
		textField(roster.DesktopProfileColumn, func(p roster.Person) string { return p.DesktopProfile }, func(s v1alpha1.MemberSpec) string { return s.DesktopProfile }),
		textField(roster.SiteColumn, func(p roster.Person) string { return p.Site }, func(s v1alpha1.MemberSpec) string { return s.Site }),
		{
			column: roster.TeamsColumn,
			wanted: func(p roster.Person) any { return TeamsPatch(p.Teams) },
			asked:  func(p roster.Person) any { return countedTeams(p.Teams) },
			held:   func(s v1alpha1.MemberSpec) any { return countedTeams(s.Teams) },
		},
	}
}

// textField is a field that is a text without a default.
func textField(column roster.Column, of func(roster.Person) string, held func(v1alpha1.MemberSpec) string) sheetField {
	return sheetField{
		column: column,
		wanted: func(p roster.Person) any { return orNothing(of(p)) },
		asked:  func(p roster.Person) any { return of(p) },
		held:   func(s v1alpha1.MemberSpec) any { return held(s) },
	}
}

// orNothing is nil for an empty text.
func orNothing(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// skillGroupsOf are a row's groups as a Member has them.
func skillGroupsOf(p roster.Person) []v1alpha1.SkillGroupReference {
	groups := make([]v1alpha1.SkillGroupReference, 0, len(p.SkillGroups))
	for _, group := range p.SkillGroups {
		groups = append(groups, v1alpha1.SkillGroupReference{Name: group.Name, Priority: group.Priority})
	}
	return groups
}

// countedGroups are groups in the order of their names, with their priorities.
func countedGroups(groups []v1alpha1.SkillGroupReference) []v1alpha1.SkillGroupReference {
	counted := make([]v1alpha1.SkillGroupReference, 0, len(groups))
	for _, group := range groups {
		counted = append(counted, v1alpha1.SkillGroupReference{Name: group.Name, Priority: cmp.Or(group.Priority, DefaultPriority)})
	}
	slices.SortFunc(counted, func(a, b v1alpha1.SkillGroupReference) int { return cmp.Compare(a.Name, b.Name) })
	return counted
}

// countedTeams are teams as they count: in whatever order.
func countedTeams(teams []string) []string {
	counted := append([]string{}, teams...)
	slices.Sort(counted)
	return counted
}

// differences is the patch of a spec that makes a Member what the row says, and
// the fields that it changes; both are empty if the Member is so already. It has
// only fields whose column the sheet has: what a sheet does not know stays.
func differences(sheet roster.Sheet, p roster.Person, held v1alpha1.MemberSpec) (patch map[string]any, fields []string) {
	patch = map[string]any{}
	set := func(column roster.Column, value any) {
		patch[string(column)] = value
		fields = append(fields, string(column))
	}
	// An agent ID can be given to somebody who has none, and not be taken away.
	if _, has := sheet.Has[roster.AgentIDColumn]; has && p.AgentID != "" && held.AgentID == "" {
		set(roster.AgentIDColumn, p.AgentID)
	}
	for _, field := range sheetFields() {
		if _, has := sheet.Has[field.column]; has && !reflect.DeepEqual(field.asked(p), field.held(held)) {
			set(field.column, field.wanted(p))
		}
	}
	return patch, fields
}

// specOf is the spec of a Member made from a row: what the row says, also where that is
// the default, and nothing of an empty cell.
func specOf(p roster.Person) v1alpha1.MemberSpec {
	return v1alpha1.MemberSpec{
		Name: p.Name, Nickname: p.Nickname, Email: p.Email, AgentID: p.AgentID,
		Extension: p.Extension, Phone: p.Phone, Role: v1alpha1.Role(p.Role),
		SkillGroups: skillGroupsOf(p), Active: p.Active,
		License: v1alpha1.License(p.License), UserProfile: p.UserProfile, DesktopProfile: p.DesktopProfile,
		Site: p.Site, Teams: slices.Clone(p.Teams),
	}
}

// WithoutDefaults takes out of a spec what the API server fills in.
func WithoutDefaults(spec *v1alpha1.MemberSpec) {
	if spec.Role == v1alpha1.RoleDeskStaff {
		spec.Role = ""
	}
	if spec.Active != nil && *spec.Active {
		spec.Active = nil
	}
	for i := range spec.SkillGroups {
		if spec.SkillGroups[i].Priority == DefaultPriority {
			spec.SkillGroups[i].Priority = 0
		}
	}
}

// PersonOf is a Member as a row of a sheet.
func PersonOf(member *v1alpha1.Member) roster.Person {
	spec := member.Spec.DeepCopy()
	WithoutDefaults(spec)
	active := spec.Active == nil
	p := roster.Person{
		Name: spec.Name, Nickname: spec.Nickname, Email: spec.Email, AgentID: spec.AgentID,
		Extension: spec.Extension, Phone: spec.Phone,
		Role: cmp.Or(string(spec.Role), roster.DeskStaff), Active: &active,
		License: string(spec.License), UserProfile: spec.UserProfile, DesktopProfile: spec.DesktopProfile,
		Site: spec.Site, Teams: spec.Teams,
	}
	for _, group := range spec.SkillGroups {
		p.SkillGroups = append(p.SkillGroups, roster.SkillGroup{Name: group.Name, Priority: group.Priority})
	}
	return p
}

// IndexOfGroup is where a group is in a list of memberships; -1 if it is not.
func IndexOfGroup(groups []v1alpha1.SkillGroupReference, name string) int {
	return slices.IndexFunc(groups, func(group v1alpha1.SkillGroupReference) bool { return group.Name == name })
}

// WithDefaultPriorities are the memberships as the API server has them.
func WithDefaultPriorities(groups []v1alpha1.SkillGroupReference) []v1alpha1.SkillGroupReference {
	complete := slices.Clone(groups)
	for i := range complete {
		if complete[i].Priority == 0 {
			complete[i].Priority = DefaultPriority
		}
	}
	return complete
}
