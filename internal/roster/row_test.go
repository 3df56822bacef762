package roster

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// readField reads a person with an e-mail address and one more column.
func readField(t *testing.T, column, text string) (Person, []string) {
	t.Helper()
	row := "ana@example.com," + quoteCSV(text)
	header := "email," + column
	if column == "email" {
		header, row = "role,email", "DeskStaff,"+quoteCSV(text)
	}
	sheet, faults := readSheet(t, "f.csv", []byte(header+"\n"+row+"\n"), ReadOptions{})
	var messages []string
	for _, fault := range faults {
		if prefix := "f.csv:2:" + column + ": "; !strings.HasPrefix(fault.String(), prefix) {
			t.Errorf("%s does not begin with %s", fault, prefix)
		}
		messages = append(messages, fault.Message)
	}
	return sheet.People[0], messages
}

func quoteCSV(text string) string {
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

func TestCellsAreTrimmedAndUnderstoodInBothLanguages(t *testing.T) {
	t.Parallel()
	cases := []struct {
		column, text string
		want         Person
	}{
		{"name", "\u3000 Ana\u00a0Pop \u200b\ufeff", Person{Name: "Ana\u00a0Pop"}},
		{"name", "'Aisha", Person{Name: "'Aisha"}},
		{"name", "'=1+1", Person{Name: "=1+1"}},
		{"name", "''=1+1", Person{Name: "'=1+1"}},
		{"nickname", "' Ana '", Person{Nickname: " Ana "}},
		{"agentID", "'007", Person{AgentID: "007"}},
		{"agentID", "Ａ－１７", Person{AgentID: "A-17"}},
		{"phone", "'+33155512345", Person{Phone: "+33155512345"}},
		{"phone", "\u202a+33155512345\u202c", Person{Phone: "+33155512345"}},
		{"phone", "＋33155512345", Person{Phone: "+33155512345"}},
		{"role", "desk admin", Person{Role: DeskAdmin}},
		{"role", "管理员", Person{Role: DeskAdmin}},
		{"role", "主管", Person{Role: Supervisor}},
		{"role", "座席", Person{Role: DeskStaff}},
		{"role", "坐席", Person{Role: DeskStaff}},
		{"active", "YES", Person{Active: new(true)}},
		{"active", "TRUE", Person{Active: new(true)}},
		{"active", "1", Person{Active: new(true)}},
		{"active", "是", Person{Active: new(true)}},
		{"active", "启用", Person{Active: new(true)}},
		{"active", "0", Person{Active: new(false)}},
		{"active", "否", Person{Active: new(false)}},
		{"active", "停用", Person{Active: new(false)}},
		{"active", " ", Person{}},
		{"skill groups", "billing:1; sales", Person{SkillGroups: []SkillGroup{{"billing", 1}, {"sales", 0}}}},
		{"skill groups", "billing：1；sales，vip : 5、x\ny;", Person{SkillGroups: []SkillGroup{{"billing", 1}, {"sales", 0}, {"vip", 5}, {"x", 0}, {"y", 0}}}},
		{"skill groups", " ; ", Person{}},
		{"license", "PREMIUM", Person{License: LicensePremium}},
		{"license", "Standard Agent", Person{License: LicenseStandard}},
		{"license", "none", Person{License: LicenseNone}},
		{"许可证", "标准版", Person{License: LicenseStandard}},
		{"许可", "高级版", Person{License: LicensePremium}},
		{"许可", "无", Person{License: LicenseNone}},
		{"license", " ", Person{}},
		{"user profile", "'007", Person{UserProfile: "007"}},
		{"用户配置文件", "ｂｉｌｌｉｎｇ", Person{UserProfile: "billing"}},
		{"desktop profile", "agents.eu", Person{DesktopProfile: "agents.eu"}},
		{"site", " lisbon ", Person{Site: "lisbon"}},
		{"teams", "day-shift; billing", Person{Teams: []string{"day-shift", "billing"}}},
		{"班组", "a；b，c、d\ne;", Person{Teams: []string{"a", "b", "c", "d", "e"}}},
		{"teams", " ; ", Person{}},
	}
	for _, c := range cases {
		c.want.Row, c.want.Email = 2, "ana@example.com"
		person, faults := readField(t, c.column, c.text)
		if len(faults) > 0 || !reflect.DeepEqual(person, c.want) {
			t.Errorf("%s %q: %+v %q", c.column, c.text, person, faults)
		}
	}
}

func TestEachFaultSaysWhatIsWrongAndWhatToWriteInstead(t *testing.T) {
	t.Parallel()
	const phone = "write +, the country code and the number, for example +14155550123"
	cases := []struct{ column, text, want string }{
		{"name", strings.Repeat("é", 65), "the name has 65 characters: shorten it to at most 64"},
		{"name", "Ana\nPop", `the name "Ana<U+000A>Pop" has more than one line: write it as one line of plain text`},
		{"name", "Ana\u202ePop", `the name "Ana<U+202E>Pop" has the invisible character <U+202E>: type it again as one line of plain text`},
		{"name", "Ana\uffff", `the name "Ana<U+FFFF>" has a code point that is not a character: type it again as one line of plain text`},
		{"nickname", strings.Repeat("é", 33), "the nickname has 33 characters: shorten it to at most 32"},
		{"nickname", "a\tb", `the nickname "a<U+0009>b" has the invisible character <U+0009>: type it again as one line of plain text`},
		{"email", "", "the e-mail address is missing: add it, because members log in with it and receive their password there"},
		{"email", "ana", `"ana" is not an e-mail address because it has no @: write one such as ana@example.com`},
		{"email", "ana@x.com, b@x.com", `"ana@x.com, b@x.com" contains a space or more than one address: write one address without spaces, for example ana@example.com`},
		{"email", "ana@x,com", `"ana@x,com" contains more than one address, or a comma instead of a dot: write one address, for example ana@example.com`},
		{"email", "<ana@x.com>", `"<ana@x.com>" is more than an e-mail address: write the address alone, for example ana@example.com`},
		{"email", "a@", `the e-mail address has 2 characters: write one of 3 to 254`},
		{"email", "陈@example.com", `"陈@example.com" is not a valid e-mail address (RFC 5321): write one such as ana@example.com, with unaccented letters, digits, and the characters . _ - +`},
		{"email", "ana.@example.com", `"ana.@example.com" is not a valid e-mail address (RFC 5321): write one such as ana@example.com, with unaccented letters, digits, and the characters . _ - +`},
		{"email", strings.Repeat("a", 65) + "@x.com", `"` + strings.Repeat("a", 40) + `"… has 65 characters before the @: write an address with at most 64 there (RFC 5321)`},
		{"email", "a@" + strings.Repeat("b", 64) + ".com", `"a@` + strings.Repeat("b", 38) + `"… has a part of 64 characters after the @: write an address in which each part between dots has at most 63`},
		{"agentID", "10 24", `the agent ID "10 24" has characters other than the letters A to Z, digits, _, and -: write it without them, for example 1024 or A-17`},
		{"agentID", strings.Repeat("1", 33), "the agent ID has 33 characters: write 1 to 32"},
		{"agentID", "1.02E+11", `"1.02E+11" was shortened by a spreadsheet: set the format of the column to text and type the agent ID again`},
		{"extension", "012", `the extension "012" has 3 digits: write 4 to 6, the first 1 to 8, for example 1024`},
		{"extension", "0127", `the extension "0127" begins with 0: choose one of 4 to 6 digits that begins with 1 to 8, for example 1024`},
		{"extension", "x12", `the extension "x12" has characters other than digits: write 4 to 6 digits, the first 1 to 8, for example 1024`},
		{"phone", "33155512345", `the phone "33155512345" has no +: a spreadsheet may have removed it, or leading zeros; write +33155512345 if that begins with the country code, and set the format of the column to text`},
		{"phone", "3.31556E+10", `the phone "3.31556E+10" was shortened by a spreadsheet and has lost digits: set the format of the column to text and type the number again, for example +14155550123`},
		{"phone", "3,31556E+10", `the phone "3,31556E+10" was shortened by a spreadsheet and has lost digits: set the format of the column to text and type the number again, for example +14155550123`},
		{"phone", "+33 (1) 55-51.23", `the phone "+33 (1) 55-51.23" has spaces or punctuation between the digits: write +331555123`},
		{"phone", "0033155512345", `the phone "0033155512345" begins with 00: write +33155512345`},
		{"phone", "0155512345", `the phone "0155512345" has no + and no country code: ` + phone + ", without the 0 that is dialed only inside the country"},
		{"phone", "+0155512345", `the phone "+0155512345" has no country code after the +: ` + phone},
		{"phone", "ask Ana", `the phone "ask Ana" is not an E.164 phone number: ` + phone},
		{"phone", "+3315551234567890", `the phone "+3315551234567890" has 16 digits, but an E.164 number has 2 to 15: ` + phone},
		{"role", "Boss", `the role "Boss" is not known: write DeskAdmin, Supervisor or DeskStaff (管理员, 主管, 坐席)`},
		{"active", "maybe", `"maybe" does not say whether the person is active: write yes or no (是, 否)`},
		{"skill groups", "billing:6", `the skill group "billing" has the priority "6": write 1 (first) to 5, as in billing:1`},
		{"skill groups", "billing:", `the skill group "billing" has the priority "": write 1 (first) to 5, as in billing:1`},
		{"skill groups", "Billing", `the name of the skill group "Billing" has uppercase letters: write billing`},
		{"skill groups", "x; x:2", `the skill group "x" is listed twice: list it once`},
		{"skill groups", "a b", `"a b" is not the name of a skill group: write names of lowercase letters, digits, - and ., with ; between them, for example billing:1; sales`},
		{"skill groups", strings.Repeat("a", 254), `the name of the skill group "` + strings.Repeat("a", 40) + `"… has more than 253 characters: write its name as kubectl get skillgroups shows it`},
		{"license", "Gold", `the license "Gold" is not known: write Standard, Premium or None (标准版, 高级版, 无)`},
		{"user profile", "Standard Agent", `the name of the user profile "Standard Agent" has uppercase letters or spaces: write standard-agent, if that is its name in kubectl get userprofiles`},
		{"desktop profile", "-", `"-" is not the name of a desktop profile: write a name of lowercase letters, digits, - and ., for example agents`},
		{"site", strings.Repeat("a", 64), `the name of the site "` + strings.Repeat("a", 40) + `"… has more than 63 characters: write its name as kubectl get sites shows it`},
		{"teams", "billing; 白班", `"白班" is not the name of a team: write a name of lowercase letters, digits, - and ., for example day-shift`},
		{"teams", "Online;Online", `the name of the team "Online" has uppercase letters or spaces: write online, if that is its name in kubectl get teams`},
		{"skill groups", "Online;Online", `the name of the skill group "Online" has uppercase letters: write online`},
		{"teams", "billing; billing", `the team "billing" is listed twice: list it once`},
	}
	for _, c := range cases {
		_, faults := readField(t, c.column, c.text)
		if len(faults) != 1 || faults[0] != c.want {
			t.Errorf("%s %q:\ngot  %q\nwant %q", c.column, c.text, faults, c.want)
		}
	}
}

func TestTooManyNamesAreAFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		column string
		count  int
		want   string
	}{
		{"skill groups", 65, "there are 65 skill groups: list at most 64, and add the person to more groups in the SkillGroups"},
		{"teams", 500, "there are more than 64 teams: list at most 64"},
	} {
		var cell strings.Builder
		for number := range c.count {
			fmt.Fprintf(&cell, "g%d;", number)
		}
		person, faults := readField(t, c.column, cell.String())
		if len(faults) != 1 || faults[0] != c.want || person.SkillGroups != nil || person.Teams != nil {
			t.Error(faults, person)
		}
	}
}

