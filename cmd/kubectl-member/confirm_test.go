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
	env := newEnvironment(t)
	var names []string
	for i := range 12 {
		name := fmt.Sprintf("m%02d", i)
		names = append(names, name)
		member := env.Member(name)
		member.Labels = map[string]string{"team": "night"}
		env.CreateAll(member)
	}
	before := env.memberVersions()
	for _, input := range []string{"n\n", "\n", "", "maybe\n"} {
		a := env.pluginWith(t.Context(), asks, input, "force-offline", "-l", "team=night")
		name := "confirm_no"
		if input == "" {
			name = "confirm_no_answer"
		}
		a.refused(t, cli.ExitDeclined, name)
		if !maps.Equal(before, env.memberVersions()) {
			t.Errorf("the answer %q changed something", input)
		}
	}
	a := env.pluginWith(t.Context(), asks, "y\n", "force-offline", "m00", "m01")
	goldentest.Compare(t, "confirm_yes", a.err+a.out)
	if a.code != cli.ExitDone || !env.GetMember("m00").Spec.ForceOffline || env.GetMember("m02").Spec.ForceOffline {
		t.Errorf("after a yes: exit code %d, %+v", a.code, env.GetMember("m00").Spec)
	}
	for _, arguments := range [][]string{
		append([]string{"restore-online", "--yes"}, names...),
		{"force-offline", "m00"},
		{"delete", "m00", "m01", "--dry-run=client"},
	} {
		if a := env.pluginWith(t.Context(), asks, "", arguments...); a.code != cli.ExitDone || strings.Contains(a.err, "?") {
			t.Errorf("%v: exit code %d, and it says %s", arguments, a.code, a.err)
		}
	}
}

func TestAHiddenQuestionIsNotAnsweredWithYes(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.Member("ana"), env.Member("ben"))
	before := env.memberVersions()
	unseen := func(s *cli.Session) { s.QuestionHidden = true }
	env.pluginWith(t.Context(), unseen, "y\n", "force-offline", "ana", "ben").refused(t, cli.ExitDeclined, "confirm_unseen")
	if !maps.Equal(before, env.memberVersions()) {
		t.Error("something was changed")
	}
	if a := env.pluginWith(t.Context(), unseen, "", "force-offline", "ana", "ben", "--yes"); a.code != cli.ExitDone {
		t.Errorf("with --yes: exit code %d: %s", a.code, a.err)
	}
}

func TestAnInterruptionAtTheQuestionChangesNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.Member("ana"), env.Member("ben"))
	before := env.memberVersions()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	silent, end := io.Pipe()
	defer end.Close()
	a := env.pluginWith(ctx, func(s *cli.Session) {
		s.CanAsk, s.In = true, silent
		s.ErrOut = &onFirst{Writer: s.ErrOut, then: cancel}
	}, "", "delete", "ana", "ben")
	if a.code != cli.ExitInterrupted || !maps.Equal(before, env.memberVersions()) {
		t.Errorf("exit code %d, and the members were %v and are %v", a.code, before, env.memberVersions())
	}
	goldentest.Compare(t, "interrupted_question", a.err)
}
