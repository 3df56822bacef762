package roster

import (
	"fmt"
	"slices"
)

// cellKind is the type of value that a spreadsheet program stored in a cell.
type cellKind int

// The kinds of cells. Cells of csv files are always text.
const (
	textCell cellKind = iota
	dateCell
	errorCell
)

// cell is one cell as a spreadsheet program displays it.
type cell struct {
	text string
	kind cellKind
}

// readPerson converts a row to a person and records its faults.
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
		position, spelled := r.header.place(EmailColumn)
		r.faults.add(row, position, spelled, "this is the example row of the template: replace it with a person, or delete the row")
		return
	}
	r.checkPerson(&person)
	r.people = append(r.people, person)
}

// checkPerson records the faults of the row as a whole.
func (r *reader) checkPerson(person *Person) {
	position, found := r.header.positions[EmailColumn]
	if found && person.Email == "" && !r.failed[EmailColumn] {
		r.fault(person.Row, EmailColumn, position, "the e-mail address is missing: add it, because members log in with it and receive their password there")
	}
	if person.Role == SuperAdmin {
		position, spelled := r.header.place(RoleColumn)
		r.faults.warn(person.Row, position, spelled, "the operator creates the Super Admin from ContactCenter.spec.superAdmin: this row is skipped; change the ContactCenter instead, or write %s, %s or %s for any other person", DeskAdmin, Supervisor, DeskStaff)
	}
	r.checkLicense(person)
	r.checkDuplicates(*person)
}

// unusable says why a cell does not have the value that was typed.
func unusable(read cell, text string) string {
	switch read.kind {
	case dateCell:
		return "the spreadsheet turned the value into a date: set the format of the column to text and type the value again"
	case errorCell:
		return fmt.Sprintf("the cell has the formula error %s: write the value itself", excerpt(text))
	default:
		return ""
	}
}

// readRole parses a cell such as DeskStaff.
func readRole(r *reader, person *Person, text string) []string {
	role, known := r.vocabulary.roles[fold(text)]
	if !known {
		return []string{fmt.Sprintf("the role %s is not known: write %s, %s or %s (管理员, 主管, 坐席)", excerpt(text), DeskAdmin, Supervisor, DeskStaff)}
	}
	person.Role = role
	return nil
}

// readActive parses a cell such as yes.
func readActive(r *reader, person *Person, text string) []string {
	active, known := r.vocabulary.active[fold(text)]
	if !known {
		return []string{fmt.Sprintf("%s does not say whether the person is active: write yes or no (是, 否)", excerpt(text))}
	}
	person.Active = &active
	return nil
}

// checkStrayCells records the first cell in a column without a header.
func (r *reader) checkStrayCells(row int, cells []cell) {
	if r.options.IgnoreUnknownColumns {
		return
	}
	for position, stray := range cells {
		if position < len(r.header.spelled) && r.header.spelled[position] != "" {
			continue
		}
		if text := trim(stray.text); text != "" {
			r.faults.add(row, position, "", "%s is in column %s, which has no header: give the column a header, or delete the cell; in a csv file, put cells that contain the separator in quotation marks", excerpt(text), columnLetters(position))
			return
		}
	}
}

// fault records a problem with a field of the current row. Position is that of its
// column, or -1 if the file lacks the column.
func (r *reader) fault(row int, column Column, position int, problem string) {
	spelled := string(column)
	if position >= 0 {
		spelled = r.header.spelled[position]
	}
	r.failed[column] = true
	r.faults.add(row, position, spelled, "%s", problem)
}

// columnLetters returns the name of the column at a position as in spreadsheet
// programs: A, B, … Z, AA.
func columnLetters(position int) string {
	var letters []byte
	for rest := position + 1; rest > 0; rest = (rest - 1) / 26 {
		letters = append([]byte{byte('A' + (rest-1)%26)}, letters...)
	}
	return string(letters)
}
