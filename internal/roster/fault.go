package roster

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxFaults is the maximum number of errors, and of warnings, that Read lists. One more
// fault counts the rest.
const maxFaults = 1000

// Fault is a problem of the file.
type Fault struct {
	// File is the name that was passed to Read.
	File string
	// Row is counted as in Person; 0 for a fault of the whole file.
	Row int
	// Column is the header as the file spells it, or the canonical name of a
	// missing column. It is empty for a fault of the whole row.
	Column string
	// Message says what is wrong and what to write instead.
	Message string
	// Warning reports that the file can be imported as it is.
	Warning bool
	// SameName reports that the Member of this row would have the same name as that
	// of another row. This is not a fault for a person who already has a Member
	// under any name; a caller that knows the Members decides again.
	SameName bool
	// More is the number of unlisted faults or warnings that this one counts; 0 for a
	// fault that is one itself.
	More int
}

// Count returns the number of faults that this one counts.
func (f Fault) Count() int { return max(1, f.More) }

// String returns file:row:column: message, without the parts that the fault lacks.
func (f Fault) String() string {
	var text strings.Builder
	text.WriteString(f.File)
	if f.Row > 0 {
		text.WriteString(":" + strconv.Itoa(f.Row))
		if f.Column != "" {
			text.WriteString(":" + f.Column)
		}
	}
	text.WriteString(": ")
	if f.Warning {
		text.WriteString("warning: ")
	}
	text.WriteString(f.Message)
	return text.String()
}

// placedFault is a fault with the position of its column in the file.
type placedFault struct {
	Fault
	position int
}

// faultList holds faults up to a bound.
type faultList struct {
	listed []placedFault
	// more counts the faults beyond the bound.
	more int
}

func (l *faultList) add(fault placedFault) {
	if len(l.listed) == maxFaults {
		l.more++
		return
	}
	l.listed = append(l.listed, fault)
}

// faults collects the errors and warnings of a file.
type faults struct {
	file             string
	errors, warnings faultList
}

// add records an error in the column at a position. For a whole row, the position is -1
// and the column is empty.
func (f *faults) add(row, position int, column, format string, arguments ...any) {
	f.errors.add(f.fault(row, position, column, fmt.Sprintf(format, arguments...)))
}

// warn records a warning.
func (f *faults) warn(row, position int, column, format string, arguments ...any) {
	warning := f.fault(row, position, column, fmt.Sprintf(format, arguments...))
	warning.Warning = true
	f.warnings.add(warning)
}

func (f *faults) fault(row, position int, column, message string) placedFault {
	return placedFault{position: position, Fault: Fault{File: f.file, Row: row, Column: column, Message: message}}
}

// markSameName marks the last error as a duplicate of derived names.
func (f *faults) markSameName() {
	if f.errors.more == 0 {
		f.errors.listed[len(f.errors.listed)-1].SameName = true
	}
}

// list returns all faults by row and column, followed by the number of unlisted ones.
func (f *faults) list() []Fault {
	all := slices.Concat(f.errors.listed, f.warnings.listed)
	slices.SortStableFunc(all, func(a, b placedFault) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.position, b.position))
	})
	var list []Fault
	for _, fault := range all {
		list = append(list, fault.Fault)
	}
	if more := f.errors.more; more > 0 {
		list = append(list, Fault{File: f.file, More: more, Message: fmt.Sprintf("and %d more faults: correct the faults above, then import again to see the rest", more)})
	}
	if more := f.warnings.more; more > 0 {
		list = append(list, Fault{File: f.file, More: more, Warning: true, Message: fmt.Sprintf("and %d more warnings", more)})
	}
	return list
}
