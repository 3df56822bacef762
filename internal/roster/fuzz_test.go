package roster

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// checkReading reads any content. Read must return in bounds, and a table without errors
// must survive a round trip.
func checkReading(t *testing.T, content []byte) {
	t.Helper()
	for _, options := range []ReadOptions{{}, {IgnoreUnknownColumns: true}} {
		sheet, faults, err := Read(bytes.NewReader(content), "f", options)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f: ") || strings.ContainsAny(err.Error(), "\n\r\x00\x1b") || len(sheet.People) > 0 || len(faults) > 0 {
				t.Fatalf("%v %v %+v", err, faults, sheet)
			}
			continue
		}
		if len(sheet.People) > maxRows || len(faults) > 2*maxFaults+2 {
			t.Fatalf("got %d people and %d faults", len(sheet.People), len(faults))
		}
		for _, fault := range faults {
			if !utf8.ValidString(fault.String()) || strings.ContainsAny(fault.String(), "\n\r\x00\x1b") || len(fault.Message) > 4096 {
				t.Fatalf("a fault cannot be shown: %q", fault)
			}
		}
		if len(errorsOf(faults)) > 0 || len(sheet.People) == 0 {
			continue
		}
		checkControlHubRoundTrip(t, sheet.People)
		people := slices.Clone(sheet.People)
		for index := range people {
			// Only Control Hub files have these.
			people[index].Services, people[index].InactiveInControlHub = nil, false
		}
		for _, format := range allFormats() {
			checkRoundTrip(t, format, people)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, name := range []string{"members.csv", "mangled.csv", "semicolons.csv", "utf16.csv", "template.csv.golden", "controlhub.csv"} {
		f.Add(testFile(f, name))
	}
	for _, seed := range []string{
		"", "email\na@b.c\n", "sep=;\nemail;x\n\"a\nb\";'=1\n", "email\tname\r\n\ta\r\n", "\"email\n", "email,\"a\"b\n", "\r", "email\r1@2",
		"email,role\nroot@example.com,超级管理员\n", "email,name\na@b.c,\"'' a '\"\n", "\xff\xfe", "\xfe\xff\x00e",
		"email,许可,用户配置文件,站点,班组\na@b.c,高级版,premium-agent,lisbon,a；b\n", "email,role,license\na@b.c,主管,标准\n",
		"User ID/Email (Required);Webex Contact Center Premium;Webex Contact Center Premium [2];First Name;Last Name\na@b.c;true;FALSE;'=1; x\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if bytes.HasPrefix(content, []byte("PK")) {
			t.Skip("FuzzReadXLSX tests workbooks")
		}
		checkReading(t, content)
	})
}

// FuzzReadXLSX builds workbooks from parts, because few changes to a packed file pass its
// checksums. It also reads the parts as files.
func FuzzReadXLSX(f *testing.F) {
	const cells = `<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>`
	f.Add(startSheet+cells+endSheet, "<sst><si><t>a</t></si></sst>", `<numFmt numFmtId="9" formatCode="0"/><cellXfs><xf numFmtId="9"/></cellXfs>`, `<sheet r:id="s"/>`)
	f.Add(startSheet+`<row r="7"><c r="C7" t="inlineStr"><is><r><t>_x0041_</t></r></is></c></row>`, "", "", "")
	f.Add(startSheet+`<row><c s="0"><v>1E10</v></c><c t="e"><v>#N/A</v></c><c t="b"><v>1</v></c><c t="d"><v>1</v></c></row>`, "<si><rPh><t>x</t></rPh></si>", `<cellXfs><xf/></cellXfs>`, "")
	f.Fuzz(func(t *testing.T, sheet, texts, styles, main string) {
		checkReading(t, []byte("PK\x03\x04"+sheet))
		checkReading(t, []byte(sheet))
		others := map[string]string{}
		for name, content := range map[string]string{"xl/texts.xml": texts, "xl/styles.xml": styles, "xl/workbook.xml": main} {
			if content != "" {
				others[name] = content
			}
		}
		checkReading(t, workbookOf(t, sheet, others))
	})
}

func FuzzRoundTrip(f *testing.F) {
	f.Add("Ana Pop", "'=1+1", "007", "+33155512345", "1024", "billing:1; sales", uint8(0))
	f.Add("'=Ana  Pop Sy", "", "", "", "", "007; lisbon.eu", uint8(0x70))
	f.Add(" 'Aisha' ", "_xD800_ _x0041_", "1E5", "+1", "", "", uint8(1))
	f.Add("\u200b'", "'\u3000'", "-2-11", "", "", "x", uint8(7))
	f.Fuzz(func(t *testing.T, name, nickname, agentID, phone, extension, groups string, choice uint8) {
		person := Person{Row: 2, Name: name, Nickname: nickname, AgentID: agentID, Email: "ana@example.com", Phone: phone, Extension: extension}
		person.Role = []string{"", DeskAdmin, Supervisor, DeskStaff}[choice&3]
		if active := choice&8 != 0; choice&4 != 0 {
			person.Active = &active
		}
		problems := readSkillGroups(&person, groups)
		person.License = []string{"", LicenseNone, LicenseStandard, LicensePremium}[choice>>4&3]
		for _, group := range person.SkillGroups {
			if CheckObjectName(TeamsColumn, group.Name) == "" {
				person.Teams = append(person.Teams, group.Name)
				person.UserProfile, person.DesktopProfile, person.Site = group.Name, group.Name, group.Name
			}
		}
		valid := utf8.ValidString(name) && utf8.ValidString(nickname)
		for _, problem := range append(problems, checkText("name", name, maxName), checkText("nickname", nickname, maxNickname)) {
			valid = valid && problem == ""
		}
		valid = valid && (agentID == "" || checkAgentID(agentID) == "") && (phone == "" || checkPhone(phone) == "") && (extension == "" || checkExtension(extension) == "")
		if !valid || person.MemberName() == superAdminName || person.Role == Supervisor && person.License == LicenseStandard {
			t.Skip("the person is not valid")
		}
		for _, format := range allFormats() {
			checkRoundTrip(t, format, []Person{person})
		}
		checkControlHubRoundTrip(t, []Person{person})
		for _, format := range allFormats() {
			if got := reveal(protect(name, format)); got != name {
				t.Fatalf("%q became %q", name, got)
			}
		}
	})
}
