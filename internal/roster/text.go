package roster

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// excerptLength is the number of characters of a cell that a message repeats.
const excerptLength = 40

// isBlank reports whether a character at the end of a cell is accidental: white space, or
// the invisible characters (zero-width spaces, directional marks) of text pasted from
// e-mail and web pages.
func isBlank(char rune) bool {
	switch {
	case unicode.IsSpace(char):
		return true
	case char >= '\u200b' && char <= '\u200f', char >= '\u202a' && char <= '\u202e':
		return true
	case char >= '\u2060' && char <= '\u2064', char >= '\u2066' && char <= '\u2069':
		return true
	default:
		return char == '\ufeff' || char == '\u180e'
	}
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
	first, _ := utf8.DecodeRuneInString(text)
	return text != "" && strings.ContainsRune(formulaStarts, first)
}

// changesAsNumber reports whether a spreadsheet program that opens a csv file would take
// the text for a number or a date and change it: 007, 1E5, 2-11, or sixteen digits.
func changesAsNumber(text string) bool {
	const (
		digits      = "0123456789"
		exactDigits = 15
	)
	if strings.IndexAny(text, digits) != 0 || strings.Trim(text, digits+"eE-") != "" {
		return false
	}
	plain := strings.Trim(text, digits) == ""
	return !plain || text[0] == '0' && len(text) > 1 || len(text) > exactDigits
}

// guarded reports whether an apostrophe before the text keeps a spreadsheet program from
// changing it. This excludes names that start with an apostrophe ('Aisha). The apostrophe
// may itself be guarded.
func guarded(text string) bool {
	text = strings.TrimLeft(text, "'")
	if startsFormula(text) {
		return true
	}
	first, _ := utf8.DecodeRuneInString(text)
	if text != "" && isBlank(first) {
		return true
	}
	return text != "" && strings.Trim(text, "0123456789eE-") == "" && strings.ContainsAny(text, "0123456789")
}

// blankThenApostrophes reports whether the text ends with a blank that any number of
// apostrophes follow.
func blankThenApostrophes(text string) bool {
	text = strings.TrimRight(text, "'")
	last, _ := utf8.DecodeLastRuneInString(text)
	return text != "" && isBlank(last)
}

// protect returns the cell for a text, from which reveal returns the text. An apostrophe
// guards what a spreadsheet program would change (only in csv, where cells have no type),
// blanks at the ends, and apostrophes that reveal would take for guards.
func protect(text string, format Format) string {
	if blankThenApostrophes(text) {
		text += "'"
	}
	first, _ := utf8.DecodeRuneInString(text)
	changes := format == CSV && (startsFormula(text) || changesAsNumber(text))
	if changes || text != "" && isBlank(first) || strings.HasPrefix(text, "'") && guarded(text[1:]) {
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
	count := 0
	for at := range text {
		if count == characters {
			return format(text[:at]) + "…"
		}
		count++
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
			continue
		}
		shown.WriteString(codePoint(char))
	}
	return shown.String()
}

// codePoint returns a character in the form <U+200B>.
func codePoint(char rune) string {
	const digits = "0123456789ABCDEF"
	var code []byte
	for rest := char; rest > 0 || len(code) < 4; rest >>= 4 {
		code = append([]byte{digits[rest&0xf]}, code...)
	}
	return "<U+" + string(code) + ">"
}

// narrow replaces the full-width characters of East Asian keyboards by regular ones.
func narrow(text string) string {
	return width.Fold.String(text)
}
