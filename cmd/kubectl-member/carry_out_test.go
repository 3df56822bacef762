package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

// onFirst is a writer that calls a function after the first write.
type onFirst struct {
	io.Writer

	then func()
	once sync.Once
}

// Write writes, and calls the function after the first write.
func (w *onFirst) Write(text []byte) (int, error) {
	defer w.once.Do(w.then)
	return w.Writer.Write(text)
}

func TestAnInterruptionReportsUpdatedAndOtherMembers(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprintf("m%02d", i))
		env.CreateAll(env.Member(names[i]))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	a := env.pluginWith(ctx, func(s *cli.Session) {
		s.Out = &onFirst{Writer: s.Out, then: cancel}
	}, "", append([]string{"force-offline"}, names...)...)
	done := 0
	for _, name := range names {
		if env.GetMember(name).Spec.ForceOffline {
			done++
		}
	}
	said := strings.Count(a.out, "forced offline")
	if a.code != cli.ExitInterrupted || said != done || done == len(names) || !strings.Contains(a.err, fmt.Sprintf("%d of 40 members updated, not started: m%02d, ", done, done)) {
		t.Errorf("exit code %d, %d members are offline, %d lines, and it says %s", a.code, done, said, a.err)
	}
}
