package roster

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

const (
	controlHubHeader = "First Name,Last Name,Display Name,User ID/Email (Required),User Status,Webex Contact Center Standard,Webex Contact Center Premium\n"
	// restOfControlHub is how the warning about other columns ends.
	restOfControlHub = ": only the names, User ID/Email (Required) and the services Webex Contact Center Standard and Webex Contact Center Premium are read"
)

// checkControlHubRoundTrip writes people as Control Hub has them and reads back
// what that format holds of them.
func checkControlHubRoundTrip(t *testing.T, people []Person) {
	t.Helper()
	var file bytes.Buffer
	if err := WriteControlHub(&file, people); err != nil {
		t.Fatalf("WriteControlHub: %v", err)
	}
	sheet, faults := read(t, "hub.csv", file.Bytes(), ReadOptions{})
	for _, fault := range faults {
		// Without agent IDs, two people may come to the same name of a Member; who
		// is a Member already keeps the name.
		if !fault.SameName && !strings.Contains(fault.Message, "the Member") {
			t.Fatalf("%v", fault)
		}
	}
	if len(sheet.People) != len(people) || !sheet.ControlHub {
		t.Fatalf("%d people were read back, not %d", len(sheet.People), len(people))
	}
	for index, person := range people {
		services := ServicesOf(person.License)
		if person.Services != nil {
			services = *person.Services
		}
		want := Person{Row: index + 2, Name: person.Name, Email: person.Email, License: person.License, Services: &services, InactiveInControlHub: isFalse(person.Active) || person.InactiveInControlHub}
		if !reflect.DeepEqual(sheet.People[index], want) {
			t.Fatalf("row %d\nwritten %+q\nread    %+q", want.Row, fmt.Sprint(want), fmt.Sprint(sheet.People[index]))
		}
	}
}

func TestWhatIsWrittenForControlHubIsReadBack(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	var people []Person
	for number := range 1000 {
		people = append(people, randomPerson(random, number))
	}
	checkControlHubRoundTrip(t, people)
}

func TestAFileOfControlHubHasItsHeaderAndItsWords(t *testing.T) {
	t.Parallel()
	people := []Person{
		{Name: "Ana Maria Pop", Email: "ana@example.com", Phone: "+14155550123", License: LicensePremium},
		{Name: "陈晓明", Email: "+chen@example.com", Active: new(false), License: LicenseStandard},
		{Name: "=1 -1", Email: "ben@example.com", Active: new(true), License: LicenseNone},
		{Email: "dan@example.com"},
		{Name: "Eve", Email: "eve@example.com", License: LicensePremium, Services: &Services{Standard: new(false)}},
	}
	var file bytes.Buffer
	if err := WriteControlHub(&file, people); err != nil {
		t.Fatal(err)
	}
	want := utf8Mark + controlHubHeader + `Ana,Maria Pop,Ana Maria Pop,ana@example.com,Active,FALSE,TRUE
陈晓明,,陈晓明,'+chen@example.com,Inactive,TRUE,FALSE
'=1,'-1,'=1 -1,ben@example.com,Active,FALSE,FALSE
,,,dan@example.com,Active,,
Eve,,Eve,eve@example.com,Active,FALSE,
`
	if file.String() != want {
		t.Errorf("%s", file.String())
	}
}

