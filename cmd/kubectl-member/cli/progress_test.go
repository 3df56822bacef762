package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"
)

func TestWithoutATerminalProgressIsALineEveryThousandSteps(t *testing.T) {
	t.Parallel()
	var shown bytes.Buffer
	s := NewSession(genericiooptions.IOStreams{ErrOut: &shown}, func() time.Time { return time.Unix(0, 0) })
	progress := s.NewProgress("import", 3000)
	for range 3000 {
		progress.Step()
	}
	if got, want := shown.String(), "import: 1000 of 3000\nimport: 2000 of 3000\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestABarShowsARateOnlyAfterASecond(t *testing.T) {
	t.Parallel()
	for after, rated := range map[time.Duration]bool{0: false, 999 * time.Millisecond: false, time.Second: true} {
		var shown bytes.Buffer
		now := time.Unix(0, 0)
		s := NewSession(genericiooptions.IOStreams{ErrOut: &shown}, func() time.Time { return now })
		s.ShowsProgress = true
		bar := s.NewProgress("import", 3)
		now = now.Add(after)
		bar.Step()
		time.Sleep(2 * progressThrottle) //nolint:forbidigo // the bar has a clock of its own
		bar.Step()
		if text := shown.String(); strings.Contains(text, "rows/") != rated || !strings.Contains(text, "(2/3") {
			t.Errorf("after %s: %q", after, text)
		}
	}
}
