package roster

import (
	"encoding/xml"
	"math"
	"regexp"
	"slices"
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

const (
	digitPlace rune = -1
	zeroPlace  rune = -2
)

// numberFormats returns the cell formats by number.
func (w *workbook) numberFormats(name string) ([]numberFormat, error) {
	own := map[string]numberFormat{}
	var formats []numberFormat
	inCells := false
	err := w.walk(name, func(token xml.Token) error {
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "numFmt":
				if len(own) < maxFormats {
					own[attribute(token, "numFmtId")] = parseNumberFormat(attribute(token, "formatCode"))
				}
			case "cellXfs":
				inCells = true
			case "xf":
				if inCells && len(formats) < maxFormats {
					formats = append(formats, formatOf(own, attribute(token, "numFmtId")))
				}
			}
		case xml.EndElement:
			inCells = inCells && token.Name.Local != "cellXfs"
		}
		return nil
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

// scientific matches a format with an exponent.
var scientific = regexp.MustCompile(`[0#?][eE][+-]?[0#?]`)

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
	chars := []rune(code)
	for at := 0; at < len(chars); at++ {
		switch char := chars[at]; {
		case char == ';':
			return format
		case strings.ContainsRune(`"\[_*`, char):
			text, last, elapsed := formatText(chars, at)
			if elapsed {
				return numberFormat{date: true}
			}
			format.places = append(format.places, text...)
			at = last
		case strings.ContainsRune("ymdhsYMDHS", char):
			return numberFormat{date: true}
		default:
			place, plain := placeOf(char)
			if !plain {
				return numberFormat{}
			}
			format.places = append(format.places, place)
		}
	}
	return format
}

// placeOf returns what a character of a format code displays. It is plain if that is a
// digit or the character itself.
func placeOf(char rune) (place rune, plain bool) {
	switch char {
	case '#', '?':
		return digitPlace, true
	case '0':
		return zeroPlace, true
	case '+', '-', '(', ')', ' ', '\u00a0':
		return char, true
	default:
		return 0, false
	}
}

// formatText parses a text, an escaped character, a fill, or a bracket at a position of a
// format code. It returns what is displayed, where it ends, and whether it is a bracket
// for elapsed time, such as [h].
func formatText(chars []rune, at int) (text []rune, last int, elapsed bool) {
	end := func(char rune) int {
		if length := slices.Index(chars[at+1:], char); length >= 0 {
			return at + 1 + length
		}
		return len(chars)
	}
	switch chars[at] {
	case '"':
		last = end('"')
		return chars[at+1 : last], last, false
	case '[':
		last = end(']')
		unit := strings.ToLower(string(chars[at+1 : last]))
		return nil, last, unit != "" && strings.Trim(unit, "hms") == ""
	case '\\':
		return chars[min(at+1, len(chars)):min(at+2, len(chars))], at + 1, false
	default:
		return nil, at + 1, false
	}
}

// display returns the cell for a number as the file stores it.
func (f numberFormat) display(stored string) cell {
	if f.date {
		return cell{text: stored, kind: dateCell}
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
	first := slices.IndexFunc(f.places, func(char rune) bool { return char < 0 })
	if first < 0 {
		return digits
	}
	var displayed []rune
	for at, char := range slices.Backward(f.places) {
		if char >= 0 {
			displayed = append([]rune{char}, displayed...)
			continue
		}
		taken := min(1, len(digits))
		if at == first {
			taken = len(digits)
		}
		next := digits[len(digits)-taken:]
		if next == "" && char == zeroPlace {
			next = "0"
		}
		digits = digits[:len(digits)-taken]
		displayed = append([]rune(next), displayed...)
	}
	return string(displayed)
}
