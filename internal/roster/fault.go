package roster

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
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
	// position is that of the column in the file, counted from 1; 0 for a fault of the
	// whole row.
	position int
}

// Count returns the number of faults that this one counts.
func (f Fault) Count() int { return max(1, f.More) }

// String returns file:row:column: message, without the parts that the fault lacks.
func (f Fault) String() string {
	text := f.File
	if f.Row > 0 {
		text += ":" + strconv.Itoa(f.Row)
		if f.Column != "" {
			text += ":" + f.Column
		}
	}
	if f.Warning {
		text += ": warning"
	}
	return text + ": " + f.Message
}

// faultList holds faults up to a bound.
type faultList struct {
	listed []Fault
	// more counts the faults beyond the bound.
	more int
}

// faults collects the errors and warnings of a file.
type faults struct {
	file             string
	errors, warnings faultList
}

// add records a fault, given without its file and message.
func (f *faults) add(fault Fault, format string, arguments ...any) {
	list := &f.errors
	if fault.Warning {
		list = &f.warnings
	}
	if len(list.listed) == maxFaults {
		list.more++
		return
	}
	fault.File, fault.Message = f.file, fmt.Sprintf(format, arguments...)
	list.listed = append(list.listed, fault)
}

// list returns all faults by row and column, followed by the number of unlisted ones.
func (f *faults) list() []Fault {
	all := slices.Concat(f.errors.listed, f.warnings.listed)
	slices.SortStableFunc(all, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.position, b.position))
	})
	if more := f.errors.more; more > 0 {
		all = append(all, Fault{File: f.file, More: more, Message: fmt.Sprintf("and %d more faults: correct the faults above, then import again to see the rest", more)})
	}
	if more := f.warnings.more; more > 0 {
		all = append(all, Fault{File: f.file, More: more, Warning: true, Message: fmt.Sprintf("and %d more warnings", more)})
	}
	return all
}
