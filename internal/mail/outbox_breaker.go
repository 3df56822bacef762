package mail

import "time"

// Times of the circuit breaker and of single letters.
const (
	// breakerBase and breakerMost bound the time after which a mail server that
	// failed is tried again.
	breakerBase = time.Second
	breakerMost = time.Minute
	// cutMost is in place of breakerMost for a server that accepts recipients and
	// then cuts letters off.
	cutMost = 4 * time.Second
	// deferralPause is the time between letters to a server that answers and puts
	// letters off. That may be about those letters only, so others get their
	// chance soon; each by itself is tried less and less often.
	deferralPause = 250 * time.Millisecond
	// letterBase and letterMost bound the time after which a letter is tried
	// again that the server put off, for example by greylisting.
	letterBase = 2 * time.Second
	letterMost = time.Minute
	// deferralsToOpen is how often in a row letters may be put off, each perhaps
	// through its own fault, until it counts as the server's. While others get
	// through, a letter that is put off again and again never comes to it.
	deferralsToOpen = 3
)

// breaker keeps letters from a mail server that does not take them. Its zero
// value does not know the server yet, and lets one check through first.
type breaker struct {
	known     bool // whether there was an answer since the settings changed
	failed    *StageError
	failures  int       // in a row
	deferrals int       // attempts put off in a row
	next      time.Time // when a failed server is tried again
	trial     bool      // one attempt is under way that will tell
}

// closed is whether letters may flow.
func (b *breaker) closed() bool { return b.known && b.failed == nil }

// succeed notes that the server works, and says whether that is news.
func (b *breaker) succeed() bool {
	news := !b.closed()
	*b = breaker{known: true}
	return news
}

// fail notes a failure of the attempt at a letter. Failures of the server open
// the breaker at once, failures that may be a letter's own fault when several
// in a row have them. It says whether the breaker is open now.
func (b *breaker) fail(failure *StageError, now time.Time, jitter float64) bool {
	if failure.ofTheLetter() && b.closed() {
		b.deferrals++
		if b.deferrals < deferralsToOpen {
			return false
		}
	}
	b.known = true
	b.trial = false
	b.failed = failure
	b.failures++
	switch {
	case !failure.ofTheLetter():
		b.next = now.Add(backOff(b.failures, breakerBase, breakerMost, jitter))
	case connectionLost(failure):
		b.next = now.Add(backOff(b.failures, breakerBase, cutMost, jitter))
	default:
		b.next = now.Add(deferralPause)
	}
	return true
}

// backOff is how long to wait after so many failures in a row: doubled each
// time, bounded, and shortened at random by up to a half.
func backOff(failures int, base, most time.Duration, jitter float64) time.Duration {
	wait := most
	if doublings := failures - 1; doublings < 16 {
		wait = min(base<<doublings, most)
	}
	return wait - time.Duration(jitter*float64(wait)/2)
}
