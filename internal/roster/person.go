package roster

import (
	"fmt"
	"slices"
)

// kind is what a spreadsheet program has stored in a cell.
type kind int

// The kinds of cells. Cells of csv files are always text.
const (
	textCell kind = iota
	dateCell
	errorCell
)

// cell is one cell as a person sees it.
type cell struct {
	text string
	kind kind
}

// readPerson makes a person of a row and records what is wrong with it.
func (r *reader) readPerson(row int, cells []cell) {
	person := Person{Row: row}
	clear(r.failed)
	r.checkStrayCells(row, cells)
	for position, column := range r.header.columns {
		if column == "" || position >= len(cells) {
			continue
		}
		text := reveal(cells[position].text)
		if text == "" {
			continue
		}
		if problem := unusable(cells[position], text); problem != "" {
			r.fault(row, column, position, problem)
			continue
		}
		problems := r.fields[column].read(r, &person, text)
		for index, problem := range problems {
			if !slices.Contains(problems[:index], problem) {
				r.fault(row, column, position, problem)
			}
		}
	}
	if r.header.controlHub {
		r.finishControlHub(&person)
	}
	if isExample(person) {
		// Whatever else is wrong with it goes with it.
		position, spelt := r.header.place(EmailColumn)
		r.faults.add(row, position, spelt, "this is the example row of the template: write somebody in its place, or delete the row")
		return
	}
	r.checkPerson(&person)
	r.people = append(r.people, person)
}

// checkPerson finds what is wrong with a row as a whole.
func (r *reader) checkPerson(person *Person) {
	position, found := r.header.positions[EmailColumn]
	if found && person.Email == "" && !r.failed[EmailColumn] {
		r.fault(person.Row, EmailColumn, position, "the e-mail address is missing: write it, since it is the user name at login and the password is mailed there")
	}
	if person.Role == SuperAdmin {
		position, spelt := r.header.place(RoleColumn)
		r.faults.warn(person.Row, position, spelt, "the operator makes the Super Admin from ContactCenter.spec.superAdmin: this row is left out; change the ContactCenter instead, or write %s, %s or %s for anybody else", DeskAdmin, Supervisor, DeskStaff)
	}
	r.checkLicense(person)
	r.checkClashes(*person)
}

// unusable says why the value of a cell is not what a person has typed.
func unusable(read cell, text string) string {
	switch read.kind {
	case dateCell:
		return "the spreadsheet has made a date of what was typed: set the format of the column to text and type it again"
	case errorCell:
		return fmt.Sprintf("the cell has the error %s of a formula: write the value itself", excerpt(text))
	case textCell:
		return ""
	default:
		return ""
	}
}

// readRole reads a cell such as DeskStaff.
func readRole(r *reader, person *Person, text string) []string {
	role, known := r.vocabulary.roles[fold(text)]
	if !known {
		return []string{fmt.Sprintf("the role %s is not known: write %s, %s or %s (管理员, 主管, 坐席)", excerpt(text), DeskAdmin, Supervisor, DeskStaff)}
	}
	person.Role = role
	return nil
}

// readActive reads a cell such as yes.
func readActive(r *reader, person *Person, text string) []string {
	active, known := r.vocabulary.active[fold(text)]
	if !known {
		return []string{fmt.Sprintf("%s does not say whether the person is active: write yes or no (是, 否)", excerpt(text))}
	}
	person.Active = &active
	return nil
}

// checkStrayCells finds a cell that stands in a column without a header.
func (r *reader) checkStrayCells(row int, cells []cell) {
	if r.options.IgnoreUnknownColumns {
		return
	}
	for position, stray := range cells {
		if position < len(r.header.spelt) && r.header.spelt[position] != "" {
			continue
		}
		if text := trim(stray.text); text != "" {
			r.faults.add(row, position, "", "%s stands in the column %s, which has no header: give the column a header, or delete the cell; in a csv file, put a cell that has the separator in quotation marks", excerpt(text), columnLetters(position))
			return
		}
	}
}

// fault records what is wrong with a field of the row being read, in the column at
// a position; -1 for one that the file lacks.
func (r *reader) fault(row int, column Column, position int, problem string) {
	spelt := string(column)
	if position >= 0 {
		spelt = r.header.spelt[position]
	}
	r.failed[column] = true
	r.faults.add(row, position, spelt, "%s", problem)
}

// columnLetters is the name of the column at a position as spreadsheet programs
// show it: A, B, … Z, AA.
func columnLetters(position int) string {
	var letters []byte
	for rest := position + 1; rest > 0; rest = (rest - 1) / 26 {
		letters = append([]byte{byte('A' + (rest-1)%26)}, letters...)
	}
	return string(letters)
}
