package mail

import (
	"container/heap"
	"context"
	"time"

	"golang.org/x/time/rate"
)

// never is how far ahead Run sets its timer when nothing waits for a time.
const never = time.Hour

// flight is one attempt: to send a letter, or, without one, to check a server.
type flight struct {
	lane     *lane
	epoch    int
	settings Settings
	letter   *item // nil for a check
	session  Session
	trial    bool
}

// dispatch starts all that may start now, and returns how long until there may
// be more to do.
func (o *Outbox) dispatch(ctx context.Context) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.options.Now()
	o.followClock(now)
	for {
		chosen, wait := o.choose(now)
		if chosen == nil {
			wait = min(wait, o.retireIdle(now))
			o.closeUnused()
			return wait
		}
		started := o.board(chosen, now)
		o.flights.Go(func() { o.fly(ctx, started) })
	}
}

// followClock has all that waits for a time wait as long as before where the clock was
// put back. The clock of a process goes on all the same, with its monotonic reading;
// others need not have one.
func (o *Outbox) followClock(now time.Time) {
	back := o.looked.Sub(now)
	o.looked = now
	if back <= 0 {
		return
	}
	for _, lane := range o.lanes {
		lane.breaker.next = lane.breaker.next.Add(-back)
		for _, waiting := range lane.waiting {
			waiting.letter.NotBefore = waiting.letter.NotBefore.Add(-back)
		}
		for i := range lane.idle {
			lane.idle[i].since = lane.idle[i].since.Add(-back)
		}
		if lane.limiter != nil {
			lane.limiter = rate.NewLimiter(lane.limiter.Limit(), 1)
			lane.limiter.AllowN(now, 1) // at most one letter more than the limit allows
		}
	}
}

// choose picks the lane whose turn it is: of those that can do something now,
// the one with the fewest letters under way, then the one served longest ago.
// Without one it returns how long until there may be one.
func (o *Outbox) choose(now time.Time) (*lane, time.Duration) {
	var best *lane
	wait, shared := never, 0
	for _, lane := range o.lanes {
		shared += max(0, lane.inFlight-1) + lane.outdated
	}
	for _, lane := range o.lanes {
		if lane.inFlight > 0 && shared >= o.options.Concurrency-1 {
			continue // a flight that ends wakes Run
		}
		ready, until := lane.ready(now)
		switch {
		case !ready:
			wait = min(wait, until)
		case best == nil || lane.inFlight < best.inFlight ||
			(lane.inFlight == best.inFlight && lane.served < best.served):
			best = lane
		}
	}
	return best, wait
}

// ready is whether the lane can do something now; if not, how long until it can.
func (l *lane) ready(now time.Time) (bool, time.Duration) {
	if l.settings == nil || l.breaker.trial {
		return false, never
	}
	if !l.breaker.closed() {
		return l.readyForTrial(now)
	}
	if len(l.waiting) == 0 {
		return false, never
	}
	if next := l.waiting[0].letter.NotBefore; next.After(now) {
		return false, next.Sub(now)
	}
	return l.allowed(now)
}

// readyForTrial is ready for a server that is not known to work. An unknown one is
// checked without a letter, so the rate limit is not asked; a failed one is tried
// with a letter if there is one.
func (l *lane) readyForTrial(now time.Time) (bool, time.Duration) {
	if l.breaker.next.After(now) {
		return false, l.breaker.next.Sub(now)
	}
	if !l.breaker.known || len(l.waiting) == 0 {
		return true, 0
	}
	letter, wait := l.trialLetter(now)
	if letter == nil {
		return false, wait
	}
	return l.allowed(now)
}

// allowed is whether the rate limit lets a letter through now; if not, how long
// until it does.
func (l *lane) allowed(now time.Time) (bool, time.Duration) {
	tokens := l.limiter.TokensAt(now)
	if tokens >= 1 || l.limiter.Limit() == rate.Inf {
		return true, 0
	}
	// A millisecond more, or rounding would have Run ask again and again.
	return false, time.Duration((1-tokens)/float64(l.limiter.Limit())*float64(time.Second)) + time.Millisecond
}

// board takes what the lane does next out of it.
func (o *Outbox) board(l *lane, now time.Time) flight {
	o.posted++
	l.served = o.posted
	l.inFlight++
	started := flight{lane: l, epoch: l.epoch, settings: *l.settings}
	switch {
	case l.breaker.closed():
		started.letter = l.waiting[0]
	case l.breaker.known:
		started.letter, _ = l.trialLetter(now)
		started.trial = true
	default:
		started.trial = true
	}
	l.breaker.trial = started.trial
	if started.letter != nil {
		heap.Remove(&l.waiting, started.letter.position)
		started.letter.inFlight = true
		o.flying[started.letter.letter.Member] = started.letter
		l.limiter.AllowN(now, 1)
		started.session = l.takeIdle()
	}
	return started
}

// retireIdle gives up connections that were kept for long enough, and returns
// how long until the next one is due.
func (o *Outbox) retireIdle(now time.Time) time.Duration {
	wait := never
	for _, lane := range o.lanes {
		o.unused = append(o.unused, lane.takeIdleSince(now.Add(-idleTimeout))...)
		for _, kept := range lane.idle {
			wait = min(wait, kept.since.Add(idleTimeout).Sub(now)+time.Millisecond)
		}
	}
	return wait
}
