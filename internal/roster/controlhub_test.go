package roster

import (
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

const (
	controlHubHeader = "First Name,Last Name,Display Name,User ID/Email (Required),User Status,Webex Contact Center Standard,Webex Contact Center Premium\n"
	// onlyControlHubColumns is the end of the warning about other columns.
	onlyControlHubColumns = ": only the names, User ID/Email (Required) and the services Webex Contact Center Standard and Webex Contact Center Premium are read"
)

func writeControlHub(t *testing.T, people []Person) []byte {
	t.Helper()
	return written(t, func(w io.Writer) error { return WriteControlHub(w, people) })
}

// checkControlHubRoundTrip writes people to a Control Hub file and reads back the fields
// that this format has.
func checkControlHubRoundTrip(t *testing.T, people []Person) {
	t.Helper()
	sheet, faults := readSheet(t, "hub.csv", writeControlHub(t, people), ReadOptions{})
	for _, fault := range faults {
		// Without agent IDs, two people may get the same Member name.
		if !fault.SameName && !strings.Contains(fault.Message, "Member name") {
			t.Fatalf("%v", fault)
		}
	}
	if len(sheet.People) != len(people) || !sheet.ControlHub {
		t.Fatalf("read back %d people, want %d", len(sheet.People), len(people))
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

func TestAControlHubFileIsReadBackAsWritten(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	var people []Person
	for number := range 1000 {
		people = append(people, randomPerson(random, number))
	}
	checkControlHubRoundTrip(t, people)
}

func TestWriteControlHubUsesTheHeaderAndValuesOfControlHub(t *testing.T) {
	t.Parallel()
	people := []Person{
		{Name: "Ana Maria Pop", Email: "ana@example.com", Phone: "+14155550123", License: LicensePremium},
		{Name: "陈晓明", Email: "+chen@example.com", Active: new(false), License: LicenseStandard},
		{Name: "=1 -1", Email: "ben@example.com", Active: new(true), License: LicenseNone},
		{Email: "dan@example.com"},
		{Name: "Eve", Email: "eve@example.com", License: LicensePremium, Services: &Services{Standard: new(false)}},
	}
	want := utf8Mark + controlHubHeader + `Ana,Maria Pop,Ana Maria Pop,ana@example.com,Active,FALSE,TRUE
陈晓明,,陈晓明,'+chen@example.com,Inactive,TRUE,FALSE
'=1,'-1,'=1 -1,ben@example.com,Active,FALSE,FALSE
,,,dan@example.com,Active,,
Eve,,Eve,eve@example.com,Active,FALSE,
`
	if file := writeControlHub(t, people); string(file) != want {
		t.Errorf("%s", file)
	}
}

func TestAnEditedControlHubExportIsRead(t *testing.T) {
	t.Parallel()
	sheet, faults := readSheet(t, "controlhub.csv", testFile(t, "controlhub.csv"), ReadOptions{})
	included, excluded := new(true), new(false)
	want := Sheet{
		File: "controlhub.csv", ControlHub: true,
		Has: map[Column]string{EmailColumn: "User ID/Email (Required)", NameColumn: "Display Name", LicenseColumn: "Webex Contact Center Standard Agent [Sub12345]"},
		People: []Person{
			{Row: 2, Name: "Ana Pop", Email: "ana.pop@example.com", License: LicensePremium, Services: &Services{excluded, included}},
			{Row: 3, Name: "Ben Sy", Email: "ben@example.com", License: LicenseStandard, Services: &Services{included, excluded}},
			{Row: 4, Name: "陈晓明", Email: "chen@example.com", License: LicenseNone, Services: &Services{excluded, excluded}},
			{Row: 5, Name: "Dan", Email: "dan@example.com", InactiveInControlHub: true, Services: &Services{}},
			{Row: 6, Email: "eve@example.com", Services: &Services{}},
			{Row: 7, Name: "Fay Lee", Email: "fay@example.com", License: LicensePremium, Services: &Services{included, included}},
		},
	}
	if !reflect.DeepEqual(sheet, want) {
		t.Errorf("%+v", sheet)
	}
	checkFaults(t, faults,
		"controlhub.csv:1: warning: this is a Webex Control Hub file; 16 other columns are skipped (Last Service Accessed Time, Days since Last Service Accessed, Extension and 13 more)"+onlyControlHubColumns,
		"controlhub.csv:1: warning: Extension and Phone Number are not read from a Control Hub file: import your own sheet with the column E-mail instead")
	if _, faults := readSheet(t, "f", testFile(t, "controlhub.csv"), ReadOptions{IgnoreUnknownColumns: true}); len(faults) > 0 {
		t.Errorf("%v", faults)
	}
}

func TestAControlHubFileIsRecognizedByItsEmailColumn(t *testing.T) {
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
			"[f.csv:1: warning: this is a Webex Control Hub file; 1 other column is skipped (Role)" + onlyControlHubColumns +
				" f.csv:1: warning: Role is not read from a Control Hub file: import your own sheet with the column E-mail instead]",
		},
		{
			"User ID/Email (Required),Role,License,Site,Hobby", "a@example.com,Supervisor,Premium,paris,chess",
			map[Column]string{EmailColumn: "User ID/Email (Required)"},
			Person{},
			"[f.csv:1: warning: this is a Webex Control Hub file; 4 other columns are skipped (Role, License, Site and Hobby)" + onlyControlHubColumns +
				" f.csv:1: warning: Role, License and Site are not read from a Control Hub file: import your own sheet with the column E-mail instead]",
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
		sheet, faults := readSheet(t, "f.csv", []byte(c.header+"\n"+c.row+"\n"), ReadOptions{})
		if !sheet.ControlHub || !reflect.DeepEqual(sheet.Has, c.has) || !reflect.DeepEqual(sheet.People, []Person{c.want}) || fmt.Sprint(faults) != c.faults {
			t.Errorf("%s: %+v %v", c.header, sheet, faults)
		}
	}
}

func TestFaultsOfAControlHubFileNameRowAndColumn(t *testing.T) {
	t.Parallel()
	const header = "First Name,Last Name,Display Name,User ID/Email (Required),Webex Contact Center Standard,Webex Contact Center Premium [1],Webex Contact Center Premium [2]\n"
	long := strings.Repeat("x", 40)
	rows := "Ana,Pop,,ana@example.com,TRUE,yes,1\n" + // two cells of one service
		"Ben,,,,FALSE,,\n" +
		long + "," + long + ",,cai@example.com,,,\n" +
		",," + long + long + ",dan@example.com,,,\n" +
		"Eve,,,ana@example.com,,,\n" +
		"Fay,,,fay@example.com,,,,stray\n"
	sheet, faults := readSheet(t, "f.csv", []byte(header+rows), ReadOptions{})
	const service = ` does not say whether the person has the service: write TRUE or FALSE, or leave the cell empty to keep the service as it is`
	want := []string{
		`f.csv:2:Webex Contact Center Premium [1]: "yes"` + service,
		`f.csv:2:Webex Contact Center Premium [2]: "1"` + service,
		`f.csv:3:User ID/Email (Required): the e-mail address is missing: add it, because members log in with it and receive their password there`,
		`f.csv:4:First Name: the name has 81 characters: shorten it to at most 64`,
		`f.csv:5:Display Name: the name has 80 characters: shorten it to at most 64`,
		`f.csv:6:User ID/Email (Required): the e-mail address "ana@example.com" is also in row 2: give each person a different one, or delete one of the two rows`,
		`f.csv:7: "stray" is in column H, which has no header: give the column a header, or delete the cell; in a csv file, put cells that contain the separator in quotation marks`,
	}
	checkFaults(t, faults, want...)
	if len(sheet.People) != 6 {
		t.Errorf("got %d people, want 6", len(sheet.People))
	}
	_, faults = readSheet(t, "f.csv", []byte("User ID/Email (Required),Display Name,Display name\n"), ReadOptions{})
	checkFaults(t, faults, `f.csv:1:Display name: the columns "Display Name" and "Display name" are both Display Name: keep one of them`)
}

func TestAControlHubWorkbookIsRead(t *testing.T) {
	t.Parallel()
	const cells = `<row><c t="inlineStr"><is><t>User ID/Email (Required)</t></is></c><c t="inlineStr"><is><t>Webex Contact Center Premium</t></is></c></row>` +
		`<row><c t="inlineStr"><is><t>a@example.com</t></is></c><c t="b"><v>1</v></c></row>` +
		`<row><c t="inlineStr"><is><t>b@example.com</t></is></c><c t="b"><v>0</v></c></row>`
	checkPeople(t, "f", workbookOf(t, "<worksheet><sheetData>"+cells+endSheet, nil),
		Person{Row: 2, Email: "a@example.com", License: LicensePremium, Services: &Services{Premium: new(true)}},
		Person{Row: 3, Email: "b@example.com", Services: &Services{Premium: new(false)}})
}

func TestAFileWithoutServiceColumnsSetsNoLicense(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"email,name", "User ID/Email (Required),Display Name"} {
		sheet, _ := readSheet(t, "f", []byte(header+"\na@example.com,Ana\n"), ReadOptions{})
		if _, has := sheet.Has[LicenseColumn]; has || sheet.People[0].License != "" || sheet.People[0].Services != nil {
			t.Errorf("%s: %+v", header, sheet)
		}
	}
}
