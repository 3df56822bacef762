package main

import (
	"context"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestWaitEndsAtTheDeadlineAndSaysWhoIsStillWaitedFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.people("ana", "ben")
	d.create(d.member("twin", func(spec *v1alpha1.MemberSpec) { spec.Email = "ANA@example.com" }))
	d.plugin("edit", "twin", "--add-group", "nowhere", "--wait", "--timeout", "2s").refused(t, exitDeadline, "wait_why")
	d.stop()
	d.plugin("force-offline", "ana", "nobody", "ben", "--wait", "--timeout", "1s").refused(t, exitPartly, "wait_partly")
	d.plugin("restore-online", "ana", "ben", "--wait", "--timeout", "1s").refused(t, exitDeadline, "wait_deadline")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d.pluginWith(ctx, func(s *session) {
		s.Out = &onFirst{Writer: s.Out, then: cancel}
	}, "", "restore-online", "ana", "--wait").refused(t, exitInterrupted, "wait_interrupted")
}
