package roster

import (
	"fmt"
	"strings"
)

// maxOthersListed is how many columns that are left out a warning names.
const maxOthersListed = 3

// warnOfOtherColumns says which columns of a file of Control Hub are not read. Those
// that a sheet of the contact centre's own may have, ours, are told all: whoever has
// added them means them.
func (r *reader) warnOfOtherColumns(row int, others, ours []string) {
	if len(others) > 0 {
		what := "columns are"
		if len(others) == 1 {
			what = "column is"
		}
		r.faults.warn(row, -1, "", "this is a file of Webex Control Hub, of which %d other %s left out (%s): only the names, %s and the services %s and %s are read",
			len(others), what, firstFew(others), userIDColumn, standardColumn, premiumColumn)
	}
	if len(ours) > 0 {
		verb := "are"
		if len(ours) == 1 {
			verb = "is"
		}
		r.faults.warn(row, -1, "", "%s %s not read from Control Hub's file: import a sheet of your own with a column %s for that", inWords(ours), verb, title(EmailColumn))
	}
}

// firstFew are the first of some words, and how many more there are.
func firstFew(words []string) string {
	if len(words) <= maxOthersListed+1 {
		return inWords(words)
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:maxOthersListed], ", "), len(words)-maxOthersListed)
}

// inWords is a list with and before its last word.
func inWords(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
