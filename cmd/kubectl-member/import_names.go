package main

import (
	"rollcall.dev/rollcall/internal/roster"
)

// namedKind is a kind of object that members name in a column.
type namedKind struct {
	column       roster.Column
	kind, plural string
	// builtIn are names that exist by themselves.
	builtIn []string
	// later says what comes of a name that nothing has.
	later string
}

// namedKinds are all of them.
var namedKinds = []namedKind{
	{column: roster.SkillGroupsColumn, kind: "SkillGroup", plural: "skill groups", later: "members join it once it is made"},
	{column: roster.UserProfileColumn, kind: "UserProfile", plural: "user profiles", builtIn: builtInProfiles, later: "members have no permissions until it is made"},
	{column: roster.DesktopProfileColumn, kind: "DesktopProfile", plural: "desktop profiles", later: "members have it once it is made"},
	{column: roster.SiteColumn, kind: "Site", plural: "sites", later: "members are at it once it is made"},
	{column: roster.TeamsColumn, kind: "Team", plural: "teams", later: "members are in it once it is made"},
}

// namesIn are the names that a row has in a column.
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

// unknownNames are names of one kind that rows have and the contact centre lacks, in
// the order in which they came.
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

// noteUnknown notes what a row names and the contact centre lacks.
func (p *importPlanner) noteUnknown(person *roster.Person) {
	for _, named := range namedKinds {
		known := p.existing.objects[named.column]
		if known == nil {
			continue
		}
		for _, name := range namesIn(person, named.column) {
			if known[name] {
				continue
			}
			if p.unknown[named.column] == nil {
				p.unknown[named.column] = &unknownNames{}
			}
			p.unknown[named.column].add(name, person.Row)
		}
	}
}

// unknownWarnings has one warning for each name, at the first row that has it.
func (p *importPlanner) unknownWarnings() []roster.Fault {
	var warnings []roster.Fault
	for _, named := range namedKinds {
		unknown := p.unknown[named.column]
		if unknown == nil {
			continue
		}
		for _, name := range unknown.names {
			rows := unknown.rows[name]
			message := "there is no " + named.kind + " " + name + " yet: " + named.later + "; correct the name if it is a slip"
			if rows.more > 0 {
				message += " (" + plural(rows.more, "more row names", "more rows name") + " it)"
			}
			warnings = append(warnings, roster.Fault{
				File: p.sheet.File, Row: rows.first, Column: headerOf(p.sheet, named.column), Message: message, Warning: true,
			})
		}
	}
	return warnings
}
