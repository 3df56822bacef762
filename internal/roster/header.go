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
	// positions are the positions of the columns that the file has; the first one of
	// a service of Control Hub.
	positions map[Column]int
	// controlHub is whether this is a file of Control Hub.
	controlHub bool
	// services are how many columns each service of Control Hub has.
	services map[Column]int
}

// first is the position of the first of these columns that the file has; -1 if it
// has none of them.
func (h *header) first(columns ...Column) int {
	for _, column := range columns {
		if position, found := h.positions[column]; found {
			return position
		}
	}
	return -1
}

// has is the columns of the file with their spelling.
func (h *header) has() map[Column]string {
	if h.controlHub {
		return h.controlHubHas()
	}
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
	r.header = header{row: row, positions: map[Column]int{}, services: map[Column]int{}}
	if isControlHub(cells) {
		r.readControlHubHeader(row, cells)
		return
	}
	known := &r.header
	var unknown []string
	hint := ""
	for position, cell := range cells {
		spelt := excerptHeader(cell.text, excerptLength)
		column := r.vocabulary.columns[fold(reveal(cell.text))]
		known.spelt = append(known.spelt, spelt)
		switch {
		case spelt == "":
			column = ""
		case column == "":
			unknown = append(unknown, quote(spelt))
			if controlHubColumn(reveal(cell.text)) != "" {
				hint = "; Control Hub's file is known by its column " + string(userIDColumn)
			}
		default:
			column = r.takeColumn(column, position)
		}
		known.columns = append(known.columns, column)
	}
	if len(unknown) > 0 && !r.options.IgnoreUnknownColumns {
		r.faults.add(row, -1, "", "%s: the known columns are %s; rename or remove the others, or import with --ignore-unknown-columns%s",
			unknownColumns(unknown), knownColumns(), hint)
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
func excerptHeader(text string, longest int) string {
	spelt := strings.Join(strings.Fields(reveal(text)), " ")
	count := 0
	for at := range spelt {
		if count == longest {
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
	return strings.Join(titles(Columns()), ", ")
}
