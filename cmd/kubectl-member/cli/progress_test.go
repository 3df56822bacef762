package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"
)

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
