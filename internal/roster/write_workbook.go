package roster

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	sheetName = "Members"
	// textFormat is the number of the format @, which every workbook has. It keeps
	// values as typed (ISO/IEC 29500-1, section 18.8.30).
	textFormat = 49
	// columnWidth is in characters.
	columnWidth = 22
)

// writeWorkbook writes one sheet in which all columns are text.
func writeWorkbook(w io.Writer, rows layout, people []Person) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	err = fillWorkbook(book, rows, people)
	if err == nil {
		err = book.Write(w)
	}
	if err != nil {
		return fmt.Errorf("writing the workbook: %w", err)
	}
	return nil
}

func fillWorkbook(book *excelize.File, rows layout, people []Person) error {
	text, errText := book.NewStyle(&excelize.Style{NumFmt: textFormat})
	bold, errBold := book.NewStyle(&excelize.Style{NumFmt: textFormat, Font: &excelize.Font{Bold: true}})
	errName := book.SetSheetName(book.GetSheetName(0), sheetName)
	sheet, errSheet := book.NewStreamWriter(sheetName)
	if err := errors.Join(errText, errBold, errName, errSheet); err != nil {
		return err
	}
	last := len(rows.titles)
	if err := errors.Join(
		sheet.SetColStyle(1, last, text),
		sheet.SetColWidth(1, last, columnWidth),
		sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
		writeCells(sheet, 1, bold, rows.titles),
	); err != nil {
		return err
	}
	for index := range people {
		if err := writeCells(sheet, index+2, text, rows.row(&people[index], XLSX)); err != nil {
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
	start, err := excelize.CoordinatesToCellName(1, row)
	if err != nil {
		return fmt.Errorf("row %d: %w", row, err)
	}
	return sheet.SetRow(start, cells)
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
