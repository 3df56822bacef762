package roster

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// allFormats returns both formats.
func allFormats() []Format { return []Format{CSV, XLSX} }

// written returns the file that a function writes.
func written(t *testing.T, write func(w io.Writer) error) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := write(&file); err != nil {
		t.Fatalf("writing: %v", err)
	}
	return file.Bytes()
}

// writeSheet returns a sheet with all columns.
func writeSheet(t *testing.T, format Format, people ...Person) []byte {
	t.Helper()
	return written(t, func(w io.Writer) error { return Write(w, format, people) })
}

// readSheet reads a file that must be a table.
func readSheet(t *testing.T, file string, content []byte, o ReadOptions) (Sheet, []Fault) {
	t.Helper()
	sheet, faults, err := Read(bytes.NewReader(content), file, o)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return sheet, faults
}

// checkFaults compares faults with their texts.
func checkFaults(t *testing.T, faults []Fault, want ...string) {
	t.Helper()
	var got []string
	for _, fault := range faults {
		got = append(got, fault.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got the faults\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// checkPeople reads a file that must have exactly these people and no faults.
func checkPeople(t *testing.T, file string, content []byte, want ...Person) Sheet {
	t.Helper()
	sheet, faults := readSheet(t, file, content, ReadOptions{})
	if len(faults) > 0 || !reflect.DeepEqual(sheet.People, want) {
		t.Errorf("%s: got %v %+v, want %+v", file, faults, sheet.People, want)
	}
	return sheet
}

// errorsOf returns the faults that are not warnings.
func errorsOf(faults []Fault) []Fault {
	return slices.DeleteFunc(slices.Clone(faults), func(f Fault) bool { return f.Warning })
}

// checkRoundTrip writes people and compares them with what is read back.
func checkRoundTrip(t *testing.T, format Format, people []Person) {
	t.Helper()
	sheet, faults := readSheet(t, "members."+string(format), writeSheet(t, format, people...), ReadOptions{})
	if wrong := errorsOf(faults); len(wrong) > 0 {
		t.Fatalf("%s: %v", format, wrong)
	}
	if len(sheet.People) != len(people) {
		t.Fatalf("%s: read back %d people, want %d", format, len(sheet.People), len(people))
	}
	for index, person := range people {
		person.Row = index + 2
		if !reflect.DeepEqual(sheet.People[index], person) {
			t.Fatalf("%s: row %d\nwritten %+q\nread    %+q", format, person.Row, fmt.Sprint(person), fmt.Sprint(sheet.People[index]))
		}
	}
}

// randomPerson returns a valid person with hostile names.
func randomPerson(random *rand.Rand, number int) Person {
	pieces := []string{
		"'", "''", "=", "+", "-", "@", "\t"[:0], " ", "\u00a0", "\u3000", "\u200b", "007", "1E5", "2-11", "Ana", "陈", "é", "＝", "＋",
		",", ";", "\"", "|", "_x000D_", "_x0041_", "_x005F_", "_xD800_", "_x", "😀", "<&>", "#N/A", "TRUE", "sep=;", "\u200f", ":", "1", "\ufeff", "cmd|' /C calc'!A0",
	}
	text := func(longest int) string {
		var built strings.Builder
		for range random.IntN(6) {
			piece := pieces[random.IntN(len(pieces))]
			if len(built.String())+len(piece) > longest {
				break
			}
			built.WriteString(piece)
		}
		return built.String()
	}
	pick := func(values ...string) string { return values[random.IntN(len(values))] }
	person := Person{
		Name: text(maxName), Nickname: text(maxNickname), Role: pick("", DeskAdmin, Supervisor, DeskStaff),
		AgentID:   pick("", fmt.Sprintf("%03d", number), fmt.Sprintf("A_%d", number), fmt.Sprintf("1E%d", number), fmt.Sprintf("-%d", number), fmt.Sprintf("%d-11", number)),
		Email:     pick("", "=", "+", "-", "'") + fmt.Sprintf("ana.%d@example.com", number),
		Phone:     pick("", fmt.Sprintf("+336123%05d", number)),
		Extension: pick("", fmt.Sprintf("%d", 100000+number)),
	}
	for index := range random.IntN(3) {
		person.SkillGroups = append(person.SkillGroups, SkillGroup{Name: pick("billing", "sales.eu", "007") + fmt.Sprint(index), Priority: int32(random.IntN(6))})
	}
	if random.IntN(2) == 0 {
		active := random.IntN(2) == 0
		person.Active = &active
	}
	person.UserProfile = pick("", "standard-agent", "007", "1e5")
	person.DesktopProfile = pick("", "agents", "2-11")
	person.Site = pick("", "lisbon", "e5", "0")
	person.License = pick("", LicenseNone, LicenseStandard, LicensePremium)
	if person.Role == Supervisor && person.License == LicenseStandard {
		person.License = LicensePremium
	}
	for index := range random.IntN(3) {
		person.Teams = append(person.Teams, pick("day", "1e", "00")+fmt.Sprint(index))
	}
	return person
}

func TestPeopleAreReadBackAsWritten(t *testing.T) {
	t.Parallel()
	for _, format := range allFormats() {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, 2))
			var people []Person
			for number := range 3000 {
				people = append(people, randomPerson(random, number))
			}
			checkRoundTrip(t, format, people)
		})
	}
}
