package importplan

import (
	"cmp"
	"reflect"
	"slices"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// TeamsPatch returns teams for a patch: nil if there are none, which removes the field.
func TeamsPatch(teams []string) any {
	if len(teams) == 0 {
		return nil
	}
	return teams
}

// DefaultPriority is the priority of a membership that names none.
const DefaultPriority = 3

// sheetField is a field of a Member that a column of a sheet sets. E-mail address and agent ID are
// missing: they identify the person and never change.
type sheetField struct {
	column roster.Column
	// wanted returns the value for a patch: nil for an empty cell, which removes the field.
	wanted func(roster.Person) any
	// asked and held return the effective values of the row and of the Member, with defaults. The
	// row changes the field if they differ.
	asked func(roster.Person) any
	held  func(v1alpha1.MemberSpec) any
}

// sheetFields returns the fields in the order of the columns. A column has the name of its field.
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

// textField returns a text field without a default.
func textField(column roster.Column, of func(roster.Person) string, held func(v1alpha1.MemberSpec) string) sheetField {
	return sheetField{
		column: column,
		wanted: func(p roster.Person) any { return orNothing(of(p)) },
		asked:  func(p roster.Person) any { return of(p) },
		held:   func(s v1alpha1.MemberSpec) any { return held(s) },
	}
}

// orNothing returns nil for an empty text.
func orNothing(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// skillGroupsOf returns a row's groups as a Member has them.
func skillGroupsOf(p roster.Person) []v1alpha1.SkillGroupReference {
	groups := make([]v1alpha1.SkillGroupReference, 0, len(p.SkillGroups))
	for _, group := range p.SkillGroups {
		groups = append(groups, v1alpha1.SkillGroupReference{Name: group.Name, Priority: group.Priority})
	}
	return groups
}

// countedGroups returns groups sorted by name, with their priorities.
func countedGroups(groups []v1alpha1.SkillGroupReference) []v1alpha1.SkillGroupReference {
	counted := make([]v1alpha1.SkillGroupReference, 0, len(groups))
	for _, group := range groups {
		counted = append(counted, v1alpha1.SkillGroupReference{Name: group.Name, Priority: cmp.Or(group.Priority, DefaultPriority)})
	}
	slices.SortFunc(counted, func(a, b v1alpha1.SkillGroupReference) int { return cmp.Compare(a.Name, b.Name) })
	return counted
}

// countedTeams returns teams sorted by name.
func countedTeams(teams []string) []string {
	counted := append([]string{}, teams...)
	slices.Sort(counted)
	return counted
}

// differences returns the patch that makes a Member's spec what the row says, and the fields in it.
// Fields without a column in the sheet stay as they are.
func differences(sheet roster.Sheet, p roster.Person, held v1alpha1.MemberSpec) (patch map[string]any, fields []string) {
	patch = map[string]any{}
	set := func(column roster.Column, value any) {
		patch[string(column)] = value
		fields = append(fields, string(column))
	}
	// An agent ID can be set once, and never removed.
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

// specOf returns the spec of a Member made from a row. Values that equal a default are kept; empty
// cells set nothing.
func specOf(p roster.Person) v1alpha1.MemberSpec {
	return v1alpha1.MemberSpec{
		Name: p.Name, Nickname: p.Nickname, Email: p.Email, AgentID: p.AgentID,
		Extension: p.Extension, Phone: p.Phone, Role: v1alpha1.Role(p.Role),
		SkillGroups: skillGroupsOf(p), Active: p.Active,
		License: v1alpha1.License(p.License), UserProfile: p.UserProfile, DesktopProfile: p.DesktopProfile,
		Site: p.Site, Teams: slices.Clone(p.Teams),
	}
}

// WithoutDefaults removes from a spec what the API server fills in.
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

// PersonOf returns a Member as a row of a sheet.
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

// IndexOfGroup returns the index of a group in a list of memberships, or -1.
func IndexOfGroup(groups []v1alpha1.SkillGroupReference, name string) int {
	return slices.IndexFunc(groups, func(group v1alpha1.SkillGroupReference) bool { return group.Name == name })
}

// WithDefaultPriorities returns the memberships as the API server stores them.
func WithDefaultPriorities(groups []v1alpha1.SkillGroupReference) []v1alpha1.SkillGroupReference {
	complete := slices.Clone(groups)
	for i := range complete {
		if complete[i].Priority == 0 {
			complete[i].Priority = DefaultPriority
		}
	}
	return complete
}
