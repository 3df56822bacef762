package roster

import (
	"fmt"
	"slices"
	"strings"
)

// maxUnknownListed is the maximum number of unknown columns that a fault names, and
// maxOthersListed that of skipped columns that a warning names.
const (
	maxUnknownListed = 20
	maxOthersListed  = 3
)

// header holds the columns of a file.
type header struct {
	row int
	// columns has the canonical column at each position; empty for unknown ones.
	columns []Column
	// spelled has the header at each position as the file spells it.
	spelled []string
	// controlHub reports whether this is a Control Hub file.
	controlHub bool
	// services has the number of columns of each Control Hub service.
	services map[Column]int
}

// first returns the position of the first of these columns that the file has, or -1.
func (h *header) first(columns ...Column) int {
	for _, column := range columns {
		if position := slices.Index(h.columns, column); position >= 0 {
			return position
		}
	}
	return -1
}

// has returns the columns of the file with their spelling.
func (h *header) has() map[Column]string {
	has := map[Column]string{}
	for _, column := range Columns() {
		if position := h.first(h.sources(column)...); position >= 0 {
			has[column] = h.spelled[position]
		}
	}
	return has
}

// sources returns the columns of the file that provide a column, the preferred one first.
func (h *header) sources(column Column) []Column {
	switch {
	case h.controlHub && column == NameColumn:
		return []Column{displayNameColumn, firstNameColumn, lastNameColumn}
	case h.controlHub && column == LicenseColumn:
		return []Column{standardColumn, premiumColumn}
	default:
		return []Column{column}
	}
}

// at returns a fault in a column of a row. If the file lacks the column, the fault has
// its canonical name.
func (h *header) at(row int, column Column) Fault {
	if position := h.first(column); position >= 0 {
		return h.atPosition(row, position)
	}
	return Fault{Row: row, Column: string(column)}
}

// atPosition returns a fault in the column at a position.
func (h *header) atPosition(row, position int) Fault {
	return Fault{Row: row, Column: h.spelled[position], position: position + 1}
}

// readHeader finds the columns in the first row that is not blank.
func (r *reader) readHeader(row int, cells []cell) {
	r.header = header{row: row, services: map[Column]int{}, controlHub: slices.ContainsFunc(cells, isControlHubEmail)}
	longest := excerptLength
	if r.header.controlHub {
		longest = controlHubHeaderLength
	}
	// The columns that are not read, and those of them that are in files of the other
	// kind.
	var unread, misplaced []string
	for position, cell := range cells {
		folded, spelled := fold(reveal(cell.text)), excerptHeader(cell.text, longest)
		r.header.spelled = append(r.header.spelled, spelled)
		column, other := columnWords[folded], controlHubColumn(folded)
		if r.header.controlHub {
			column, other = other, column
		}
		if column != "" {
			column = r.takeColumn(column, position)
		} else if spelled != "" {
			unread = append(unread, spelled)
			if other != "" {
				misplaced = append(misplaced, spelled)
			}
		}
		r.header.columns = append(r.header.columns, column)
	}
	if len(unread) > 0 && !r.options.IgnoreUnknownColumns {
		r.faultUnreadColumns(unread, misplaced)
	}
	if r.header.first(EmailColumn) < 0 {
		r.faults.add(r.header.at(row, EmailColumn), "the file has no column with e-mail addresses: name one of the columns in the first row %s (or 邮箱), and check that the first row is the header",
			quote(title(EmailColumn)))
	}
}

// takeColumn returns the column at the next position. A second column of the same kind,
// unless it is a Control Hub service, is a fault and is not read.
func (r *reader) takeColumn(column Column, position int) Column {
	first := r.header.first(column)
	if isService(column) {
		r.header.services[column]++
	} else if first >= 0 {
		r.faults.add(r.header.atPosition(r.header.row, position), "the columns %s and %s are both %s: keep one of them",
			quote(r.header.spelled[first]), quote(r.header.spelled[position]), title(column))
		return ""
	}
	return column
}

// faultUnreadColumns records unknown columns as a fault. Most columns of a Control Hub file
// belong to other services: they get a warning. It names all that Read knows in other
// sheets, because they were probably added on purpose.
func (r *reader) faultUnreadColumns(unread, misplaced []string) {
	fault := Fault{Row: r.header.row, Warning: r.header.controlHub}
	if !r.header.controlHub {
		hint := ""
		if len(misplaced) > 0 {
			hint = "; a Control Hub file is recognized by its column " + string(userIDColumn)
		}
		r.faults.add(fault, "%s: the known columns are %s; rename or remove the others, or import with --ignore-unknown-columns%s",
			unknownColumns(unread), strings.Join(titles(Columns()), ", "), hint)
		return
	}
	noun := "columns are"
	if len(unread) == 1 {
		noun = "column is"
	}
	r.faults.add(fault, "this is a Webex Control Hub file; %d other %s skipped (%s): only the names, %s and the services %s and %s are read",
		len(unread), noun, firstFew(unread), userIDColumn, standardColumn, premiumColumn)
	if len(misplaced) > 0 {
		verb := "are"
		if len(misplaced) == 1 {
			verb = "is"
		}
		r.faults.add(fault, "%s %s not read from a Control Hub file: import your own sheet with the column %s instead", enumerate(misplaced), verb, title(EmailColumn))
	}
}

// excerptHeader returns a header as messages repeat it: trimmed, on one line, without
// invisible characters, and of bounded length.
func excerptHeader(text string, longest int) string {
	return shorten(strings.Join(strings.Fields(reveal(text)), " "), longest, visible)
}

// unknownColumns says which columns are not known.
func unknownColumns(unknown []string) string {
	for index, column := range unknown {
		unknown[index] = quote(column)
	}
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

// firstFew lists the first of some words and the number of the others.
func firstFew(words []string) string {
	if len(words) <= maxOthersListed+1 {
		return enumerate(words)
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:maxOthersListed], ", "), len(words)-maxOthersListed)
}

// enumerate lists words, with "and" before the last one.
func enumerate(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