func TestAFileThatControlHubExportedAndSomebodyEditedIsRead(t *testing.T) {
	t.Parallel()
	sheet, faults := read(t, "controlhub.csv", testFile(t, "controlhub.csv"), ReadOptions{})
	yes, no := new(true), new(false)
	want := Sheet{
		File: "controlhub.csv", ControlHub: true,
		Has: map[Column]string{EmailColumn: "User ID/Email (Required)", NameColumn: "Display Name", LicenseColumn: "Webex Contact Center Standard Agent [Sub12345]"},
		People: []Person{
			{Row: 2, Name: "Ana Pop", Email: "ana.pop@example.com", License: LicensePremium, Services: &Services{no, yes}},
			{Row: 3, Name: "Ben Sy", Email: "ben@example.com", License: LicenseStandard, Services: &Services{yes, no}},
			{Row: 4, Name: "陈晓明", Email: "chen@example.com", License: LicenseNone, Services: &Services{no, no}},
			{Row: 5, Name: "Dan", Email: "dan@example.com", InactiveInControlHub: true, Services: &Services{}},
			{Row: 6, Email: "eve@example.com", Services: &Services{}},
			{Row: 7, Name: "Fay Lee", Email: "fay@example.com", License: LicensePremium, Services: &Services{yes, yes}},
		},
	}
	if !reflect.DeepEqual(sheet, want) {
		t.Errorf("%+v", sheet)
	}
	const warnings = "[controlhub.csv:1: warning: this is a file of Webex Control Hub, of which 16 other columns are left out (Last Service Accessed Time, Days since Last Service Accessed, Extension and 13 more)" + restOfControlHub +
		" controlhub.csv:1: warning: Extension and Phone Number are not read from Control Hub's file: import a sheet of your own with a column E-mail for that]"
	if fmt.Sprint(faults) != warnings {
		t.Errorf("%v", faults)
	}
	if _, faults := read(t, "f", testFile(t, "controlhub.csv"), ReadOptions{IgnoreUnknownColumns: true}); len(faults) > 0 {
		t.Errorf("%v", faults)
	}
}

func TestControlHubIsKnownByTheColumnOfTheAddress(t *testing.T) {
	t.Parallel()
	cases := []struct {
		header, row string
		has         map[Column]string
		want        Person
		faults      string
	}{
		{
			"UserID/Email (Required);Last Name", "a@example.com;Pop",
			map[Column]string{EmailColumn: "UserID/Email (Required)", NameColumn: "Last Name"},
			Person{Name: "Pop"},
			"[]",
		},
		{
			"user id/email (required),WEBEX CONTACT CENTER PREMIUM - Sub 1", "a@example.com,True",
			map[Column]string{EmailColumn: "user id/email (required)", LicenseColumn: "WEBEX CONTACT CENTER PREMIUM - Sub 1"},
			Person{License: LicensePremium, Services: &Services{Premium: new(true)}},
			"[]",
		},
		{
			"Role,User ID/Email (Required),First Name,User Status", "Supervisor,a@example.com,' Ana,Active",
			map[Column]string{EmailColumn: "User ID/Email (Required)", NameColumn: "First Name"},
			Person{Name: "Ana"},
			"[f.csv:1: warning: this is a file of Webex Control Hub, of which 1 other column is left out (Role)" + restOfControlHub +
				" f.csv:1: warning: Role is not read from Control Hub's file: import a sheet of your own with a column E-mail for that]",
		},
		{
			"User ID/Email (Required),Role,License,Site,Hobby", "a@example.com,Supervisor,Premium,paris,chess",
			map[Column]string{EmailColumn: "User ID/Email (Required)"},
			Person{},
			"[f.csv:1: warning: this is a file of Webex Control Hub, of which 4 other columns are left out (Role, License, Site and Hobby)" + restOfControlHub +
				" f.csv:1: warning: Role, License and Site are not read from Control Hub's file: import a sheet of your own with a column E-mail for that]",
		},
		{
			"User ID/Email (Required),First Name,Webex Contact Center Standard [1],Webex Contact Center Standard [2]", "a@example.com,Ana,,FALSE",
			map[Column]string{EmailColumn: "User ID/Email (Required)", NameColumn: "First Name", LicenseColumn: "Webex Contact Center Standard [1]"},
			Person{Name: "Ana", Services: &Services{}},
			"[]",
		},
	}
	for _, c := range cases {
		c.want.Row, c.want.Email = 2, "a@example.com"
		sheet, faults := read(t, "f.csv", []byte(c.header+"\n"+c.row+"\n"), ReadOptions{})
		if !sheet.ControlHub || !reflect.DeepEqual(sheet.Has, c.has) || !reflect.DeepEqual(sheet.People, []Person{c.want}) || fmt.Sprint(faults) != c.faults {
			t.Errorf("%s: %+v %v", c.header, sheet, faults)
		}
	}
}

