package roster

import (
	"fmt"
	"strings"
	"testing"
)

func TestADuplicateIsAFaultOfTheLaterRow(t *testing.T) {
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
	_, faults := readSheet(t, "f.csv", []byte(file), ReadOptions{})
	const each = ": give each person a different one, or delete one of the two rows"
	checkFaults(t, faults,
		`f.csv:3:E-mail: the e-mail address "ANA@example.com" is also in row 2`+each,
		`f.csv:4:工号: the agent ID "1" is also in row 2`+each,
		`f.csv:5:ext: the extension "1024" is also in row 2`+each,
		`f.csv:7:工号: the Member name made from the agent ID would be a-4, the same as in row 6: give one of the two people another agent ID`,
		`f.csv:9:E-mail: the Member name made from the e-mail address would be x-y, the same as in row 8: give one of the two people another agent ID`,
		`f.csv:10:E-mail: the Member name made from the e-mail address would be super-admin, which is reserved for the Super Admin: give the person another agent ID`,
		`f.csv:12:工号: the Member name made from the agent ID would be super-admin, which is reserved for the Super Admin: give the person another agent ID`,
		`f.csv:13:E-mail: no Member name can be made from the e-mail address: give the person an agent ID with a letter or a digit`,
		`f.csv:14:E-mail: no Member name can be made from the e-mail address: give the person an agent ID with a letter or a digit`,
	)
}

func TestFaultsAreInOrderAndBounded(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("phone,email,role\n")
	for range 1200 {
		file.WriteString("1,nobody,Boss\n")
	}
	_, faults := readSheet(t, "f.csv", []byte(file.String()), ReadOptions{})
	if len(faults) != maxFaults+1 {
		t.Fatalf("%d faults", len(faults))
	}
	for index, fault := range faults[:maxFaults] {
		want := fmt.Sprintf("%d:%s", 2+index/3, []string{"phone", "email", "role"}[index%3])
		if got := fmt.Sprintf("%d:%s", fault.Row, fault.Column); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	const rest = "f.csv: and 2600 more faults: correct the faults above, then import again to see the rest"
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
