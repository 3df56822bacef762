package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"
)

func TestSeveralMembersAreChangedOnATerminalOnlyAfterAYes(t *testing.T) {
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
		a.refused(t, exitDeclined, name)
		if !maps.Equal(before, d.memberVersions()) {
			t.Errorf("the answer %q changed something", input)
		}
	}
	a := d.pluginWith(t.Context(), asks, "y\n", "force-offline", "m00", "m01")
	golden(t, "confirm_yes", a.err+a.out)
	if a.code != exitDone || !d.get("m00").Spec.ForceOffline || d.get("m02").Spec.ForceOffline {
		t.Errorf("after a yes: exit code %d, %+v", a.code, d.get("m00").Spec)
	}
	for _, arguments := range [][]string{
		append([]string{"restore-online", "--yes"}, names...),
		{"force-offline", "m00"},
		{"delete", "m00", "m01", "--dry-run=client"},
	} {
		if a := d.pluginWith(t.Context(), asks, "", arguments...); a.code != exitDone || strings.Contains(a.err, "?") {
			t.Errorf("%v: exit code %d, and it says %s", arguments, a.code, a.err)
		}
	}
}

func TestAQuestionThatNobodyWouldSeeIsNotAnsweredWithYes(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	d.create(d.member("ana"), d.member("ben"))
	before := d.memberVersions()
	unseen := func(s *session) { s.unseen = true }
	d.pluginWith(t.Context(), unseen, "y\n", "force-offline", "ana", "ben").refused(t, exitDeclined, "confirm_unseen")
	if !maps.Equal(before, d.memberVersions()) {
		t.Error("something was changed")
	}
	if a := d.pluginWith(t.Context(), unseen, "", "force-offline", "ana", "ben", "--yes"); a.code != exitDone {
		t.Errorf("with --yes: exit code %d: %s", a.code, a.err)
	}
}

func TestAPersonIsAskedWhereTheQuestionIsSeenWhereverTheOutputGoes(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil || !isTerminal(terminal) {
		t.Skipf("this machine has no terminals to make: %v", err)
	}
	defer terminal.Close()
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	for _, test := range []struct {
		in, out, errOut       bool
		asks, unseen, colours bool
	}{
		{in: true, out: true, errOut: true, asks: true, colours: true},
		{in: true, errOut: true, asks: true},
		{in: true, out: true, unseen: true, colours: true},
		{in: true, unseen: true},
		{out: true, errOut: true, colours: true},
		{},
	} {
		stream := func(isTerminal bool) io.ReadWriter {
			if isTerminal {
				return terminal
			}
			return &bytes.Buffer{}
		}
		s := newSession(genericiooptions.IOStreams{In: stream(test.in), Out: stream(test.out), ErrOut: stream(test.errOut)}, time.Now) //nolint:forbidigo // it is not asked for the time
		if s.asks != test.asks || s.unseen != test.unseen || s.colours != test.colours {
			t.Errorf("%+v: asks %t, unseen %t, colours %t", test, s.asks, s.unseen, s.colours)
		}
	}
}

func TestInterruptedAtTheQuestionNothingIsChanged(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	d.create(d.member("ana"), d.member("ben"))
	before := d.memberVersions()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	silent, end := io.Pipe()
	defer end.Close()
	a := d.pluginWith(ctx, func(s *session) {
		s.asks, s.In = true, silent
		s.ErrOut = &onFirst{Writer: s.ErrOut, then: cancel}
	}, "", "delete", "ana", "ben")
	if a.code != exitInterrupted || !maps.Equal(before, d.memberVersions()) {
		t.Errorf("exit code %d, and the members were %v and are %v", a.code, before, d.memberVersions())
	}
	golden(t, "interrupted_question", a.err)
}
