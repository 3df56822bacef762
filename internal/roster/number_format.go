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
	// maxFormats is how many cell formats a workbook may have; Excel's limit.
	maxFormats = 65_490
	// maxFormatCode is how long a number format is at most that is looked at.
	maxFormatCode = 255
	// exactLimit is where whole numbers end of which a spreadsheet keeps all 15 digits.
	exactLimit = 1e15
)

// numberFormat is how a cell shows a number, as far as it matters for numbers of
// telephones and agents: those shown with leading zeros, a + or spaces are read as
// they are shown, and all others as whole numbers.
type numberFormat struct {
	// date is a date or a time.
	date bool
	// exponent is a format that shows 33155512345 as 3.32E+10: who typed the
	// number has most likely typed more digits than are left.
	exponent bool
	// places are the signs of the format, if it shows digits and text only; a
	// digit is digitPlace or zeroPlace.
	places []rune
}

const (
	digitPlace rune = -1
	zeroPlace  rune = -2
)

// numberFormats are the formats of the cells, by their number.
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

// formatOf is the format with an ID: the workbook's own, or one of those that
// every workbook has (ISO/IEC 29500-1, section 18.8.30), of which dates and times
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

// scientific is a format with an exponent.
var scientific = regexp.MustCompile(`[0#?][eE][+-]?[0#?]`)

// parseNumberFormat reads the first section of a format code, which is that of
// positive numbers.
func parseNumberFormat(code string) numberFormat {
	if len(code) > maxFormatCode {
		return numberFormat{}
	}
	if scientific.MatchString(code) {
		return numberFormat{exponent: true}
	}
	var format numberFormat
	signs := []rune(code)
	for at := 0; at < len(signs); at++ {
		switch sign := signs[at]; {
		case sign == ';':
			return format
		case strings.ContainsRune(`"\[_*`, sign):
			text, last, elapsed := formatText(signs, at)
			if elapsed {
				return numberFormat{date: true}
			}
			format.places = append(format.places, text...)
			at = last
		case strings.ContainsRune("ymdhsYMDHS", sign):
			return numberFormat{date: true}
		default:
			place, plain := placeOf(sign)
			if !plain {
				return numberFormat{}
			}
			format.places = append(format.places, place)
		}
	}
	return format
}

// placeOf is what a sign of a format code shows; not plain if that is not simply
// a digit or itself.
func placeOf(sign rune) (place rune, plain bool) {
	switch sign {
	case '#', '?':
		return digitPlace, true
	case '0':
		return zeroPlace, true
	case '+', '-', '(', ')', ' ', '\u00a0':
		return sign, true
	default:
		return 0, false
	}
}

// formatText reads a text, an escaped sign, a filling or a bracket that begins at
// a position of a format code: what it shows, where it ends, and whether it is a
// bracket such as [h] for elapsed time.
func formatText(signs []rune, at int) (text []rune, last int, elapsed bool) {
	end := func(sign rune) int {
		if length := slices.Index(signs[at+1:], sign); length >= 0 {
			return at + 1 + length
		}
		return len(signs)
	}
	switch signs[at] {
	case '"':
		last = end('"')
		return signs[at+1 : last], last, false
	case '[':
		last = end(']')
		unit := strings.ToLower(string(signs[at+1 : last]))
		return nil, last, unit != "" && strings.Trim(unit, "hms") == ""
	case '\\':
		return signs[min(at+1, len(signs)):min(at+2, len(signs))], at + 1, false
	default:
		return nil, at + 1, false
	}
}

// show is the cell with a number as the file stores it.
func (f numberFormat) show(stored string) cell {
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

// place puts the digits in their places, from the right; those for which there is
// no place go to the first one.
func (f numberFormat) place(digits string) string {
	first := slices.IndexFunc(f.places, func(sign rune) bool { return sign < 0 })
	if first < 0 {
		return digits
	}
	var shown []rune
	for at, sign := range slices.Backward(f.places) {
		if sign >= 0 {
			shown = append([]rune{sign}, shown...)
			continue
		}
		taken := min(1, len(digits))
		if at == first {
			taken = len(digits)
		}
		next := digits[len(digits)-taken:]
		if next == "" && sign == zeroPlace {
			next = "0"
		}
		digits = digits[:len(digits)-taken]
		shown = append([]rune(next), shown...)
	}
	return string(shown)
}
