package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

func TestAnImportDoesNotWaitForMissingSeats(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.startOperator()
	center := env.ContactCenterWithIdentity()
	center.Spec.Licenses = &v1alpha1.Licenses{Standard: 1}
	env.CreateAll(center)
	env.await(v1alpha1.SuperAdminMemberName)
	file := env.file("members.csv", "email,license\nana@example.com,standard\nben@example.com,standard\n")
	hasty := func(s *cli.Session) { s.StuckGrace = time.Second }
	got := env.pluginWith(t.Context(), hasty, "", "import", file, "--wait")
	if got.code != cli.ExitDeadline || !strings.Contains(got.err, "Ready is False, NoSeat: ") || !strings.Contains(got.err, "Saved, but 1 of 2 members cannot become Ready until this is fixed. Run: kubectl member show ") {
		t.Errorf("exit code %d: %s%s", got.code, got.out, got.err)
	}
	waits, _, _ := strings.Cut(strings.TrimPrefix(got.err, "error: "), ":")
	env.plugin("force-offline", waits, "--wait").done(t)
	env.Eventually("login is denied", func() error {
		if env.GetMember(waits).Status.LoginReason != v1alpha1.LoginReasonForcedOffline {
			return errors.New("it is not")
		}
		return nil
	})
	restored := env.plugin("restore-online", waits, "--wait")
	if restored.code != cli.ExitDone || restored.err != "note: "+waits+": restored online, but login is still denied: no Standard seat is free, and the member waits for one\n" {
		t.Errorf("restored: exit code %d: %s%s", restored.code, restored.out, restored.err)
	}
}

func TestWaitEndsAtTheDeadlineAndNamesUnfinishedMembers(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	env.people("ana", "ben")
	env.CreateAll(env.Member("twin", func(spec *v1alpha1.MemberSpec) { spec.Email = "ANA@example.com" }))
	env.plugin("edit", "twin", "--add-group", "nowhere", "--wait", "--timeout", "2s").refused(t, cli.ExitDeadline, "wait_why")
	env.stopOperator()
	env.plugin("force-offline", "ana", "missing", "ben", "--wait", "--timeout", "1s").refused(t, cli.ExitPartly, "wait_partly")
	env.plugin("restore-online", "ana", "ben", "--wait", "--timeout", "1s").refused(t, cli.ExitDeadline, "wait_deadline")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	env.pluginWith(ctx, func(s *cli.Session) {
		s.Out = &onFirst{Writer: s.Out, then: cancel}
	}, "", "restore-online", "ana", "--wait").refused(t, cli.ExitInterrupted, "wait_interrupted")
}
