package roster

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Format is a file format.
type Format string

// The formats.
const (
	// CSV is comma-separated values (RFC 4180) in UTF-8.
	CSV Format = "csv"
	// XLSX is an Office Open XML workbook (ISO/IEC 29500).
	XLSX Format = "xlsx"
)

// Write writes a header and one row per person, which Read returns unchanged.
//
// A csv file uses commas and starts with a byte order mark, without which Excel assumes
// another character set. Some cells start with an apostrophe, which Read removes: those
// that a spreadsheet program would take for a formula, or for a number or date that it
// would change (a phone number with its +, an agent ID with a leading zero). In a
// workbook, all cells are text and need no apostrophe.
func Write(w io.Writer, f Format, people []Person) error {
	return WriteColumns(w, f, Columns(), people)
}

// WriteColumns writes as Write does, but only these columns. On import, a missing column
// leaves its field as it is, while an empty cell removes the field.
func WriteColumns(w io.Writer, f Format, columns []Column, people []Person) error {
	cellsOf := func(person *Person) []string {
		var cells []string
		for _, column := range columns {
			cells = append(cells, fields[column].text(person))
		}
		return cells
	}
	switch f {
	case CSV:
		return writeCSV(w, titles(columns), people, cellsOf)
	case XLSX:
		return writeWorkbook(w, titles(columns), people, cellsOf)
	default:
		return fmt.Errorf("the format %q is not known: choose %s or %s", string(f), CSV, XLSX)
	}
}

// WriteTemplate writes the header and one example row to replace; Read reports that row as
// a fault. The columns of a workbook have the text format, so that a spreadsheet program
// keeps leading zeros and + signs.
func WriteTemplate(w io.Writer, f Format) error {
	return Write(w, f, []Person{example()})
}

const exampleEmail = "ana@example.com"

// example returns the person in a template.
func example() Person {
	return Person{
		Name: "Ana Pop", Nickname: "Ana", AgentID: "1024", Email: exampleEmail, Role: DeskStaff,
		Phone: "+14155550123", Extension: "1024", Active: new(true),
		SkillGroups: []SkillGroup{{Name: "billing", Priority: 1}, {Name: "sales"}},
		License:     LicensePremium, UserProfile: "premium-agent", DesktopProfile: "agents", Site: "lisbon", Teams: []string{"day-shift", "billing"},
	}
}

// rowsOf returns the protected cells of each person.
func rowsOf(people []Person, format Format, cellsOf func(*Person) []string) [][]string {
	rows := make([][]string, len(people))
	for index := range people {
		rows[index] = cellsOf(&people[index])
		for position, text := range rows[index] {
			rows[index][position] = protect(text, format)
		}
	}
	return rows
}

// formatBool returns the word for a value, or an empty string if it is nil.
func formatBool(value *bool, ifTrue, ifFalse string) string {
	switch {
	case value == nil:
		return ""
	case *value:
		return ifTrue
	default:
		return ifFalse
	}
}

func writeCSV(w io.Writer, header []string, people []Person, cellsOf func(*Person) []string) error {
	_, err := io.WriteString(w, utf8Mark)
	if err == nil {
		err = csv.NewWriter(w).WriteAll(append([][]string{header}, rowsOf(people, CSV, cellsOf)...))
	}
	if err != nil {
		return fmt.Errorf("writing the sheet: %w", err)
	}
	return nil
}

const (
	sheetName = "Members"
	// textFormat is the number of the format @, which every workbook has. It keeps
	// values as typed (ISO/IEC 29500-1, section 18.8.30).
	textFormat = 49
	// columnWidth is in characters.
	columnWidth = 22
)

// writeWorkbook writes one sheet in which all columns are text.
func writeWorkbook(w io.Writer, header []string, people []Person, cellsOf func(*Person) []string) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	err = fillWorkbook(book, header, rowsOf(people, XLSX, cellsOf))
	if err == nil {
		err = book.Write(w)
	}
	if err != nil {
		return fmt.Errorf("writing the workbook: %w", err)
	}
	return nil
}

func fillWorkbook(book *excelize.File, header []string, rows [][]string) error {
	text, errText := book.NewStyle(&excelize.Style{NumFmt: textFormat})
	bold, errBold := book.NewStyle(&excelize.Style{NumFmt: textFormat, Font: &excelize.Font{Bold: true}})
	errName := book.SetSheetName(book.GetSheetName(0), sheetName)
	sheet, errSheet := book.NewStreamWriter(sheetName)
	if err := errors.Join(errText, errBold, errName, errSheet); err != nil {
		return err
	}
	last := len(header)
	if err := errors.Join(
		sheet.SetColStyle(1, last, text),
		sheet.SetColWidth(1, last, columnWidth),
		sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
		writeCells(sheet, 1, bold, header),
	); err != nil {
		return err
	}
	for index, row := range rows {
		if err := writeCells(sheet, index+2, text, row); err != nil {
			return err
		}
	}
	return sheet.Flush()
}

// writeCells writes a row of text cells. It skips empty ones, which keep the format of
// their column.
func writeCells(sheet *excelize.StreamWriter, row, style int, texts []string) error {
	cells := make([]any, len(texts))
	for position, text := range texts {
		if text != "" {
			cells[position] = excelize.Cell{StyleID: style, Value: cellValue(text)}
		}
	}
	return sheet.SetRow(fmt.Sprintf("A%d", row), cells)
}

// cellValue returns the value of a cell with a text. It splits what looks like an escaped
// character (_x0041_) into two runs, so that no program unescapes it.
func cellValue(text string) any {
	if !escaped.MatchString(text) {
		return text
	}
	var runs []excelize.RichTextRun
	for part := range strings.SplitAfterSeq(text, "_x") {
		runs = append(runs, excelize.RichTextRun{Text: part})
	}
	return runs
}
