package roster

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// excerptLength is the number of characters of a cell that a message repeats.
const excerptLength = 40

// invisible are the invisible characters (zero-width spaces, directional marks) of text
// pasted from e-mail and web pages.
var invisible = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x180e, Hi: 0x180e, Stride: 1},
	{Lo: 0x200b, Hi: 0x200f, Stride: 1},
	{Lo: 0x202a, Hi: 0x202e, Stride: 1},
	{Lo: 0x2060, Hi: 0x2064, Stride: 1},
	{Lo: 0x2066, Hi: 0x2069, Stride: 1},
	{Lo: 0xfeff, Hi: 0xfeff, Stride: 1},
}}

// isBlank reports whether a character at the end of a cell is accidental.
func isBlank(char rune) bool {
	return unicode.In(char, unicode.White_Space, invisible)
}

// trim returns the text without blanks at its ends.
func trim(text string) string {
	return strings.TrimFunc(text, isBlank)
}

// formulaStarts are the characters that start a formula in a spreadsheet program; the
// full-width ones do in East Asian locales.
const formulaStarts = "=+-@\t\r＝＋－＠"

// startsFormula reports whether a spreadsheet program may take the text for a formula.
func startsFormula(text string) bool {
	return strings.IndexAny(text, formulaStarts) == 0
}

// startsBlank reports whether the text starts with a blank.
func startsBlank(text string) bool {
	return strings.IndexFunc(text, isBlank) == 0
}

var (
	// changedNumber matches a text that a spreadsheet program that opens a csv file would
	// take for a number or a date and change: 007, 1E5, 2-11, or sixteen digits.
	changedNumber = regexp.MustCompile(`^([0-9]+[eE-][0-9eE-]*|0[0-9]+|[0-9]{16,})$`)
	// likeNumber matches any text of the characters of such numbers and dates.
	likeNumber = regexp.MustCompile(`^[eE-]*[0-9][0-9eE-]*$`)
)

// guarded reports whether an apostrophe before the text keeps a spreadsheet program from
// changing it. This excludes names that start with an apostrophe ('Aisha). The apostrophe
// may itself be guarded.
func guarded(text string) bool {
	text = strings.TrimLeft(text, "'")
	return startsFormula(text) || startsBlank(text) || likeNumber.MatchString(text)
}

// blankThenApostrophes reports whether the text ends with a blank that any number of
// apostrophes follow.
func blankThenApostrophes(text string) bool {
	text = strings.TrimRight(text, "'")
	return strings.TrimRightFunc(text, isBlank) != text
}

// protect returns the cell for a text, from which reveal returns the text. An apostrophe
// guards what a spreadsheet program would change (only in csv, where cells have no type),
// blanks at the ends, and apostrophes that reveal would take for guards.
func protect(text string, format Format) string {
	if blankThenApostrophes(text) {
		text += "'"
	}
	changes := format == CSV && (startsFormula(text) || changedNumber.MatchString(text))
	if changes || startsBlank(text) || strings.HasPrefix(text, "'") && guarded(text[1:]) {
		text = "'" + text
	}
	return text
}

// reveal returns the text of a cell without blanks at its ends and without the apostrophes
// of protect.
func reveal(cell string) string {
	text := trim(cell)
	if rest, found := strings.CutPrefix(text, "'"); found && guarded(rest) {
		text = rest
	}
	if rest, found := strings.CutSuffix(text, "'"); found && blankThenApostrophes(rest) {
		text = rest
	}
	return text
}

// excerpt returns the beginning of a cell in quotation marks, with invisible characters
// made visible.
func excerpt(text string) string { return shorten(text, excerptLength, quote) }

// shorten formats the first characters of a text, followed by … if there are more.
func shorten(text string, characters int, format func(string) string) string {
	beginning := fmt.Sprintf("%.*s", characters, text)
	if beginning != text {
		return format(beginning) + "…"
	}
	return format(text)
}

// quote returns the text in quotation marks. Unlike strconv.Quote, it does not escape
// quotation marks inside.
func quote(text string) string {
	return `"` + visible(text) + `"`
}

// visible makes invisible characters visible, so that a file cannot write escape
// sequences to a terminal.
func visible(text string) string {
	var shown strings.Builder
	for _, char := range text {
		if unicode.IsPrint(char) {
			shown.WriteRune(char)
		} else {
			shown.WriteString(codePoint(char))
		}
	}
	return shown.String()
}

// codePoint returns a character in the form <U+200B>.
func codePoint(char rune) string { return fmt.Sprintf("<%U>", char) }

// narrow replaces the full-width characters of East Asian keyboards by regular ones.
func narrow(text string) string {
	return width.Fold.String(text)
}
