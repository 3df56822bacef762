package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
)

func TestOnATerminalSeveralMembersAreChangedOnlyAfterConfirmation(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	var names []string
	for i := range 12 {
		name := fmt.Sprintf("m%02d", i)
		names = append(names, name)
		member := d.member(name)
		member.Labels = map[string]string{"team": "night"}
		d.create(member)
	}
	before := d.memberVersions()
	for _, input := range []string{"n\n", "\n", "", "maybe\n"} {
		a := d.pluginWith(t.Context(), asks, input, "force-offline", "-l", "team=night")
		name := "confirm_no"
		if input == "" {
			name = "confirm_no_answer"
		}
		a.refused(t, cli.ExitDeclined, name)
		if !maps.Equal(before, d.memberVersions()) {
			t.Errorf("the answer %q changed something", input)
		}
	}
	a := d.pluginWith(t.Context(), asks, "y\n", "force-offline", "m00", "m01")
	goldentest.Compare(t, "confirm_yes", a.err+a.out)
	if a.code != cli.ExitDone || !d.get("m00").Spec.ForceOffline || d.get("m02").Spec.ForceOffline {
		t.Errorf("after a yes: exit code %d, %+v", a.code, d.get("m00").Spec)
	}
	for _, arguments := range [][]string{
		append([]string{"restore-online", "--yes"}, names...),
		{"force-offline", "m00"},
		{"delete", "m00", "m01", "--dry-run=client"},
	} {
		if a := d.pluginWith(t.Context(), asks, "", arguments...); a.code != cli.ExitDone || strings.Contains(a.err, "?") {
			t.Errorf("%v: exit code %d, and it says %s", arguments, a.code, a.err)
		}
	}
}

func TestAHiddenQuestionIsNotAnsweredWithYes(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	d.create(d.member("ana"), d.member("ben"))
	before := d.memberVersions()
	unseen := func(s *cli.Session) { s.QuestionHidden = true }
	d.pluginWith(t.Context(), unseen, "y\n", "force-offline", "ana", "ben").refused(t, cli.ExitDeclined, "confirm_unseen")
	if !maps.Equal(before, d.memberVersions()) {
		t.Error("something was changed")
	}
	if a := d.pluginWith(t.Context(), unseen, "", "force-offline", "ana", "ben", "--yes"); a.code != cli.ExitDone {
		t.Errorf("with --yes: exit code %d: %s", a.code, a.err)
	}
}

func TestAnInterruptionAtTheQuestionChangesNothing(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	d.create(d.member("ana"), d.member("ben"))
	before := d.memberVersions()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	silent, end := io.Pipe()
	defer end.Close()
	a := d.pluginWith(ctx, func(s *cli.Session) {
		s.CanAsk, s.In = true, silent
		s.ErrOut = &onFirst{Writer: s.ErrOut, then: cancel}
	}, "", "delete", "ana", "ben")
	if a.code != cli.ExitInterrupted || !maps.Equal(before, d.memberVersions()) {
		t.Errorf("exit code %d, and the members were %v and are %v", a.code, before, d.memberVersions())
	}
	goldentest.Compare(t, "interrupted_question", a.err)
}
