package mail

import "time"

// Waits of the circuit breaker and of single e-mails.
const (
	// breakerMin and breakerMax limit the time after which a failed mail server is
	// tried again.
	breakerMin = time.Second
	breakerMax = time.Minute
	// disconnectMax replaces breakerMax for a server that accepts recipients and
	// then disconnects.
	disconnectMax = 4 * time.Second
	// deferralPause is the time between e-mails to a server that answers and defers
	// them. The cause may be those e-mails alone, so others are tried soon; each
	// e-mail by itself is tried less and less often.
	deferralPause = 250 * time.Millisecond
	// retryMin and retryMax limit the time after which a deferred e-mail is tried
	// again. Greylisting servers defer, for example.
	retryMin = 2 * time.Second
	retryMax = time.Minute
	// deferralsToOpen is how many deferrals in a row count as the server's failure.
	// While other e-mails are accepted, one that is deferred again and again never
	// gets there.
	deferralsToOpen = 3
)

// breaker is the circuit breaker of a mail server. The zero value does not know
// the server yet, and allows one check.
type breaker struct {
	known     bool // the server answered since the settings changed
	failed    *StageError
	failures  int       // in a row
	deferrals int       // in a row
	next      time.Time // when a failed server is tried again
	trial     bool      // the attempt that decides is in progress
}

// closed reports whether e-mails may be sent.
func (b *breaker) closed() bool { return b.known && b.failed == nil }

// succeed records that the server works, and reports whether that is a change.
func (b *breaker) succeed() bool {
	changed := !b.closed()
	*b = breaker{known: true}
	return changed
}

// fail records a failed attempt, and reports whether the breaker is open now.
// Failures of the server open it at once; failures that may concern one message
// open it when several follow each other.
func (b *breaker) fail(failure *StageError, now time.Time, jitter float64) bool {
	if failure.concernsMessage() && b.closed() {
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
	case !failure.concernsMessage():
		b.next = now.Add(backOff(b.failures, breakerMin, breakerMax, jitter))
	case connectionLost(failure):
		b.next = now.Add(backOff(b.failures, breakerMin, disconnectMax, jitter))
	default:
		b.next = now.Add(deferralPause)
	}
	return true
}

// backOff returns how long to wait after a number of failures in a row: doubled
// each time, limited, and shortened at random by up to a half.
func backOff(failures int, base, most time.Duration, jitter float64) time.Duration {
	wait := most
	if doublings := failures - 1; doublings < 16 {
		wait = min(base<<doublings, most)
	}
	return wait - time.Duration(jitter*float64(wait)/2)
}
