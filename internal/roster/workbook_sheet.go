package roster

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxSharedTexts is the maximum number of different texts of a workbook, including its
// other sheets.
const maxSharedTexts = 1_000_000

// maxSheetRow is the last row of an Excel sheet.
const maxSheetRow = 1_048_576

// sharedTexts returns the texts to which cells refer by number.
func (w *workbook) sharedTexts(name string) ([]string, error) {
	var texts []string
	var current richText
	err := w.walk(name, func(token xml.Token) error {
		current.visit(token)
		end, isEnd := token.(xml.EndElement)
		if !isEnd || end.Name.Local != "si" {
			return nil
		}
		if len(texts) == maxSharedTexts {
			return fmt.Errorf("the workbook has more than %d texts: copy the sheet with the members into a new workbook", maxSharedTexts)
		}
		texts = append(texts, current.reset())
		return nil
	})
	return texts, err
}

// sheet reads the rows and cells of a sheet.
type sheet struct {
	handleRow func(row int, cells []cell) error
	formats   []numberFormat
	texts     []string

	row, column int
	cells       []cell
	// storage is the storage type of the current cell, and style the number of its
	// format.
	storage string
	style   int
	inValue bool
	value   []byte
	inline  richText
}

// visit processes the next token of the sheet.
func (s *sheet) visit(token xml.Token) error {
	switch token := token.(type) {
	case xml.StartElement:
		return s.start(token)
	case xml.EndElement:
		return s.end(token)
	case xml.CharData:
		if s.inValue {
			s.value = append(s.value, token[:min(len(token), maxCell-len(s.value))]...)
		} else if s.storage == "inlineStr" {
			s.inline.visit(token)
		}
	}
	return nil
}

func (s *sheet) start(element xml.StartElement) error {
	switch element.Name.Local {
	case "row":
		return s.startRow(attribute(element, "r"))
	case "c":
		return s.startCell(element)
	case "v":
		s.inValue = true
	default:
		if s.storage == "inlineStr" {
			s.inline.visit(element)
		}
	}
	return nil
}

func (s *sheet) startRow(number string) error {
	row := s.row + 1
	if number != "" {
		given, err := strconv.Atoi(number)
		if err != nil || given < row {
			return fmt.Errorf("%w (row %s comes after row %d)", errNotWorkbook, excerpt(number), s.row)
		}
		row = given
	}
	if row > maxSheetRow {
		return errTooManyRows
	}
	s.row, s.column, s.cells = row, -1, s.cells[:0]
	return nil
}

func (s *sheet) startCell(element xml.StartElement) error {
	s.column++
	if reference := attribute(element, "r"); reference != "" {
		column := columnOf(reference)
		if column < s.column {
			return fmt.Errorf("%w (the cell %s is out of order)", errNotWorkbook, excerpt(reference))
		}
		s.column = column
	}
	s.storage, s.value = attribute(element, "t"), s.value[:0]
	s.inline.reset()
	s.style = 0
	if style := attribute(element, "s"); style != "" {
		number, err := strconv.Atoi(style)
		if err != nil {
			return fmt.Errorf("%w (there is no cell format %s)", errNotWorkbook, excerpt(style))
		}
		s.style = number
	}
	return nil
}

func (s *sheet) end(element xml.EndElement) error {
	switch element.Name.Local {
	case "v":
		s.inValue = false
	case "c":
		return s.endCell()
	case "row":
		return s.handleRow(s.row, s.cells)
	case "sheetData":
		return io.EOF
	default:
		if s.storage == "inlineStr" {
			s.inline.visit(element)
		}
	}
	return nil
}

// endCell adds the cell to its column of the row, unless it is empty.
func (s *sheet) endCell() error {
	read, err := s.content()
	s.storage = ""
	if err != nil || read.text == "" {
		return err
	}
	if s.column >= maxColumns || len(s.cells) > s.column {
		return errTooWide
	}
	for len(s.cells) < s.column {
		s.cells = append(s.cells, cell{})
	}
	s.cells = append(s.cells, read)
	return nil
}

// content returns what the cell displays.
func (s *sheet) content() (cell, error) {
	value := string(s.value)
	switch s.storage {
	case "s":
		return s.sharedText(trim(value))
	case "inlineStr":
		return cell{text: s.inline.reset()}, nil
	case "str":
		return cell{text: unescape(strings.ToValidUTF8(value, ""))}, nil
	case "b":
		return cell{text: map[string]string{"1": "TRUE", "0": "FALSE"}[trim(value)]}, nil
	case "e":
		return cell{text: value, kind: errorCell}, nil
	case "d":
		return cell{text: value, kind: dateCell}, nil
	}
	if value == "" {
		return cell{}, nil
	}
	format := numberFormat{}
	if s.style >= 0 && s.style < len(s.formats) {
		format = s.formats[s.style]
	}
	return format.display(trim(value)), nil
}

// sharedText returns a cell with one of the shared texts.
func (s *sheet) sharedText(reference string) (cell, error) {
	if reference == "" {
		return cell{}, nil
	}
	number, err := strconv.Atoi(reference)
	if err != nil || number < 0 || number >= len(s.texts) {
		return cell{}, fmt.Errorf("%w (there is no text %s)", errNotWorkbook, excerpt(reference))
	}
	return cell{text: s.texts[number]}, nil
}

// columnOf returns the position of the column of a reference such as C7.
func columnOf(reference string) int {
	column := 0
	for _, letter := range []byte(reference) {
		if letter < 'A' || letter > 'Z' || column > maxSheetRow {
			break
		}
		column = column*26 + int(letter-'A') + 1
	}
	return column - 1
}
