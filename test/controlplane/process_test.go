package controlplane

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestAProcessEndsAsItIsTold(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		end    func(*Process) error
		want   string
	}{
		"Stop asks it":             {"echo ready; exec sleep 60", (*Process).Stop, ""},
		"Stop kills the unwilling": {"trap '' TERM; echo ready; while :; do sleep 0.01; done", (*Process).Stop, "was killed"},
		"Kill does not ask":        {"trap '' TERM; echo ready; while :; do sleep 0.01; done", (*Process).Kill, ""},
		"Stop comes too late":      {"echo ready; exit 3", func(p *Process) error { <-p.Done(); return p.Stop() }, "ended by itself"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output, input := io.Pipe()
			p, err := StartProcess(t.Context(), input, 100*time.Millisecond, "/bin/sh", "-c", test.script)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(output, make([]byte, len("ready"))); err != nil {
				t.Fatal(err)
			}
			go io.Copy(io.Discard, output)
			err = test.end(p)
			input.Close()
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestAProgramThatEndsIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	address, err := FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	process, err := StartProcess(t.Context(), io.Discard, time.Second, "/bin/sh", "-c", "exit 3")
	if err != nil {
		t.Fatal(err)
	}
	if err := process.AwaitReady(t.Context(), "http://"+address, time.Minute); err == nil || !strings.Contains(err.Error(), "ended by itself") {
		t.Errorf("the error is %v", err)
	}
	_ = process.Stop() // it has ended
}
