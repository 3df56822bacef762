package roster

import (
	"fmt"
	"strings"
)

// maxUnknownListed is how many unknown columns a fault names.
const maxUnknownListed = 20

// header is the meaning of the columns of a file.
type header struct {
	row int
	// columns are the canonical columns by their position in the file; empty for
	// one that is not known.
	columns []Column
	// spelt are the headers by position, as they are spelt.
	spelt []string
	// positions are the positions of the columns that the file has.
	positions map[Column]int
}

// has is the columns of the file with their spelling.
func (h *header) has() map[Column]string {
	spelling := make(map[Column]string, len(h.positions))
	for column, position := range h.positions {
		spelling[column] = h.spelt[position]
	}
	return spelling
}

// place is the position of a column and its header as spelt; -1 and the canonical
// name for a column that the file lacks.
func (h *header) place(column Column) (position int, spelt string) {
	position, found := h.positions[column]
	if !found {
		return -1, string(column)
	}
	return position, h.spelt[position]
}

// readHeader finds the columns in the first row that is not blank.
func (r *reader) readHeader(row int, cells []cell) {
	r.header = header{row: row, positions: map[Column]int{}}
	known := &r.header
	var unknown []string
	for position, cell := range cells {
		spelt := excerptHeader(cell.text)
		column := r.vocabulary.columns[fold(reveal(cell.text))]
		known.spelt = append(known.spelt, spelt)
		switch {
		case spelt == "":
			column = ""
		case column == "":
			unknown = append(unknown, quote(spelt))
		default:
			column = r.takeColumn(column, position)
		}
		known.columns = append(known.columns, column)
	}
	if len(unknown) > 0 && !r.options.IgnoreUnknownColumns {
		r.faults.add(row, -1, "", "%s: the known columns are %s; rename or remove the others, or import with --ignore-unknown-columns",
			unknownColumns(unknown), knownColumns())
	}
	if _, found := known.positions[EmailColumn]; !found {
		r.faults.add(row, -1, string(EmailColumn), "the file has no column with e-mail addresses: name one of the columns of the first row %s (or 邮箱), and check that the first row is the header",
			quote(title(EmailColumn)))
	}
}

// takeColumn records where a column is; a column that is there twice is a fault
// of the second one, which is not read.
func (r *reader) takeColumn(column Column, position int) Column {
	first, twice := r.header.positions[column]
	if !twice {
		r.header.positions[column] = position
		return column
	}
	r.faults.add(r.header.row, position, r.header.spelt[position], "the columns %s and %s are both %s: keep one of them",
		quote(r.header.spelt[first]), quote(r.header.spelt[position]), title(column))
	return ""
}

// excerptHeader is a header as faults repeat it: trimmed, on one line, without
// invisible signs, and of bounded length.
func excerptHeader(text string) string {
	spelt := strings.Join(strings.Fields(reveal(text)), " ")
	count := 0
	for at := range spelt {
		if count == excerptLength {
			return visible(spelt[:at]) + "…"
		}
		count++
	}
	return visible(spelt)
}

func unknownColumns(unknown []string) string {
	if len(unknown) == 1 {
		return fmt.Sprintf("the column %s is not known", unknown[0])
	}
	more := ""
	if len(unknown) > maxUnknownListed {
		more = fmt.Sprintf(" and %d more", len(unknown)-maxUnknownListed)
		unknown = unknown[:maxUnknownListed]
	}
	return fmt.Sprintf("the columns %s%s are not known", strings.Join(unknown, ", "), more)
}

func knownColumns() string {
	var titles []string
	for _, column := range Columns() {
		titles = append(titles, title(column))
	}
	return strings.Join(titles, ", ")
}

// title is the header that Write gives a column.
func title(column Column) string {
	switch column {
	case NameColumn:
		return "Name"
	case NicknameColumn:
		return "Nickname"
	case AgentIDColumn:
		return "Agent ID"
	case EmailColumn:
		return "E-mail"
	case RoleColumn:
		return "Role"
	case PhoneColumn:
		return "Phone"
	case ExtensionColumn:
		return "Extension"
	case SkillGroupsColumn:
		return "Skill groups"
	case ActiveColumn:
		return "Active"
	default:
		return string(column)
	}
}
