package roster

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestAClashIsAFaultOfTheLaterRowThatNamesTheEarlierOne(t *testing.T) {
	t.Parallel()
	const file = `E-mail,工号,ext
ana@example.com,1,1024
ANA@example.com,2,
ben@example.com,1,
cai@example.com,3,1024
dan@example.com,A_4,
eve@example.com,a-4,
x.y@example.com,,
x-y@example.com,,
super-admin@example.com,,
SUPER_admin@example.com,5,
fay@example.com,Super_Admin,
+@example.com,,
+@example.org,--,
`
	_, faults := read(t, "f.csv", []byte(file), ReadOptions{})
	const each = ": give each person one of their own, or delete one of the two rows"
	want := []string{
		`f.csv:3:E-mail: the e-mail address "ANA@example.com" is also in row 2` + each,
		`f.csv:4:工号: the agent ID "1" is also in row 2` + each,
		`f.csv:5:ext: the extension "1024" is also in row 2` + each,
		`f.csv:7:工号: the name of the Member, made from the agent ID, would be a-4, as that of row 6: give one of the two another agent ID`,
		`f.csv:9:E-mail: the name of the Member, made from the e-mail address, would be x-y, as that of row 8: give one of the two another agent ID`,
		`f.csv:10:E-mail: the name of the Member, made from the e-mail address, would be super-admin, which is kept for the Super Admin: give the person another agent ID`,
		`f.csv:12:工号: the name of the Member, made from the agent ID, would be super-admin, which is kept for the Super Admin: give the person another agent ID`,
		`f.csv:13:E-mail: no name for the Member can be made from the e-mail address: give the person an agent ID with a letter or a digit`,
		`f.csv:14:E-mail: no name for the Member can be made from the e-mail address: give the person an agent ID with a letter or a digit`,
	}
	var got []string
	for _, fault := range faults {
		got = append(got, fault.String())
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s", strings.Join(got, "\n"))
	}
}

func TestFaultsAreInOrderAndBounded(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("phone,email,role\n")
	for range 1200 {
		file.WriteString("1,nobody,Boss\n")
	}
	_, faults := read(t, "f.csv", []byte(file.String()), ReadOptions{})
	if len(faults) != maxFaults+1 {
		t.Fatalf("%d faults", len(faults))
	}
	for index, fault := range faults[:maxFaults] {
		want := fmt.Sprintf("%d:%s", 2+index/3, []string{"phone", "email", "role"}[index%3])
		if got := fmt.Sprintf("%d:%s", fault.Row, fault.Column); got != want {
			t.Fatalf("%s in place of %s", got, want)
		}
	}
	const rest = "f.csv: and 2600 more faults: correct those above first, and import again to see the rest"
	if got := faults[maxFaults].String(); got != rest {
		t.Fatal(got)
	}
	all := 0
	for _, fault := range faults {
		all += fault.Count()
	}
	if all != 3*1200 {
		t.Errorf("%d faults in all", all)
	}
}
