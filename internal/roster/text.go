package roster

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// excerptLength is how many characters of a cell a message repeats.
const excerptLength = 40

// isBlank says whether a sign at the edge of a cell is there by accident: white
// space of any kind, and the invisible signs (zero-width spaces, marks of
// direction) that come with text pasted from mail and web pages.
func isBlank(sign rune) bool {
	switch {
	case unicode.IsSpace(sign):
		return true
	case sign >= '\u200b' && sign <= '\u200f', sign >= '\u202a' && sign <= '\u202e':
		return true
	case sign >= '\u2060' && sign <= '\u2064', sign >= '\u2066' && sign <= '\u2069':
		return true
	default:
		return sign == '\ufeff' || sign == '\u180e'
	}
}

// trim is the text without blanks at its ends.
func trim(text string) string {
	return strings.TrimFunc(text, isBlank)
}

// formulaSigns are what a spreadsheet program takes for the beginning of a
// formula; the full-width ones in East Asian locales.
const formulaSigns = "=+-@\t\r＝＋－＠"

// beginsFormula says whether a spreadsheet program may take the text for a formula.
func beginsFormula(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return text != "" && strings.ContainsRune(formulaSigns, first)
}

// changesAsNumber says whether a spreadsheet program that opens a csv file would
// take the text for a number or a date and not write it back as it was: 007,
// 1E5, 2-11 or sixteen digits.
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

// guarded says whether an apostrophe in front of the text is there to keep a
// spreadsheet program from changing it. A person's name with an apostrophe in
// front ('Aisha) is not meant. The apostrophe may itself be guarded.
func guarded(text string) bool {
	text = strings.TrimLeft(text, "'")
	if beginsFormula(text) {
		return true
	}
	first, _ := utf8.DecodeRuneInString(text)
	if text != "" && isBlank(first) {
		return true
	}
	return text != "" && strings.Trim(text, "0123456789eE-") == "" && strings.ContainsAny(text, "0123456789")
}

// blankThenApostrophes says whether the text ends with a blank and, after it, any
// number of apostrophes.
func blankThenApostrophes(text string) bool {
	text = strings.TrimRight(text, "'")
	last, _ := utf8.DecodeLastRuneInString(text)
	return text != "" && isBlank(last)
}

// protect is the text as it goes into a cell so that reveal gives it back: an
// apostrophe guards what a spreadsheet program would change (only in csv, where
// cells have no type), blanks at the ends, and apostrophes that reveal would take
// for guards.
func protect(text string, format Format) string {
	if blankThenApostrophes(text) {
		text += "'"
	}
	first, _ := utf8.DecodeRuneInString(text)
	changes := format == CSV && (beginsFormula(text) || changesAsNumber(text))
	if changes || text != "" && isBlank(first) || strings.HasPrefix(text, "'") && guarded(text[1:]) {
		text = "'" + text
	}
	return text
}

// reveal is the text of a cell without blanks at its ends and without the
// apostrophes of protect.
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

// excerpt is the beginning of a cell in quotation marks, with invisible signs
// made visible.
func excerpt(text string) string {
	count := 0
	for at := range text {
		if count == excerptLength {
			return quote(text[:at]) + "…"
		}
		count++
	}
	return quote(text)
}

// quote is the text in quotation marks. It differs from strconv.Quote in that the
// marks are not escaped again inside.
func quote(text string) string {
	return `"` + visible(text) + `"`
}

// visible is the text with invisible signs made visible, so that no file can
// write escape sequences to a terminal.
func visible(text string) string {
	var shown strings.Builder
	for _, sign := range text {
		if unicode.IsPrint(sign) {
			shown.WriteRune(sign)
			continue
		}
		shown.WriteString(codePoint(sign))
	}
	return shown.String()
}

// codePoint is an invisible sign as <U+200B>.
func codePoint(sign rune) string {
	const digits = "0123456789ABCDEF"
	var code []byte
	for rest := sign; rest > 0 || len(code) < 4; rest >>= 4 {
		code = append([]byte{digits[rest&0xf]}, code...)
	}
	return "<U+" + string(code) + ">"
}

// narrow is the text with letters, digits and signs of usual width in place of
// the full-width ones of East Asian keyboards.
func narrow(text string) string {
	return width.Fold.String(text)
}
