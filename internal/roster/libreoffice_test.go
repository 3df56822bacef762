package roster

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// testFile returns a file of testdata.
func testFile(tb testing.TB, name string) []byte {
	tb.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

func TestCSVFilesOfLibreOfficeAreRead(t *testing.T) {
	t.Parallel()
	want := []Person{
		{Row: 2, Name: "Pop, Ana", Nickname: "Ana", AgentID: "007", Email: "ana@example.com", Role: DeskAdmin, Phone: "+33155512345", Extension: "1024", SkillGroups: []SkillGroup{{"billing", 1}, {"sales", 0}}, Active: new(true)},
		{Row: 3, Name: "陈晓明", Nickname: "小明", AgentID: "A-17", Email: "chen@example.com", Role: DeskStaff, Phone: "+8618088888888", Extension: "1025", SkillGroups: []SkillGroup{{"billing", 2}, {"sales", 5}}, Active: new(true)},
		{Row: 4, Name: "José Núñez", AgentID: "1E5", Email: "jose@example.com", Role: Supervisor, Active: new(false)},
		{Row: 5, Name: `The "Nan"`, Nickname: "=1+1", AgentID: "2-11", Email: "nan@example.com", Extension: "1026"},
	}
	for name, mark := range map[string]string{"semicolons.csv": utf8Mark, "utf16.csv": "\xff\xfe", "members.csv": "姓名,"} {
		content := testFile(t, name)
		if !strings.HasPrefix(string(content), mark) {
			t.Errorf("%s does not begin with %q", name, mark)
		}
		checkPeople(t, name, content, want...)
	}
}

func TestValuesThatLibreOfficeMangledAreFaults(t *testing.T) {
	t.Parallel()
	sheet, faults := readSheet(t, "mangled.xlsx", testFile(t, "mangled.xlsx"), ReadOptions{})
	checkFaults(t, faults,
		`mangled.xlsx:2:Mobile: the phone "33155512345" has no +: a spreadsheet may have removed it, or leading zeros; write +33155512345 if that begins with the country code, and set the format of the column to text`,
		`mangled.xlsx:3:Mobile: the phone "612345678" has no +: a spreadsheet may have removed it, or leading zeros; write +612345678 if that begins with the country code, and set the format of the column to text`,
		`mangled.xlsx:4:Mobile: the phone "3.31556E+10" was shortened by a spreadsheet and has lost digits: set the format of the column to text and type the number again, for example +14155550123`,
		`mangled.xlsx:5:Staff No.: the spreadsheet turned the value into a date: set the format of the column to text and type the value again`,
		`mangled.xlsx:5:Mobile: the phone "8618088888888" has no +: a spreadsheet may have removed it, or leading zeros; write +8618088888888 if that begins with the country code, and set the format of the column to text`,
		`mangled.xlsx:5:Ext.: the extension "127" has 3 digits: write 4 to 6, the first 1 to 8, for example 1024`,
		`mangled.xlsx:6:Mobile: the phone "+33 1 55 51 23 45" has spaces or punctuation between the digits: write +33155512345`,
	)
	ben := Person{Row: 3, Name: "Ben Sy", AgentID: "1025", Email: "ben@example.com", Role: DeskStaff, Extension: "1025", Active: new(false)}
	if len(sheet.People) != 5 || !reflect.DeepEqual(sheet.People[1], ben) {
		t.Errorf("%+v", sheet.People)
	}
}
