package mail

import (
	"container/heap"
	"slices"
	"time"

	"golang.org/x/time/rate"
)

// route leads to one contact center's mail server. It holds the e-mails that wait
// for the server, its connections, its rate limit, and its circuit breaker.
type route struct {
	name     string
	settings *Settings // nil while the contact center has no usable mail settings
	epoch    int       // counts changes of the settings, so that attempts know theirs
	waiting  queue
	inFlight int    // attempts in progress with the current settings
	outdated int    // attempts in progress with earlier settings
	served   uint64 // when it last got a turn, for fairness
	limiter  *rate.Limiter
	breaker  breaker
	idle     []idleSession // the longest idle one first
}

// idleSession is an open connection that no attempt uses.
type idleSession struct {
	session Session
	since   time.Time
}

// idleTimeout is how long a connection is kept for the next e-mail. Mail servers
// wait longer (RFC 5321, section 4.5.3.2.7: five minutes), but not all do.
const idleTimeout = 15 * time.Second

// configure gives the route new settings, or none. The caller closes the connections.
func (r *route) configure(settings *Settings, now time.Time) {
	r.epoch++
	r.outdated += r.inFlight
	r.inFlight = 0
	r.breaker = breaker{}
	r.settings = settings
	if settings == nil {
		return
	}
	limit := rate.Inf
	if settings.MaxPerMinute > 0 {
		limit = rate.Limit(float64(settings.MaxPerMinute) / 60)
	}
	if r.limiter == nil {
		r.limiter = rate.NewLimiter(limit, 1)
	} else if r.limiter.Limit() != limit {
		r.limiter.SetLimitAt(now, limit)
	}
	r.tryAllNow(now)
}

// tryAllNow ends the wait of every e-mail that waits for a later time.
func (r *route) tryAllNow(now time.Time) {
	for _, waiting := range r.waiting {
		if waiting.delivery.NotBefore.After(now) {
			waiting.delivery.NotBefore = now
		}
	}
	heap.Init(&r.waiting)
}

// trialItem returns the item to try a failed server with, or nil and how long
// until there may be one. A server that defers e-mails is tried with those whose
// time has come; a server that cannot be reached, with any. The e-mail with the
// fewest attempts comes first. Every second trial of a server that defers takes
// the one with the most: greylisting accepts e-mails that it deferred before.
func (r *route) trialItem(now time.Time) (*item, time.Duration) {
	deferring := r.breaker.failed.concernsMessage()
	sign := 1
	if deferring && r.breaker.failures%2 == 0 {
		sign = -1
	}
	var best *item
	wait := maxWait
	for _, waiting := range r.waiting {
		if until := waiting.delivery.NotBefore.Sub(now); deferring && until > 0 {
			wait = min(wait, until)
			continue
		}
		if best == nil || sign*waiting.delivery.Attempts < sign*best.delivery.Attempts ||
			(waiting.delivery.Attempts == best.delivery.Attempts && waiting.order < best.order) {
			best = waiting
		}
	}
	return best, wait
}

// takeIdle returns an idle connection, or nil.
func (r *route) takeIdle() Session {
	if len(r.idle) == 0 {
		return nil
	}
	last := r.idle[len(r.idle)-1]
	r.idle = r.idle[:len(r.idle)-1]
	return last.session
}

// takeIdleSince removes and returns the connections that are idle since a time or
// longer.
func (r *route) takeIdleSince(since time.Time) []Session {
	var taken []Session
	for len(taken) < len(r.idle) && !r.idle[len(taken)].since.After(since) {
		taken = append(taken, r.idle[len(taken)].session)
	}
	r.idle = slices.Delete(r.idle, 0, len(taken))
	return taken
}
