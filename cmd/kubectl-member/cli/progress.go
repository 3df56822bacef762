package cli

import (
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

const (
	// progressThrottle is the shortest time between two updates of a bar.
	progressThrottle = 100 * time.Millisecond
	// progressRated is the time after which a bar shows a rate. Earlier rates are of no use.
	progressRated = time.Second
)

// Progress shows progress on ErrOut: as a bar on a terminal, as plain lines elsewhere. It is safe
// for concurrent use.
type Progress struct {
	session *Session
	what    string
	total   int
	bar     *progressbar.ProgressBar
	begun   time.Time

	mu   sync.Mutex
	done int
}

// NewProgress starts to show the progress of total steps.
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

// Step counts one step as done.
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
	case p.done < p.total && p.done%p.session.ProgressEvery == 0:
		Say(p.session.ErrOut, "%s: %d of %d\n", p.what, p.done, p.total)
	}
}

// End removes the bar.
func (p *Progress) End() {
	if p.bar != nil {
		_ = p.bar.Clear() //nolint:errcheck // as in step
	}
}
