package main

import (
	"testing"

	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
)

func TestDeleteRemovesNamedMembersAndReportsMissingOnes(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	env.people("ana", "ben", "cy")
	var seen transcript
	run := func(arguments ...string) {
		seen.note(env.plugin(arguments...), arguments...)
	}
	run("delete", "cy", "missing", "ana", "ana", "--wait")
	if !env.isGone("ana") || !env.isGone("cy") || env.isGone("ben") {
		t.Error("after delete the wrong ones are gone")
	}
	run("delete", "missing")
	run("delete", "missing", "unknown")
	run("delete", "super-admin")
	run("delete", "ben", "-o", "name")
	goldentest.Compare(t, "delete", seen.String())
}
