package cli

import (
	"bytes"
	"io"
	"os"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"
)

func TestQuestionsAreAskedWhereTheUserSeesThem(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil || !IsTerminal(terminal) {
		t.Skipf("this machine has no terminals to make: %v", err)
	}
	defer terminal.Close()
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	for _, test := range []struct {
		in, out, errOut      bool
		asks, unseen, colors bool
	}{
		{in: true, out: true, errOut: true, asks: true, colors: true},
		{in: true, errOut: true, asks: true},
		{in: true, out: true, unseen: true, colors: true},
		{in: true, unseen: true},
		{out: true, errOut: true, colors: true},
		{},
	} {
		stream := func(isTerminal bool) io.ReadWriter {
			if isTerminal {
				return terminal
			}
			return &bytes.Buffer{}
		}
		s := NewSession(genericiooptions.IOStreams{In: stream(test.in), Out: stream(test.out), ErrOut: stream(test.errOut)}, time.Now) //nolint:forbidigo // it is not asked for the time
		if s.CanAsk != test.asks || s.QuestionHidden != test.unseen || s.Colors != test.colors {
			t.Errorf("%+v: asks %t, unseen %t, colors %t", test, s.CanAsk, s.QuestionHidden, s.Colors)
		}
	}
}
