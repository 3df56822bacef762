package roster

import (
	"reflect"
	"strings"
	"testing"
)

// columnsOf returns the columns of a file with these headers.
func columnsOf(t *testing.T, header string) (map[Column]string, []Fault) {
	t.Helper()
	sheet, faults := readSheet(t, "f.csv", []byte(header+"\n"), ReadOptions{})
	return sheet.Has, faults
}

func TestHeadersAreMatchedInEnglishAndChineseInAnyOrder(t *testing.T) {
	t.Parallel()
	headers := []string{
		"name,nickname,agentID,email,role,phone,extension,skillGroups,active,license,userProfile,desktopProfile,site,teams",
		"Teams,Site,Desktop profile,User profile,License,Active,Skill groups,Extension,Phone,Role,E-mail,Agent ID,Nickname,Name",
		"姓名,昵称,工号,邮箱,角色,手机,分机,技能组,启用,许可证,用户配置文件,桌面配置文件,站点,团队",
		" FULL  NAME ,Nick,Agent No.,MAILBOX,role:,Mobile,Ext.,skill-groups,Enabled?,LICENCE,User-Profile,Agent profile,Site name,Team", //nolint:misspell // British spellings are accepted.
		"*姓名（必填）,昵称(选填),员工工号,电子邮箱【唯一】,角色,手机号码,分机号,技能组,是否启用,许可（标准版/高级版）,用户配置,桌面配置,场所,班组",
		"\u200b姓名\u3000,昵称,工号,Ｅ－ｍａｉｌ,角色,手机,分机,技能组,启用,许可证类型,用户简档,桌面简档,所属站点,所属团队",
	}
	for _, header := range headers {
		has, faults := columnsOf(t, header)
		if len(faults) > 0 || len(has) != len(Columns()) {
			t.Errorf("%s: %v, %v", header, has, faults)
		}
	}
}

func TestAnIncompleteControlHubHeaderGetsAHint(t *testing.T) {
	t.Parallel()
	const hint = "; a Control Hub file is recognized by its column User ID/Email (Required)"
	for header, hinted := range map[string]bool{
		"Email,First Name,Last Name":                      true,
		"Email,Name,Webex Contact Center Premium [Sub 1]": true,
		"Email,Shoe size":                                 false,
	} {
		_, faults := columnsOf(t, header)
		if len(faults) != 1 || strings.HasSuffix(faults[0].Message, hint) != hinted {
			t.Errorf("%s: %v", header, faults)
		}
	}
}

// learn records the meanings of the spellings of a table, each of which has one.
func learn[Meaning comparable](t *testing.T, known map[string]Meaning, table map[Meaning][]string) {
	t.Helper()
	for meaning, spellings := range table {
		for _, spelling := range spellings {
			folded := fold(spelling)
			if folded == "" {
				t.Errorf("%q has no letters or digits", spelling)
			}
			if other, found := known[folded]; found && other != meaning {
				t.Errorf("%q means both %v and %v", spelling, other, meaning)
			}
			known[folded] = meaning
		}
	}
}

func TestASpellingHasOneMeaningInAllLanguages(t *testing.T) {
	t.Parallel()
	columns, roles, licenses, active := map[string]Column{}, map[string]string{}, map[string]string{}, map[string]bool{}
	for _, language := range []language{english, chinese} {
		for _, column := range Columns() {
			if len(language.columns[column]) == 0 {
				t.Errorf("a language has no header for %s", column)
			}
		}
		learn(t, columns, language.columns)
		learn(t, roles, language.roles)
		learn(t, licenses, language.licenses)
		learn(t, active, language.active)
	}
}

func TestTheHeaderThatIsWrittenAndTheCanonicalNamesAreKnown(t *testing.T) {
	t.Parallel()
	for _, column := range Columns() {
		for _, spelling := range []string{title(column), string(column)} {
			if columnWords[fold(spelling)] != column {
				t.Errorf("%q is not known as %s", spelling, column)
			}
		}
	}
	for _, role := range []string{SuperAdmin, DeskAdmin, Supervisor, DeskStaff} {
		if roleWords[fold(role)] != role {
			t.Errorf("the role %s is not known", role)
		}
	}
	for _, license := range []string{LicenseStandard, LicensePremium, LicenseNone} {
		if licenseWords[fold(license)] != license {
			t.Errorf("the license %s is not known", license)
		}
	}
}

func TestFaultsOfTheHeader(t *testing.T) {
	t.Parallel()
	const known = "the known columns are Name, Nickname, Agent ID, E-mail, Role, Phone, Extension, Skill groups, Active, License, User profile, Desktop profile, Site, Teams; rename or remove the others, or import with --ignore-unknown-columns"
	cases := []struct{ header, want string }{
		{"email,Shoe size", `f.csv:1: the column "Shoe size" is not known: ` + known},
		{"email,Shoe size,???", `f.csv:1: the columns "Shoe size", "???" are not known: ` + known},
		{"email,Mailbox", `f.csv:1:Mailbox: the columns "email" and "Mailbox" are both E-mail: keep one of them`},
		{"name,role", `f.csv:1:email: the file has no column with e-mail addresses: name one of the columns in the first row "E-mail" (or 邮箱), and check that the first row is the header`},
		{strings.Repeat("x,", 30) + "email", `f.csv:1: the columns ` + strings.Repeat(`"x", `, 19) + `"x" and 10 more are not known: ` + known},
	}
	for _, c := range cases {
		_, faults := columnsOf(t, c.header)
		checkFaults(t, faults, c.want)
	}
}

func TestUnknownColumnsAreSkippedOnRequest(t *testing.T) {
	t.Parallel()
	sheet, faults := readSheet(t, "f.csv", []byte("Shoe size,email,,Notes\n42,ana@example.com,stray,\"x\ny\"\n"), ReadOptions{IgnoreUnknownColumns: true})
	want := Sheet{File: "f.csv", Has: map[Column]string{EmailColumn: "email"}, People: []Person{{Row: 2, Email: "ana@example.com"}}}
	if len(faults) > 0 || !reflect.DeepEqual(sheet, want) {
		t.Fatalf("%+v %v", sheet, faults)
	}
}
