package roster

import (
	"fmt"
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
			r.fault(row, column, problem)
			continue
		}
		r.readField(&person, column, text)
	}
	if _, found := r.header.positions[EmailColumn]; found && person.Email == "" && !r.failed[EmailColumn] {
		r.fault(row, EmailColumn, "the e-mail address is missing: write it, since it is the user name at login and the password is mailed there")
	}
	if person.Role == SuperAdmin {
		position, spelt := r.header.place(RoleColumn)
		r.faults.warn(row, position, spelt, "the operator makes the Super Admin from ContactCenter.spec.superAdmin: this row is left out; change the ContactCenter instead, or write %s, %s or %s for anybody else", DeskAdmin, Supervisor, DeskStaff)
	}
	r.checkClashes(person)
	clear(r.failed)
	r.people = append(r.people, person)
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

// readField reads the text of one cell into the person; the field stays empty if
// the text is at fault.
func (r *reader) readField(person *Person, column Column, text string) {
	switch column {
	case NameColumn:
		r.take(person.Row, column, &person.Name, text, checkText("name", text, maxName))
	case NicknameColumn:
		r.take(person.Row, column, &person.Nickname, text, checkText("nickname", text, maxNickname))
	case AgentIDColumn:
		text = narrow(text)
		r.take(person.Row, column, &person.AgentID, text, checkAgentID(text))
	case EmailColumn:
		text = narrow(text)
		r.take(person.Row, column, &person.Email, text, checkEmail(text))
	case PhoneColumn:
		text = narrow(text)
		r.take(person.Row, column, &person.Phone, text, checkPhone(text))
	case ExtensionColumn:
		text = narrow(text)
		r.take(person.Row, column, &person.Extension, text, checkExtension(text))
	case RoleColumn:
		r.readRole(person, text)
	case ActiveColumn:
		r.readActive(person, text)
	case SkillGroupsColumn:
		groups, problems := parseSkillGroups(narrow(text))
		person.SkillGroups = groups
		for _, problem := range problems {
			r.fault(person.Row, column, problem)
		}
	}
}

// take sets a field unless there is a problem, which is recorded.
func (r *reader) take(row int, column Column, field *string, text, problem string) {
	if problem != "" {
		r.fault(row, column, problem)
		return
	}
	*field = text
}

func (r *reader) readRole(person *Person, text string) {
	role, known := r.vocabulary.roles[fold(text)]
	if !known {
		r.fault(person.Row, RoleColumn, fmt.Sprintf("the role %s is not known: write %s, %s or %s (管理员, 主管, 坐席)", excerpt(text), DeskAdmin, Supervisor, DeskStaff))
		return
	}
	person.Role = role
}

func (r *reader) readActive(person *Person, text string) {
	active, known := r.vocabulary.active[fold(text)]
	if !known {
		r.fault(person.Row, ActiveColumn, fmt.Sprintf("%s does not say whether the person is active: write yes or no (是, 否)", excerpt(text)))
		return
	}
	person.Active = &active
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

// fault records what is wrong with a field of the row being read.
func (r *reader) fault(row int, column Column, problem string) {
	position, spelt := r.header.place(column)
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
