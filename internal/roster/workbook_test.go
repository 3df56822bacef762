package roster

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// workbookOf returns a workbook with a sheet. Others replace its parts; an empty one
// removes a part.
func workbookOf(tb testing.TB, sheet string, others map[string]string) []byte {
	tb.Helper()
	const kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	parts := map[string]string{
		"_rels/.rels": `<Relationships><Relationship Id="a" Type="` + kind + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="h" Type="` + kind + `worksheet" Target="hidden.xml"/>` +
			`<Relationship Id="s" Type="` + kind + `worksheet" Target="/xl/Sheet.xml"/>` +
			`<Relationship Id="t" Type="` + kind + `sharedStrings" Target="texts.xml"/>` +
			`<Relationship Id="f" Type="` + kind + `styles" Target="styles.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook xmlns:r="r"><sheets><sheet name="h" sheetId="1" state="hidden" r:id="h"/><sheet name="s" sheetId="2" r:id="s"/></sheets></workbook>`,
		"xl/sheet.xml":    sheet,
		"xl/texts.xml":    `<sst><si><t>email</t></si><si><t>a@example.com</t></si><si><r><t>b@exa</t></r><r><t xml:space="preserve">mple.com </t></r><rPh><t>no</t></rPh></si></sst>`,
		"xl/styles.xml": `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0000"/><numFmt numFmtId="165" formatCode="&quot;+&quot;0"/><numFmt numFmtId="166" formatCode="\+00\ 00;[Red]-0"/></numFmts>` +
			`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
	}
	maps.Copy(parts, others)
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if parts[name] == "" {
			continue
		}
		entry, err := archive.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := entry.Write([]byte(parts[name])); err != nil {
			tb.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}

func TestWorkbookCellsAreReadAsDisplayed(t *testing.T) {
	t.Parallel()
	sheet := `<worksheet><sheetData><row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>agentID</t></is></c><c t="str"><f>1</f><v>phone</v></c><c t="inlineStr"><is><t>active</t></is></c><c t="inlineStr"><is><t>name</t></is></c></row>` +
		`<row r="4"><c r="A4" t="s"><v>1</v></c><c r="B4" s="1"><v>7</v></c><c r="C4" s="2"><v>3.3155512345E10</v></c><c r="D4" t="b"><v>1</v></c><c r="XFD4" s="0"/></row>` +
		`<row/><row><c t="s"><v>2</v></c><c s="0"><v>1024.0</v></c><c r="D6" t="b"><v>0</v></c><c t="inlineStr"><is><r><t>A_x006E_</t></r><r><t>a</t></r></is></c></row>` +
		`<row><c t="str"><v>c@example.com</v></c><c s="3"><v>46064</v></c><c t="e"><v>#N/A</v></c><c><v></v></c></row></sheetData></worksheet>`
	got, faults := readSheet(t, "f.xlsx", workbookOf(t, sheet, nil), ReadOptions{})
	want := []Person{
		{Row: 4, AgentID: "0007", Email: "a@example.com", Phone: "+33155512345", Active: new(true)},
		{Row: 6, Name: "Ana", AgentID: "1024", Email: "b@example.com", Active: new(false)},
		{Row: 7, Email: "c@example.com"},
	}
	if !reflect.DeepEqual(got.People, want) {
		t.Errorf("%+v", got.People)
	}
	checkFaults(t, faults,
		"f.xlsx:7:agentID: the spreadsheet turned the value into a date: set the format of the column to text and type the value again",
		`f.xlsx:7:phone: the cell has the formula error "#N/A": write the value itself`,
	)
}

func TestNumbersAreDisplayedInTheirFormat(t *testing.T) {
	t.Parallel()
	cases := []struct{ code, stored, want string }{
		{"General", "33155512345", "33155512345"},
		{"general", "1.5", "1.5"},
		{"0", "42", "42"},
		{"@", "42", "42"},
		{"000000", "42", "000042"},
		{"\"+\"0", "3.3155512345E+10", "+33155512345"},
		{`\+## # ## ## ## ##`, "33155512345", "+33 1 55 51 23 45"},
		{`+0;-0`, "33", "+33"},
		{"[Red]0_)", "7", "7"},
		{"[$-409]0", "7", "7"},
		{"[", "7", "7"},
		{`"TRUE";"TRUE";"FALSE"`, "1", "1"},
		{"#,##0.00", "1234", "1234"},
		{"0.00E+00", "33155600000", "3.31556E+10"},
		{"0", "12345678901234567890", "1.2345678901234567E+19"},
		{"0", "-5", "-5"},
		{"0", "NaN", "NaN"},
		{"0", "x", "x"},
		{`0\`, "7", "7"},
		{`0"x`, "7", "7x"},
		{strings.Repeat("0", 300), "7", "7"},
	}
	for _, c := range cases {
		if got := parseNumberFormat(c.code).display(c.stored); got != (cell{text: c.want}) {
			t.Errorf("%s of %s: %+v", c.code, c.stored, got)
		}
	}
	for _, code := range []string{"yyyy-mm-dd", "[h]:mm", "DD/MM", "[$-409]d mmm"} {
		if !parseNumberFormat(code).date {
			t.Errorf("%s is not recognized as a date", code)
		}
	}
	for _, id := range []string{"14", "22", "47", "57"} {
		if !formatOf(nil, id).date {
			t.Errorf("the format %s is not recognized as a date", id)
		}
	}
}

func TestAWorkbookOfAnotherProgramIsRead(t *testing.T) {
	t.Parallel()
	book := excelize.NewFile()
	rows := [][]any{{"邮箱", "姓名", "启用", "工号"}, {"a@example.com", "x0041_ <&> 陈", true, 17}, {}, {"b@example.com", " Ben ", false, "007"}}
	for index, row := range rows {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", index+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	file := written(t, func(w io.Writer) error { return book.Write(w) })
	checkPeople(t, "f.xlsx", file,
		Person{Row: 2, Name: "x0041_ <&> 陈", AgentID: "17", Email: "a@example.com", Active: new(true)},
		Person{Row: 4, Name: "Ben", AgentID: "007", Email: "b@example.com", Active: new(false)})
}

func TestExcelizeReadsTheTemplateAsWritten(t *testing.T) {
	t.Parallel()
	file := written(t, func(w io.Writer) error { return WriteTemplate(w, XLSX) })
	book, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows(sheetName)
	want := [][]string{titles(Columns()), {"Ana Pop", "Ana", "1024", "ana@example.com", "DeskStaff", "+14155550123", "1024", "billing:1; sales", "yes", "Premium", "premium-agent", "agents", "lisbon", "day-shift; billing"}}
	if err != nil || !reflect.DeepEqual(rows, want) {
		t.Errorf("%v %q", err, rows)
	}
}
