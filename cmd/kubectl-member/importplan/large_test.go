package importplan

import (
	"fmt"
	"strings"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// manyRows is the number of people in the sheet of a large contact center.
const manyRows = 5000

func TestALargeSheetIsPlannedAndAgainChangesNothing(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("name,agent ID,e-mail,role,phone,extension,skill groups\n")
	for i := range manyRows {
		fmt.Fprintf(&text, "Person %d,P-%05d,person%d@example.com,DeskStaff,+1415%07d,%d,billing:%d\n", i, i, i, i, 10000+i, 1+i%5)
	}
	for _, mode := range []Mode{ModeAdd, ModeUpsert, ModeSync} {
		plan := planFor(t, mode, text.String())
		if len(plan.Additions) != manyRows || len(plan.Changes)+len(plan.Deletions)+len(plan.Faults) != 0 {
			t.Fatalf("%s: %d additions, %d changes, %d deletions, faults %v", mode, len(plan.Additions), len(plan.Changes), len(plan.Deletions), plan.Faults)
		}
		members := make([]v1alpha1.Member, 0, manyRows)
		for _, step := range plan.Additions {
			member := *step.Member
			member.Spec.Active = new(true)
			members = append(members, member)
		}
		again := planFor(t, mode, text.String(), members...)
		if again.Unchanged != manyRows || len(again.Additions)+len(again.Changes)+len(again.Deletions)+len(again.Faults) != 0 {
			t.Errorf("%s again: %d unchanged, %v", mode, again.Unchanged, inShort(again))
		}
	}
}
