package roster

import (
	"encoding/xml"
	"math"
	"regexp"
	"strconv"
	"strings"
)

const (
	// maxFormats is the maximum number of cell formats of a workbook, as in Excel.
	maxFormats = 65_490
	// maxFormatCode is the maximum length of a number format that is parsed.
	maxFormatCode = 255
	// exactLimit is the limit below which a spreadsheet keeps all digits of a whole
	// number.
	exactLimit = 1e15
)

// numberFormat is the format of a number in a cell, as far as it matters for phone
// numbers and agent IDs. Numbers displayed with leading zeros, a +, or spaces are read as
// displayed, all others as whole numbers.
type numberFormat struct {
	// date reports a date or time format.
	date bool
	// exponent reports a format that displays 33155512345 as 3.32E+10: the number
	// that was typed probably had more digits.
	exponent bool
	// places are the characters of a format that displays only digits and text. A
	// digit is digitPlace or zeroPlace.
	places []rune
}

// dateProblem is the problem of a cell with a date.
const dateProblem = "the spreadsheet turned the value into a date: set the format of the column to text and type the value again"

const (
	digitPlace rune = -1
	zeroPlace  rune = -2
)

// numberFormats returns the cell formats by number.
func (w *workbook) numberFormats(name string) ([]numberFormat, error) {
	own := map[string]numberFormat{}
	var formats []numberFormat
	inCells := false
	err := w.elements(name, func(element xml.StartElement) bool {
		switch element.Name.Local {
		case "numFmt":
			if len(own) < maxFormats {
				own[attribute(element, "numFmtId")] = parseNumberFormat(attribute(element, "formatCode"))
			}
		case "cellStyleXfs", "cellXfs":
			inCells = element.Name.Local == "cellXfs"
		case "xf":
			if inCells && len(formats) < maxFormats {
				formats = append(formats, formatOf(own, attribute(element, "numFmtId")))
			}
		}
		return true
	})
	return formats, err
}

// formatOf returns the format with an ID: one of the workbook's own, or one that every
// workbook has (ISO/IEC 29500-1, section 18.8.30). Of the latter, only dates and times
// matter.
func formatOf(own map[string]numberFormat, id string) numberFormat {
	if format, found := own[id]; found {
		return format
	}
	number, err := strconv.Atoi(id)
	if err != nil {
		return numberFormat{}
	}
	date := number >= 14 && number <= 22 || number >= 27 && number <= 36 ||
		number >= 45 && number <= 47 || number >= 50 && number <= 58
	return numberFormat{date: date}
}

var (
	// scientific matches a format with an exponent.
	scientific = regexp.MustCompile(`[0#?][eE][+-]?[0#?]`)
	// formatToken matches a text in quotation marks, an escaped character, a character
	// that is displayed as it is, a bracket, a space or a fill as wide as a character, or
	// another character of a format code.
	formatToken = regexp.MustCompile(`(?s)"([^"]*)"?|\\(.?)|([-+() \x{a0}])|\[[^]]*]?|[_*].?|.`)
	// dateToken matches a date, a time, or an elapsed time such as [h].
	dateToken = regexp.MustCompile(`^([ymdhsYMDHS]|\[[hmsHMS]+]?)$`)
)

// parseNumberFormat parses the first section of a format code, which applies to positive
// numbers.
func parseNumberFormat(code string) numberFormat {
	if len(code) > maxFormatCode {
		return numberFormat{}
	}
	if scientific.MatchString(code) {
		return numberFormat{exponent: true}
	}
	var format numberFormat
	for _, match := range formatToken.FindAllStringSubmatch(code, -1) {
		switch token, text := match[0], match[1]+match[2]+match[3]; {
		case token == ";":
			return format
		case dateToken.MatchString(token):
			return numberFormat{date: true}
		case token == "#", token == "?":
			format.places = append(format.places, digitPlace)
		case token == "0":
			format.places = append(format.places, zeroPlace)
		case strings.IndexAny(token, "\"\\-+() \u00a0[_*") == 0:
			format.places = append(format.places, []rune(text)...)
		default:
			return numberFormat{}
		}
	}
	return format
}

// display returns the cell for a number as the file stores it.
func (f numberFormat) display(stored string) cell {
	if f.date {
		return cell{text: stored, problem: dateProblem}
	}
	number, err := strconv.ParseFloat(stored, 64)
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		return cell{text: stored}
	}
	if f.exponent || math.Abs(number) >= exactLimit {
		return cell{text: strconv.FormatFloat(number, 'E', -1, 64)}
	}
	if number != math.Trunc(number) || number < 0 {
		return cell{text: strconv.FormatFloat(number, 'f', -1, 64)}
	}
	return cell{text: f.place(strconv.FormatFloat(number, 'f', 0, 64))}
}

// place puts the digits in their places, from the right. Digits without a place go to the
// first one.
func (f numberFormat) place(digits string) string {
	missing := -len(digits)
	for _, char := range f.places {
		if char < 0 {
			missing++
		}
	}
	if missing == -len(digits) {
		return digits
	}
	var displayed strings.Builder
	for _, char := range f.places {
		switch {
		case char >= 0:
			displayed.WriteRune(char)
		case missing <= 0:
			displayed.WriteString(digits[:1-missing])
			digits, missing = digits[1-missing:], 0
		default:
			missing--
			if char == zeroPlace {
				displayed.WriteByte('0')
			}
		}
	}
	return displayed.String()
}
