package roster

import (
	"reflect"
	"strings"
)

// register remembers in which row each unique value of the file was first seen.
type register struct {
	emails, agentIDs, extensions, names map[string]int
}

func newRegister() register {
	return register{emails: map[string]int{}, agentIDs: map[string]int{}, extensions: map[string]int{}, names: map[string]int{}}
}

// claim returns the earlier row that has the value, or 0 after recording this one.
func claim(rows map[string]int, value string, row int) int {
	if value == "" {
		return 0
	}
	if earlier, taken := rows[value]; taken {
		return earlier
	}
	rows[value] = row
	return 0
}

// checkClashes finds what the person has in common with an earlier row of the
// file, though it has to be unique. Values at fault are empty and clash with
// nothing.
func (r *reader) checkClashes(person Person) {
	row := person.Row
	sameEmail := claim(r.register.emails, strings.ToLower(person.Email), row)
	if sameEmail != 0 {
		r.clash(row, EmailColumn, "the e-mail address", person.Email, sameEmail)
	}
	sameAgentID := claim(r.register.agentIDs, person.AgentID, row)
	if sameAgentID != 0 {
		r.clash(row, AgentIDColumn, "the agent ID", person.AgentID, sameAgentID)
	}
	if same := claim(r.register.extensions, person.Extension, row); same != 0 {
		r.clash(row, ExtensionColumn, "the extension", person.Extension, same)
	}
	if !r.failed[EmailColumn] && !r.failed[AgentIDColumn] {
		r.checkName(person)
	}
}

// isExample is whether a row of the template was left in it. Templates of earlier
// versions end with the column active.
func isExample(person Person) bool {
	person.Row = 0
	return reflect.DeepEqual(person, example()) || reflect.DeepEqual(person, earlierExample())
}

func (r *reader) clash(row int, column Column, what, value string, earlier int) {
	position, spelt := r.header.place(column)
	r.failed[column] = true
	r.faults.add(row, position, spelt, "%s %s is also in row %d: give each person one of their own, or delete one of the two rows", what, excerpt(value), earlier)
}

// checkName finds a person for whom no Member name can be made, or one that
// another row or the Super Admin has.
func (r *reader) checkName(person Person) {
	if _, found := r.header.positions[EmailColumn]; !found && person.AgentID == "" {
		return
	}
	column, source := EmailColumn, "the e-mail address"
	if dnsLabel(strings.ReplaceAll(person.AgentID, "_", "-")) != "" {
		column, source = AgentIDColumn, "the agent ID"
	}
	position, spelt := r.header.place(column)
	name := person.MemberName()
	if name == "" {
		r.faults.add(person.Row, position, spelt, "no name for the Member can be made from %s: give the person an agent ID with a letter or a digit", source)
		return
	}
	if name == superAdminName && person.Role != SuperAdmin {
		r.faults.add(person.Row, position, spelt, "the name of the Member, made from %s, would be %s, which is kept for the Super Admin: give the person another agent ID", source, name)
		return
	}
	if earlier := claim(r.register.names, name, person.Row); earlier != 0 {
		r.faults.add(person.Row, position, spelt, "the name of the Member, made from %s, would be %s, as that of row %d: give one of the two another agent ID", source, name, earlier)
		r.faults.markSameName()
	}
}