func TestASupervisorWithAStandardLicenseIsAFault(t *testing.T) {
	t.Parallel()
	const file = `email,role,license
a@example.com,Supervisor,Standard
b@example.com,主管,标准版
c@example.com,Supervisor,Premium
d@example.com,Supervisor,None
e@example.com,Supervisor,
f@example.com,,Standard
g@example.com,DeskAdmin,Standard
`
	_, faults := readSheet(t, "f.csv", []byte(file), ReadOptions{})
	const advice = "license: a Supervisor needs a Premium license: write Premium, or leave the cell empty so that a MemberTemplate can assign one"
	checkFaults(t, faults, "f.csv:2:"+advice, "f.csv:3:"+advice)
}

func TestASuperAdminRowIsSkippedWithAWarning(t *testing.T) {
	t.Parallel()
	sheet, faults := readSheet(t, "f.csv", []byte("E-mail,Role\nroot@example.com,Super Admin\n"), ReadOptions{})
	checkFaults(t, faults, "f.csv:2:Role: warning: the operator creates the Super Admin from ContactCenter.spec.superAdmin: this row is skipped; change the ContactCenter instead, or write DeskAdmin, Supervisor or DeskStaff for any other person")
	if len(errorsOf(faults)) != 0 || sheet.People[0].Role != SuperAdmin {
		t.Fatalf("%v\n%+v", faults, sheet.People)
	}
}

func TestACellWithoutAHeaderIsAFault(t *testing.T) {
	t.Parallel()
	_, faults := readSheet(t, "f.csv", []byte("email,,role\na@example.com,,,,stray\nb@example.com,x,\n"), ReadOptions{})
	const advice = ", which has no header: give the column a header, or delete the cell; in a csv file, put cells that contain the separator in quotation marks"
	checkFaults(t, faults, `f.csv:2: "stray" is in column E`+advice, `f.csv:3: "x" is in column B`+advice)
	if columnLetters(25)+columnLetters(26)+columnLetters(701)+columnLetters(702) != "ZAAZZAAA" {
		t.Fatal("columnLetters returns wrong names")
	}
}
