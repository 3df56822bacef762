package roster

import (
	"archive/zip"
	"bytes"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// checkGolden compares a text with a golden file.
func checkGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is out of date: check the difference, then run the test with -update\n%s", path, got)
	}
}

// workbookPart returns a part of a workbook.
func workbookPart(t *testing.T, book []byte, name string) []byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	content, err := fs.ReadFile(archive, name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// checkExample reads a template, whose example row is a fault.
func checkExample(t *testing.T, file []byte, columns int) {
	t.Helper()
	sheet, faults := readSheet(t, "f", file, ReadOptions{})
	checkFaults(t, faults, "f:2:E-mail: this is the example row of the template: replace it with a person, or delete the row")
	if len(sheet.People) != 0 || len(sheet.Has) != columns {
		t.Errorf("%+v", sheet)
	}
}

func TestTheTemplateHasAHeaderAndAnExampleThatCannotBeImported(t *testing.T) {
	t.Parallel()
	for _, format := range allFormats() {
		file := written(t, func(w io.Writer) error { return WriteTemplate(w, format) })
		checkExample(t, file, len(Columns()))
		if format == CSV {
			checkGolden(t, "template.csv.golden", file)
			continue
		}
		content := workbookPart(t, file, "xl/worksheets/sheet1.xml")
		// excelize decides what precedes the columns.
		_, content, _ = bytes.Cut(content, []byte("<cols>"))
		content = bytes.ReplaceAll(content, []byte("></c><"), []byte("></c>\n<"))
		checkGolden(t, "template.xlsx.sheet.golden", append(content, '\n'))
		if styles := string(workbookPart(t, file, "xl/styles.xml")); strings.Count(styles, `numFmtId="49"`) < 2 {
			t.Errorf("the cells do not have the text format: %s", styles)
		}
	}
}

func TestCellsThatLookLikeFormulasAreText(t *testing.T) {
	t.Parallel()
	people := []Person{{
		Row: 2, Name: "=cmd|' /C calc'!A0", Nickname: "@SUM(1)", AgentID: "-1", Email: "+ana@example.com", Phone: "+33155512345",
	}}
	file := writeSheet(t, CSV, people...)
	_, row, _ := strings.Cut(string(file), "\n")
	const want = "'=cmd|' /C calc'!A0,'@SUM(1),'-1,'+ana@example.com,,'+33155512345,,,,,,,,\n"
	if row != want {
		t.Errorf("%s", row)
	}
	checkPeople(t, "f", file, people...)
	if content := workbookPart(t, writeSheet(t, XLSX, people...), "xl/worksheets/sheet1.xml"); bytes.Contains(content, []byte("<f>")) {
		t.Errorf("%s", content)
	}
}

func TestAnUnknownFormatIsRefused(t *testing.T) {
	t.Parallel()
	err := Write(io.Discard, "ods", nil)
	if err == nil || err.Error() != `the format "ods" is not known: choose csv or xlsx` {
		t.Error(err)
	}
}

func TestASheetMayHaveASubsetOfTheColumns(t *testing.T) {
	t.Parallel()
	for _, format := range allFormats() {
		person := Person{Name: "Ana", Email: "ana@example.com", Phone: "+33155512345"}
		file := written(t, func(w io.Writer) error {
			return WriteColumns(w, format, []Column{PhoneColumn, EmailColumn}, []Person{person})
		})
		sheet := checkPeople(t, string(format), file, Person{Row: 2, Email: "ana@example.com", Phone: "+33155512345"})
		if len(sheet.Has) != 2 {
			t.Errorf("%s: got the columns %v, want 2", format, sheet.Has)
		}
	}
}

func TestTheExampleOfAnEarlierTemplateCannotBeImported(t *testing.T) {
	t.Parallel()
	file := written(t, func(w io.Writer) error { return WriteColumns(w, CSV, Columns()[:9], []Person{example()}) })
	checkExample(t, file, 9)
}
