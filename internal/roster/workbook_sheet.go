package roster

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxSharedTexts is the maximum number of different texts of a workbook, including its
// other sheets.
const maxSharedTexts = 1_000_000

// maxSheetRow is the last row of an Excel sheet.
const maxSheetRow = 1_048_576

// maxCell is the number of bytes kept of a cell, far more than any field may have.
const maxCell = 32 << 10

// sharedTexts returns the texts to which cells refer by number.
func (w *workbook) sharedTexts(name string) ([]string, error) {
	var texts []string
	var current richText
	for token, err := range w.tokens(name) {
		if err != nil {
			return nil, err
		}
		current.visit(token)
		if end, isEnd := token.(xml.EndElement); !isEnd || end.Name.Local != "si" {
			continue
		}
		if len(texts) == maxSharedTexts {
			return nil, fmt.Errorf("the workbook has more than %d texts: copy the sheet with the members into a new workbook", maxSharedTexts)
		}
		texts = append(texts, current.reset())
	}
	return texts, nil
}

// sheet reads the rows and cells of a sheet.
type sheet struct {
	handleRow func(row int, cells []cell) error
	formats   []numberFormat
	texts     []string

	row, column int
	cells       []cell
	// storage is the storage type of the current cell, style the number of its format,
	// and text its content.
	storage string
	style   int
	text    richText
}

// read processes the tokens of the sheet.
func (s *sheet) read(tokens iter.Seq2[xml.Token, error]) error {
	for token, err := range tokens {
		if err == nil {
			err = s.visit(token)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// visit processes the next token of the sheet. It returns io.EOF after the last row.
func (s *sheet) visit(token xml.Token) error {
	s.text.visit(token)
	switch token := token.(type) {
	case xml.StartElement:
		switch token.Name.Local {
		case "row":
			return s.startRow(attribute(token, "r"))
		case "c":
			return s.startCell(token)
		}
	case xml.EndElement:
		switch token.Name.Local {
		case "c":
			return s.endCell()
		case "row":
			return s.handleRow(s.row, s.cells)
		case "sheetData":
			return io.EOF
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
	s.storage, s.style = attribute(element, "t"), 0
	s.text.reset()
	if style := attribute(element, "s"); style != "" {
		number, err := strconv.Atoi(style)
		if err != nil {
			return fmt.Errorf("%w (there is no cell format %s)", errNotWorkbook, excerpt(style))
		}
		s.style = number
	}
	return nil
}

// endCell adds the cell to its column of the row, unless it is empty.
func (s *sheet) endCell() error {
	text := s.text.reset()
	if text == "" {
		return nil
	}
	read, err := s.content(text)
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

// content returns what the cell displays for a stored text.
func (s *sheet) content(text string) (cell, error) {
	switch s.storage {
	case "s":
		reference := trim(text)
		if reference == "" {
			return cell{}, nil
		}
		number, err := strconv.Atoi(reference)
		if err != nil || number < 0 || number >= len(s.texts) {
			return cell{}, fmt.Errorf("%w (there is no text %s)", errNotWorkbook, excerpt(reference))
		}
		return cell{text: s.texts[number]}, nil
	case "inlineStr", "str":
		return cell{text: text}, nil
	case "b":
		return cell{text: map[string]string{"1": "TRUE", "0": "FALSE"}[trim(text)]}, nil
	case "e":
		return cell{text: text, problem: fmt.Sprintf("the cell has the formula error %s: write the value itself", excerpt(reveal(text)))}, nil
	case "d":
		return cell{text: text, problem: dateProblem}, nil
	}
	format := numberFormat{}
	if s.style >= 0 && s.style < len(s.formats) {
		format = s.formats[s.style]
	}
	return format.display(trim(text)), nil
}

// escaped matches a character that XML cannot hold, as a workbook writes it: _x000D_.
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescape replaces escaped characters (ISO/IEC 29500-1, section 22.9.2.19).
func unescape(text string) string {
	return escaped.ReplaceAllStringFunc(text, func(match string) string {
		code, err := strconv.ParseUint(match[2:6], 16, 16)
		if err != nil || !utf8.ValidRune(rune(code)) {
			return match
		}
		return string(rune(code))
	})
}

// richText collects the text of a cell from its value or its runs, without phonetic hints
// (rPh).
type richText struct {
	text []byte
	// start is the position of the current run in the text.
	start    int
	inside   bool
	phonetic int
}

// visit processes a token inside the cell.
func (t *richText) visit(token xml.Token) {
	switch token := token.(type) {
	case xml.StartElement:
		t.inside, t.start = token.Name.Local == "t" || token.Name.Local == "v", len(t.text)
		if token.Name.Local == "rPh" {
			t.phonetic++
		}
	case xml.EndElement:
		if t.inside {
			t.text = append(t.text[:t.start], unescape(string(t.text[t.start:]))...)
		}
		t.inside = false
		if token.Name.Local == "rPh" {
			t.phonetic--
		}
	case xml.CharData:
		if t.inside && t.phonetic == 0 {
			t.text = append(t.text, token[:min(len(token), max(0, maxCell-len(t.text)))]...)
		}
	}
}

// reset returns the collected text and starts a new one.
func (t *richText) reset() string {
	text := strings.ToValidUTF8(string(t.text), "")
	*t = richText{text: t.text[:0]}
	return text
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
