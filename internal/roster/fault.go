package roster

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxFaults is how many faults of a kind (errors, warnings) Read returns; the
// last one after them says how many more there are.
const maxFaults = 1000

// Fault is something wrong with the file.
type Fault struct {
	// File is the name that was given to Read.
	File string
	// Row is counted as in Person; 0 for a fault of the file as a whole.
	Row int
	// Column is the header as the file spells it, or the canonical name of a
	// column that the file lacks; empty for a fault of the whole row.
	Column string
	// Message says what is wrong, and what to write instead.
	Message string
	// Warning means that the file can be imported as it is.
	Warning bool
	// SameName means that the Member of this row would have the name of another
	// row's. That is no fault of a person who is a Member already, under whatever
	// name; whoever knows the Members decides again.
	SameName bool
	// More is how many faults, or warnings, this one stands for that are not listed; 0
	// for one that stands for itself.
	More int
}

// Count is how many faults this one is.
func (f Fault) Count() int { return max(1, f.More) }

// String is file:row:column: message, without the parts that the fault lacks.
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

// faults collects faults up to a bound.
type faults struct {
	file             string
	errors, warnings []placedFault
	moreErrors       int
	moreWarnings     int
}

// add records a fault in the column at a position; the position -1 and an empty
// column are for a whole row.
func (f *faults) add(row, position int, column, format string, arguments ...any) {
	if len(f.errors) == maxFaults {
		f.moreErrors++
		return
	}
	f.errors = append(f.errors, placedFault{position: position, Fault: Fault{
		File: f.file, Row: row, Column: column, Message: fmt.Sprintf(format, arguments...),
	}})
}

// markSameName says of the last fault that it is a clash of derived names.
func (f *faults) markSameName() {
	if f.moreErrors == 0 {
		f.errors[len(f.errors)-1].SameName = true
	}
}

// warn records a warning.
func (f *faults) warn(row, position int, column, format string, arguments ...any) {
	if len(f.warnings) == maxFaults {
		f.moreWarnings++
		return
	}
	f.warnings = append(f.warnings, placedFault{position: position, Fault: Fault{
		File: f.file, Row: row, Column: column, Message: fmt.Sprintf(format, arguments...), Warning: true,
	}})
}

// list is all faults by row and column, and at the end how many more there are.
func (f *faults) list() []Fault {
	all := slices.Concat(f.errors, f.warnings)
	slices.SortStableFunc(all, func(a, b placedFault) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.position, b.position))
	})
	var list []Fault
	for _, fault := range all {
		list = append(list, fault.Fault)
	}
	if f.moreErrors > 0 {
		list = append(list, Fault{File: f.file, More: f.moreErrors, Message: fmt.Sprintf("and %d more faults: correct those above first, and import again to see the rest", f.moreErrors)})
	}
	if f.moreWarnings > 0 {
		list = append(list, Fault{File: f.file, More: f.moreWarnings, Warning: true, Message: fmt.Sprintf("and %d more warnings", f.moreWarnings)})
	}
	return list
}
