package roster

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
)

// utf16Of encodes a text in UTF-16 with a byte order mark.
func utf16Of(t *testing.T, text string, order unicode.Endianness) []byte {
	t.Helper()
	encoded, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestCSVIsReadWithAnySeparatorLineEndingAndEncoding(t *testing.T) {
	t.Parallel()
	const text = "Name,E-mail,\"Skill groups (a; b; c; d; e; f)\"\n\"Pop, Ana\",ana@example.com,x;y\n陈😀,chen@example.com,\n"
	semicolons := strings.NewReplacer("Pop, Ana", "Pop, Ana", ",", ";", "x;y", `"x;y"`).Replace(text)
	tabs := strings.NewReplacer("Pop, Ana", "Pop, Ana", ",", "\t").Replace(text)
	files := map[string][]byte{
		"commas":               []byte(text),
		"a mark":               []byte(utf8Mark + text),
		"semicolons":           []byte(semicolons),
		"tabs":                 []byte(tabs),
		"CRLF":                 []byte(strings.ReplaceAll(text, "\n", "\r\n")),
		"CR alone":             []byte(strings.ReplaceAll(text, "\n", "\r")),
		"no line end":          []byte(strings.TrimSuffix(text, "\n")),
		"UTF-16 little endian": utf16Of(t, tabs, unicode.LittleEndian),
		"UTF-16 big endian":    utf16Of(t, tabs, unicode.BigEndian),
		"spaces":               []byte(strings.NewReplacer(",\"", ", \"", ",ana@", ", ana@").Replace(text)),
	}
	want := []Person{
		{Row: 2, Name: "Pop, Ana", Email: "ana@example.com", SkillGroups: []SkillGroup{{"x", 0}, {"y", 0}}},
		{Row: 3, Name: "陈😀", Email: "chen@example.com"},
	}
	for name, file := range files {
		checkPeople(t, name, file, want...)
	}
}

func TestRowsAreCountedAsInASpreadsheet(t *testing.T) {
	t.Parallel()
	file := "\n,,\nemail,name,Notes\n\n\na@example.com,,\"1\n2\n3\"\n,,\u3000\nb@example.com,\"x\"y,\nc@example.com,\"Ana \"\"Nan\"\" Pop\",\n"
	sheet, faults := readSheet(t, "f.csv", []byte(file), ReadOptions{IgnoreUnknownColumns: true})
	want := []Person{{Row: 6, Email: "a@example.com"}, {Row: 9, Name: `Ana "Nan" Pop`, Email: "c@example.com"}}
	if !reflect.DeepEqual(sheet.People, want) {
		t.Errorf("%+v", sheet.People)
	}
	checkFaults(t, faults, `f.csv:8: line 10 has a misplaced quotation mark at character 17, or an unclosed one: put the cell in quotation marks and double the quotation marks inside it, as in "Ana ""Nan"" Pop"`)
}

func TestAFirstLineMayDeclareTheSeparator(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"sep=;\r\n", "\"sep=;\"\n"} {
		checkPeople(t, "f.csv", []byte(utf8Mark+line+"email;name\na@example.com;x,y,z\n"), Person{Row: 3, Name: "x,y,z", Email: "a@example.com"})
	}
}

func TestAFileThatIsNotATableIsRefusedWithACorrection(t *testing.T) {
	t.Parallel()
	const header = "email,name\n"
	const encoding = ": save it as UTF-8 (in Excel: CSV UTF-8; in LibreOffice: the character set Unicode (UTF-8))"
	cases := map[string]struct {
		file []byte
		want string
	}{
		"empty":           {nil, "the file is empty: start from the file that kubectl member template writes"},
		"a manifest":      {[]byte("apiVersion: rollcall.dev/v1alpha1\nkind: Member\n"), "this is a YAML or JSON manifest, not a sheet: apply it with kubectl apply -f"},
		"a kind first":    {[]byte("\ufeff# the night shift, written by hand\r\n\r\nkind: Member\r\n"), "this is a YAML or JSON manifest, not a sheet: apply it with kubectl apply -f"},
		"several":         {[]byte("---\napiVersion: rollcall.dev/v1alpha1\n"), "this is a YAML or JSON manifest, not a sheet: apply it with kubectl apply -f"},
		"JSON":            {[]byte(" {\n  \"kind\": \"List\",\n"), "this is a YAML or JSON manifest, not a sheet: apply it with kubectl apply -f"},
		"blank":           {[]byte("\ufeff\n ,,\n"), "the file is empty: start from the file that kubectl member template writes"},
		"Latin-1":         {[]byte(header + "a@example.com,Jos\xe9\n"), "line 2 is not in UTF-8" + encoding},
		"GBK":             {[]byte("\xd0\xd5\xc3\xfb,email\n"), "line 1 is not in UTF-8" + encoding},
		"damaged UTF-16":  {append(utf16Of(t, header, unicode.LittleEndian), 'x'), "the file starts like UTF-16 but is damaged" + encoding},
		"unmarked UTF-16": {utf16Of(t, header, unicode.LittleEndian)[2:], "this is neither a csv file in UTF-8 nor an xlsx workbook" + encoding},
		"xls":             {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"), "this is a workbook in the old .xls format or with a password: save it as .xlsx without a password"},
		"open quotation":  {[]byte("\"email,name\n"), "the header in row 1 has a misplaced quotation mark: put the cell in quotation marks and double the quotation marks inside it, as in \"Ana \"\"Nan\"\" Pop\""},
		"too wide":        {[]byte(header + "a@example.com" + strings.Repeat(",x", 256)), "the file has a row with more than 256 columns: remove data that is not about members"},
		"endless row":     {[]byte(header + "\"" + strings.Repeat("a,\n", 200_000)), "row 2, or a cell of it, has more than 256 KiB: a quotation mark is probably not closed; close it, or remove data that is not about members"},
		"endless line":    {[]byte(strings.Repeat(",", 20<<20)), "row 1, or a cell of it, has more than 256 KiB: a quotation mark is probably not closed; close it, or remove data that is not about members"},
		"too large":       {bytes.Repeat([]byte("\n"), maxFileSize+1), "the file has more than 32 MiB: split it into several files, or remove data that is not about members"},
		"too many rows":   {[]byte(header + strings.Repeat("a@x.com\n", maxRows+1)), "the file has more than 100000 people: split it into several files"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := Read(bytes.NewReader(c.file), "f.csv", ReadOptions{})
			if err == nil || err.Error() != "f.csv: "+c.want {
				t.Errorf("%v", err)
			}
		})
	}
}
