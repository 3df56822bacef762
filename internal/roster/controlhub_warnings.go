package roster

import (
	"fmt"
	"strings"
)

// maxOthersListed is the maximum number of skipped columns that a warning names.
const maxOthersListed = 3

// warnOfOtherColumns warns about the columns of a Control Hub file that are not read. It
// names all that Read knows in other sheets, because they were probably added on purpose.
func (r *reader) warnOfOtherColumns(row int, others, known []string) {
	if len(others) > 0 {
		noun := "columns are"
		if len(others) == 1 {
			noun = "column is"
		}
		r.faults.warn(row, -1, "", "this is a Webex Control Hub file; %d other %s skipped (%s): only the names, %s and the services %s and %s are read",
			len(others), noun, firstFew(others), userIDColumn, standardColumn, premiumColumn)
	}
	if len(known) > 0 {
		verb := "are"
		if len(known) == 1 {
			verb = "is"
		}
		r.faults.warn(row, -1, "", "%s %s not read from a Control Hub file: import your own sheet with the column %s instead", enumerate(known), verb, title(EmailColumn))
	}
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
