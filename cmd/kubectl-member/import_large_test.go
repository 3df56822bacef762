package main

import (
	"fmt"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// manyRows needs more than one page of Members, wherever they are listed.
const manyRows = query.PageSize + 10

// TestALargeSheetBecomesMembers imports a sheet with the operator issuing and mailing passwords,
// and imports it again. importplan plans ten times as many rows, and `make bench-plugin` measures
// the speed.
func TestALargeSheetBecomesMembers(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes several seconds: run it without -short")
	}
	d := newDesk(t)
	d.create(d.group("billing"))
	d.await(v1alpha1.SuperAdminMemberName)
	file := d.file("members.csv", sheetOfRows(manyRows))
	got := d.plugin("import", file, "--wait", "--timeout", "5m")
	if want := fmt.Sprintf("%d added, 0 changed, 0 unchanged, 0 failed\n", manyRows); got.code != cli.ExitDone || got.out != want {
		t.Fatalf("exit code %d: %s%s", got.code, got.out, got.err)
	}
	if messages := len(d.mail.Messages()); messages != manyRows+1 {
		t.Errorf("%d e-mails for %d people and the Super Admin", messages, manyRows)
	}
	d.eventually("counts are settled", d.countsSettled(manyRows+1))
	before := d.memberVersions()
	again := d.plugin("import", file, "--wait", "--mode", "sync")
	if want := fmt.Sprintf("0 added, 0 changed, %d unchanged, 0 failed\n", manyRows); again.done(t) != want {
		t.Errorf("again: %s", again.out)
	}
	d.sameVersions(before)
	if messages := len(d.mail.Messages()); messages != manyRows+1 {
		t.Errorf("%d e-mails after it was imported again", messages)
	}
}

// countsSettled returns a check that the contact center counts so many members.
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
