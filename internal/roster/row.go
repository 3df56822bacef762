package roster

import "slices"

// cell is one cell as a spreadsheet program displays it.
type cell struct {
	text string
	// problem says why the cell does not have the value that was typed.
	problem string
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
		problems := r.readCell(&person, column, cells[position].problem, text)
		for index, problem := range problems {
			if !slices.Contains(problems[:index], problem) {
				r.failed[column] = true
				r.faults.add(r.header.atPosition(row, position), "%s", problem)
			}
		}
	}
	if r.header.controlHub {
		r.finishControlHub(&person)
	}
	if isExample(person) {
		r.fault(row, EmailColumn, "this is the example row of the template: replace it with a person, or delete the row")
		return
	}
	r.checkPerson(&person)
	r.people = append(r.people, person)
}

// checkPerson records the faults of the row as a whole.
func (r *reader) checkPerson(person *Person) {
	if r.header.first(EmailColumn) >= 0 && person.Email == "" && !r.failed[EmailColumn] {
		r.fault(person.Row, EmailColumn, "the e-mail address is missing: add it, because members log in with it and receive their password there")
	}
	if person.Role == SuperAdmin {
		warning := r.header.at(person.Row, RoleColumn)
		warning.Warning = true
		r.faults.add(warning, "the operator creates the Super Admin from ContactCenter.spec.superAdmin: this row is skipped; change the ContactCenter instead, or write %s, %s or %s for any other person", DeskAdmin, Supervisor, DeskStaff)
	}
	if person.Role == Supervisor && person.License == LicenseStandard {
		r.fault(person.Row, LicenseColumn, "a Supervisor needs a Premium license: write Premium, or leave the cell empty so that a MemberTemplate can assign one")
	}
	r.checkDuplicates(person)
}

// readCell parses the text of a cell, which may have a problem of its own.
func (r *reader) readCell(person *Person, column Column, problem, text string) (problems []string) {
	if problem != "" {
		return []string{problem}
	}
	if known, found := fields[column]; found {
		return known.read(person, text)
	}
	return r.controlHub.read(column, text)
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
			r.faults.add(Fault{Row: row, position: position + 1}, "%s is in column %s, which has no header: give the column a header, or delete the cell; in a csv file, put cells that contain the separator in quotation marks", excerpt(text), columnLetters(position))
			return
		}
	}
}

// fault records a problem with a field of the current row.
func (r *reader) fault(row int, column Column, format string, arguments ...any) {
	r.failed[column] = true
	r.faults.add(r.header.at(row, column), format, arguments...)
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
