package cli

import (
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

const (
	// progressEvery is after how many things a line is written where there is no
	// terminal to show a bar on.
	progressEvery = 1000
	// progressThrottle is how long a bar stays as it is at least.
	progressThrottle = 100 * time.Millisecond
	// progressRated is after how long a bar shows a rate: that of the first moments is
	// of no use.
	progressRated = time.Second
)

// Progress shows how far something is, on ErrOut: as a bar on a terminal, as plain
// lines elsewhere. Several may count at the same time.
type Progress struct {
	session *Session
	what    string
	total   int
	bar     *progressbar.ProgressBar
	begun   time.Time

	mu   sync.Mutex
	done int
}

// NewProgress begins to show the progress of something with so many parts.
func (s *Session) NewProgress(what string, total int) *Progress {
	p := &Progress{session: s, what: what, total: total}
	if s.ShowsProgress && total > 0 {
		p.begun = s.Now()
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(s.ErrOut), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionSetItsString("rows"),
			progressbar.OptionThrottle(progressThrottle), progressbar.OptionClearOnFinish())
	}
	return p
}

// Step counts one part as done.
func (p *Progress) Step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	switch {
	case p.bar != nil:
		if p.session.Now().Sub(p.begun) >= progressRated {
			progressbar.OptionShowIts()(p.bar)
		}
		// A bar that cannot be drawn must not stop the work.
		_ = p.bar.Add(1) //nolint:errcheck // as said above
	case p.done%progressEvery == 0 && p.done < p.total:
		Say(p.session.ErrOut, "%s: %d of %d\n", p.what, p.done, p.total)
	}
}

// End takes a bar away, so that what follows has the line to itself.
func (p *Progress) End() {
	if p.bar != nil {
		_ = p.bar.Clear() //nolint:errcheck // as in step
	}
}