func TestFaultsOfAFileOfControlHubSayWhere(t *testing.T) {
	t.Parallel()
	const header = "First Name,Last Name,Display Name,User ID/Email (Required),Webex Contact Center Standard,Webex Contact Center Premium [1],Webex Contact Center Premium [2]\n"
	long := strings.Repeat("x", 40)
	rows := "Ana,Pop,,ana@example.com,TRUE,yes,1\n" + // two cells of one service
		"Ben,,,,FALSE,,\n" +
		long + "," + long + ",,cai@example.com,,,\n" +
		",," + long + long + ",dan@example.com,,,\n" +
		"Eve,,,ana@example.com,,,\n" +
		"Fay,,,fay@example.com,,,,stray\n"
	sheet, faults := read(t, "f.csv", []byte(header+rows), ReadOptions{})
	const service = ` does not say whether the person has the service: write TRUE or FALSE, or leave the cell empty, which leaves it as it is`
	want := []string{
		`f.csv:2:Webex Contact Center Premium [1]: "yes"` + service,
		`f.csv:2:Webex Contact Center Premium [2]: "1"` + service,
		`f.csv:3:User ID/Email (Required): the e-mail address is missing: write it, since it is the user name at login and the password is mailed there`,
		`f.csv:4:First Name: the name has 81 characters: shorten it to at most 64`,
		`f.csv:5:Display Name: the name has 80 characters: shorten it to at most 64`,
		`f.csv:6:User ID/Email (Required): the e-mail address "ana@example.com" is also in row 2: give each person one of their own, or delete one of the two rows`,
		`f.csv:7: "stray" stands in the column H, which has no header: give the column a header, or delete the cell; in a csv file, put a cell that has the separator in quotation marks`,
	}
	var got []string
	for _, fault := range faults {
		got = append(got, fault.String())
	}
	if !reflect.DeepEqual(got, want) || len(sheet.People) != 6 {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	_, faults = read(t, "f.csv", []byte("User ID/Email (Required),Display Name,Display name\n"), ReadOptions{})
	if fmt.Sprint(faults) != `[f.csv:1:Display name: the columns "Display Name" and "Display name" are both Display Name: keep one of them]` {
		t.Errorf("%v", faults)
	}
}

func TestAWorkbookMadeOfAFileOfControlHubIsRead(t *testing.T) {
	t.Parallel()
	const cells = `<row><c t="inlineStr"><is><t>User ID/Email (Required)</t></is></c><c t="inlineStr"><is><t>Webex Contact Center Premium</t></is></c></row>` +
		`<row><c t="inlineStr"><is><t>a@example.com</t></is></c><c t="b"><v>1</v></c></row>` +
		`<row><c t="inlineStr"><is><t>b@example.com</t></is></c><c t="b"><v>0</v></c></row>`
	sheet, faults := read(t, "f", bookOf(t, "<worksheet><sheetData>"+cells+endSheet, nil), ReadOptions{})
	want := []Person{
		{Row: 2, Email: "a@example.com", License: LicensePremium, Services: &Services{Premium: new(true)}},
		{Row: 3, Email: "b@example.com", Services: &Services{Premium: new(false)}},
	}
	if len(faults) > 0 || !reflect.DeepEqual(sheet.People, want) {
		t.Errorf("%v %+v", faults, sheet.People)
	}
}

func TestAFileThatHasNoServicesSaysNothingOfLicences(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"email,name", "User ID/Email (Required),Display Name"} {
		sheet, _ := read(t, "f", []byte(header+"\na@example.com,Ana\n"), ReadOptions{})
		if _, has := sheet.Has[LicenseColumn]; has || sheet.People[0].License != "" || sheet.People[0].Services != nil {
			t.Errorf("%s: %+v", header, sheet)
		}
	}
}
