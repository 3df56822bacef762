package roster

import (
	"fmt"
	"strings"
)

// maxUnknownListed is the maximum number of unknown columns that a fault names.
const maxUnknownListed = 20

// header holds the columns of a file.
type header struct {
	row int
	// columns has the canonical column at each position; empty for unknown ones.
	columns []Column
	// spelled has the header at each position as the file spells it.
	spelled []string
	// positions has the position of each column of the file; for a Control Hub
	// service, that of its first column.
	positions map[Column]int
	// controlHub reports whether this is a Control Hub file.
	controlHub bool
	// services has the number of columns of each Control Hub service.
	services map[Column]int
}

// first returns the position of the first of these columns that the file has, or -1.
func (h *header) first(columns ...Column) int {
	for _, column := range columns {
		if position, found := h.positions[column]; found {
			return position
		}
	}
	return -1
}

// has returns the columns of the file with their spelling.
func (h *header) has() map[Column]string {
	if h.controlHub {
		return h.controlHubHas()
	}
	spelling := make(map[Column]string, len(h.positions))
	for column, position := range h.positions {
		spelling[column] = h.spelled[position]
	}
	return spelling
}

// place returns the position of a column and its header as spelled. If the file lacks
// the column, it returns -1 and the canonical name.
func (h *header) place(column Column) (position int, spelled string) {
	position, found := h.positions[column]
	if !found {
		return -1, string(column)
	}
	return position, h.spelled[position]
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
		spelled := excerptHeader(cell.text, excerptLength)
		column := r.vocabulary.columns[fold(reveal(cell.text))]
		known.spelled = append(known.spelled, spelled)
		switch {
		case spelled == "":
			column = ""
		case column == "":
			unknown = append(unknown, quote(spelled))
			if controlHubColumn(reveal(cell.text)) != "" {
				hint = "; a Control Hub file is recognized by its column " + string(userIDColumn)
			}
		default:
			column = r.takeColumn(column, position)
		}
		known.columns = append(known.columns, column)
	}
	if len(unknown) > 0 && !r.options.IgnoreUnknownColumns {
		r.faults.add(row, -1, "", "%s: the known columns are %s; rename or remove the others, or import with --ignore-unknown-columns%s",
			unknownColumns(unknown), strings.Join(titles(Columns()), ", "), hint)
	}
	if _, found := known.positions[EmailColumn]; !found {
		r.faults.add(row, -1, string(EmailColumn), "the file has no column with e-mail addresses: name one of the columns in the first row %s (or 邮箱), and check that the first row is the header",
			quote(title(EmailColumn)))
	}
}

// takeColumn records the position of a column. A second column of the same kind is a
// fault and is not read.
func (r *reader) takeColumn(column Column, position int) Column {
	first, duplicate := r.header.positions[column]
	if !duplicate {
		r.header.positions[column] = position
		return column
	}
	r.faults.add(r.header.row, position, r.header.spelled[position], "the columns %s and %s are both %s: keep one of them",
		quote(r.header.spelled[first]), quote(r.header.spelled[position]), title(column))
	return ""
}

// excerptHeader returns a header as messages repeat it: trimmed, on one line, without
// invisible characters, and of bounded length.
func excerptHeader(text string, longest int) string {
	return shorten(strings.Join(strings.Fields(reveal(text)), " "), longest, visible)
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
