package importplan

import (
	"fmt"

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
	{Column: roster.SkillGroupsColumn, Kind: "SkillGroup", Plural: "skill groups", later: "members join it when it is created"},
	{Column: roster.UserProfileColumn, Kind: "UserProfile", Plural: "user profiles", BuiltIn: BuiltInProfiles, later: "members have no permissions until it is created"},
	{Column: roster.DesktopProfileColumn, Kind: "DesktopProfile", Plural: "desktop profiles", later: "members have it when it is created"},
	{Column: roster.SiteColumn, Kind: "Site", Plural: "sites", later: "members are at it when it is created"},
	{Column: roster.TeamsColumn, Kind: "Team", Plural: "teams", later: "members are in it when it is created"},
}

// namesIn returns the names that a row has in a column.
func namesIn(person *roster.Person, column roster.Column) []string {
	oneName := func(name string) []string {
		if name == "" {
			return nil
		}
		return []string{name}
	}
	switch column {
	case roster.UserProfileColumn:
		return oneName(person.UserProfile)
	case roster.DesktopProfileColumn:
		return oneName(person.DesktopProfile)
	case roster.SiteColumn:
		return oneName(person.Site)
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

// occurrences counts the rows that have a problem, in the order of the rows.
type occurrences[K comparable] struct {
	keys []K
	rows map[K]*problemRows
}

type problemRows struct{ first, more int }

func (o *occurrences[K]) add(key K, row int) {
	if rows := o.rows[key]; rows != nil {
		rows.more++
		return
	}
	if o.rows == nil {
		o.rows = map[K]*problemRows{}
	}
	o.rows[key] = &problemRows{first: row}
	o.keys = append(o.keys, key)
}

// unknownName is a name of an object that does not exist.
type unknownName struct {
	column            roster.Column
	kind, later, name string
}

// noteUnknown records the names in a row that do not exist.
func (p *planner) noteUnknown(person *roster.Person) {
	for _, named := range NamedKinds {
		known := p.existing.Objects[named.Column]
		if known == nil {
			continue
		}
		for _, name := range namesIn(person, named.Column) {
			if !known[name] {
				p.unknown.add(unknownName{named.Column, named.Kind, named.later, name}, person.Row)
			}
		}
	}
}

// warnOfUnknown adds one warning for each missing name, at the first row that has it.
func (p *planner) warnOfUnknown() {
	for _, unknown := range p.unknown.keys {
		rows := p.unknown.rows[unknown]
		message := fmt.Sprintf("there is no %s %s yet: %s; correct the name if it is a typo", unknown.kind, unknown.name, unknown.later)
		if rows.more > 0 {
			message += " (" + humanize.Plural(rows.more, "more row names", "more rows name") + " it)"
		}
		p.warn(&roster.Person{Row: rows.first}, unknown.column, "%s", message)
	}
}

// BuiltInProfiles are the user profiles that exist without an object.
var BuiltInProfiles = []string{
	v1alpha1.ProfileStandardAgent, v1alpha1.ProfilePremiumAgent, v1alpha1.ProfileSupervisor,
	v1alpha1.ProfileAdministrator, v1alpha1.ProfileAdministratorOnly,
}
