package roster

import (
	"reflect"
	"strings"
)

// firstRows has the first row of each value that only one person may have, by its column
// and the value. An empty column stands for the Member's name.
type firstRows map[[2]string]int

// claim returns the earlier row that has the value. If there is none, it records this
// row and returns 0.
func (f firstRows) claim(column Column, value string, row int) int {
	unique := [2]string{string(column), value}
	earlier, taken := f[unique]
	if value != "" && !taken {
		f[unique] = row
	}
	return earlier
}

// checkDuplicates records values that must be unique but that an earlier row has too.
// Values with faults are empty and duplicate nothing.
func (r *reader) checkDuplicates(person *Person) {
	r.checkDuplicate(person.Row, EmailColumn, "the e-mail address", person.Email, strings.ToLower(person.Email))
	r.checkDuplicate(person.Row, AgentIDColumn, "the agent ID", person.AgentID, person.AgentID)
	r.checkDuplicate(person.Row, ExtensionColumn, "the extension", person.Extension, person.Extension)
	if !r.failed[EmailColumn] && !r.failed[AgentIDColumn] {
		r.checkMemberName(person)
	}
}

// checkDuplicate compares a value by its folded form.
func (r *reader) checkDuplicate(row int, column Column, what, value, folded string) {
	if earlier := r.firstRows.claim(column, folded, row); earlier != 0 {
		r.fault(row, column, "%s %s is also in row %d: give each person a different one, or delete one of the two rows", what, excerpt(value), earlier)
	}
}

// isExample reports whether the row is the example of a template. Templates of earlier
// versions end with the column active.
func isExample(person Person) bool {
	if person.Email != exampleEmail {
		return false
	}
	person.Row = 0
	earlier := example()
	earlier.License, earlier.UserProfile, earlier.DesktopProfile, earlier.Site, earlier.Teams = "", "", "", "", nil
	return reflect.DeepEqual(person, example()) || reflect.DeepEqual(person, earlier)
}

// checkMemberName records a person for whom no Member name can be made, or whose Member
// name belongs to another row or to the Super Admin.
func (r *reader) checkMemberName(person *Person) {
	if r.header.first(EmailColumn) < 0 && person.AgentID == "" {
		return
	}
	column, source := EmailColumn, "the e-mail address"
	if dnsLabel(strings.ReplaceAll(person.AgentID, "_", "-")) != "" {
		column, source = AgentIDColumn, "the agent ID"
	}
	name := person.MemberName()
	if name == "" {
		r.fault(person.Row, column, "no Member name can be made from %s: give the person an agent ID with a letter or a digit", source)
		return
	}
	if name == superAdminName && person.Role != SuperAdmin {
		r.fault(person.Row, column, "the Member name made from %s would be %s, which is reserved for the Super Admin: give the person another agent ID", source, name)
		return
	}
	if earlier := r.firstRows.claim("", name, person.Row); earlier != 0 {
		fault := r.header.at(person.Row, column)
		fault.SameName = true
		r.faults.add(fault, "the Member name made from %s would be %s, the same as in row %d: give one of the two people another agent ID", source, name, earlier)
	}
}
