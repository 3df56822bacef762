package importplan

import (
	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/internal/roster"
)

// NamedKind is a resource kind that members name in a column.
type NamedKind struct {
	Column       roster.Column
	Kind, Plural string
	// BuiltIn are names that exist without an object.
	BuiltIn []string
	// later says what happens when a missing object is created.
	later string
}

// NamedKinds are all of them.
var NamedKinds = []NamedKind{
	{Column: roster.SkillGroupsColumn, Kind: "SkillGroup", Plural: "skill groups", later: "members join it once it is made"},
	{Column: roster.UserProfileColumn, Kind: "UserProfile", Plural: "user profiles", BuiltIn: BuiltInProfiles, later: "members have no permissions until it is made"},
	{Column: roster.DesktopProfileColumn, Kind: "DesktopProfile", Plural: "desktop profiles", later: "members have it once it is made"},
	{Column: roster.SiteColumn, Kind: "Site", Plural: "sites", later: "members are at it once it is made"},
	{Column: roster.TeamsColumn, Kind: "Team", Plural: "teams", later: "members are in it once it is made"},
}

// namesIn returns the names that a row has in a column.
func namesIn(person *roster.Person, column roster.Column) []string {
	one := func(name string) []string {
		if name == "" {
			return nil
		}
		return []string{name}
	}
	switch column {
	case roster.UserProfileColumn:
		return one(person.UserProfile)
	case roster.DesktopProfileColumn:
		return one(person.DesktopProfile)
	case roster.SiteColumn:
		return one(person.Site)
	case roster.TeamsColumn:
		return person.Teams
	default:
		var names []string
		for _, group := range person.SkillGroups {
			names = append(names, group.Name)
		}
		return names
	}
}

// unknownNames holds the missing names of one kind, in the order of the rows.
type unknownNames struct {
	names []string
	rows  map[string]*namingRows
}

type namingRows struct{ first, more int }

func (u *unknownNames) add(name string, row int) {
	if rows := u.rows[name]; rows != nil {
		rows.more++
		return
	}
	if u.rows == nil {
		u.rows = map[string]*namingRows{}
	}
	u.rows[name] = &namingRows{first: row}
	u.names = append(u.names, name)
}

// noteUnknown records the names in a row that do not exist.
func (p *planner) noteUnknown(person *roster.Person) {
	for _, named := range NamedKinds {
		known := p.existing.Objects[named.Column]
		if known == nil {
			continue
		}
		for _, name := range namesIn(person, named.Column) {
			if known[name] {
				continue
			}
			if p.unknown[named.Column] == nil {
				p.unknown[named.Column] = &unknownNames{}
			}
			p.unknown[named.Column].add(name, person.Row)
		}
	}
}

// unknownWarnings returns one warning for each name, at the first row that has it.
func (p *planner) unknownWarnings() []roster.Fault {
	var warnings []roster.Fault
	for _, named := range NamedKinds {
		unknown := p.unknown[named.Column]
		if unknown == nil {
			continue
		}
		for _, name := range unknown.names {
			rows := unknown.rows[name]
			message := "there is no " + named.Kind + " " + name + " yet: " + named.later + "; correct the name if it is a slip"
			if rows.more > 0 {
				message += " (" + humanize.Plural(rows.more, "more row names", "more rows name") + " it)"
			}
			warnings = append(warnings, roster.Fault{
				File: p.sheet.File, Row: rows.first, Column: headerOf(p.sheet, named.Column), Message: message, Warning: true,
			})
		}
	}
	return warnings
}

// BuiltInProfiles are the user profiles that exist without an object.
var BuiltInProfiles = []string{
	v1alpha1.ProfileStandardAgent, v1alpha1.ProfilePremiumAgent, v1alpha1.ProfileSupervisor,
	v1alpha1.ProfileAdministrator, v1alpha1.ProfileAdministratorOnly,
}
