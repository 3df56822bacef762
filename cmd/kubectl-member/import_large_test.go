package main

import (
	"fmt"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

// manyRows is how many people the sheet of a large contact centre has.
const manyRows = 5000

// TestALargeSheetBecomesMembers imports the sheet, with the operator issuing and
// mailing, and then again. `make bench-plugin` measures how fast.
func TestALargeSheetBecomesMembers(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute: run it without -short")
	}
	d := newDesk(t)
	d.create(d.group("billing"))
	d.await(v1alpha1.SuperAdminMemberName)
	file := d.file("members.csv", sheetOfRows(manyRows))
	got := d.plugin("import", file, "--wait", "--timeout", "5m")
	if want := fmt.Sprintf("%d added, 0 changed, 0 unchanged, 0 failed\n", manyRows); got.code != cli.ExitDone || got.out != want {
		t.Fatalf("exit code %d: %s%s", got.code, got.out, got.err)
	}
	if letters := len(d.mail.Messages()); letters != manyRows+1 {
		t.Errorf("%d letters for %d people and the Super Admin", letters, manyRows)
	}
	d.eventually("counts are settled", d.countsSettled(manyRows+1))
	before := d.memberVersions()
	again := d.plugin("import", file, "--wait", "--mode", "sync")
	if want := fmt.Sprintf("0 added, 0 changed, %d unchanged, 0 failed\n", manyRows); again.done(t) != want {
		t.Errorf("again: %s", again.out)
	}
	d.sameVersions(before)
	if letters := len(d.mail.Messages()); letters != manyRows+1 {
		t.Errorf("%d letters after it was imported again", letters)
	}
}

// countsSettled is whether the contact centre counts as many members.
func (d *desk) countsSettled(members int32) func() error {
	return func() error {
		center := &v1alpha1.ContactCenter{}
		if err := d.Get(d.Context(), client.ObjectKey{Namespace: d.namespace, Name: v1alpha1.ContactCenterName}, center); err != nil {
			return err
		}
		if center.Status.Members == nil || center.Status.Members.Total != members {
			return fmt.Errorf("it counts %+v", center.Status.Members)
		}
		return nil
	}
}
