package mail

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// maxWait is how long Run waits when nothing has a time.
const maxWait = time.Hour

// dispatch starts every attempt that may start now, and returns how long until
// there may be more to do.
func (o *Outbox) dispatch(ctx context.Context) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.clock.now()
	for {
		chosen, wait := o.choose(now)
		if chosen == nil {
			wait = min(wait, o.retireIdle(now))
			o.closeUnused()
			return wait
		}
		started := o.start(chosen, now)
		o.attempts.Go(func() { o.run(ctx, started) })
	}
}

// choose returns the route whose turn it is: of those that can do something now,
// the one with the fewest attempts in progress, then the one served longest ago.
// If there is none, it returns how long until there may be one.
func (o *Outbox) choose(now time.Time) (*route, time.Duration) {
	var best *route
	wait, shared := maxWait, 0
	for _, route := range o.routes {
		shared += max(0, route.inFlight-1) + route.outdated
	}
	for _, route := range o.routes {
		if route.inFlight > 0 && shared >= o.options.Concurrency-1 {
			continue // an attempt that ends wakes Run
		}
		ready, until := route.ready(now)
		switch {
		case !ready:
			wait = min(wait, until)
		case best == nil || route.inFlight < best.inFlight ||
			(route.inFlight == best.inFlight && route.served < best.served):
			best = route
		}
	}
	return best, wait
}

// ready reports whether the route can do something now; if not, how long until it can.
func (r *route) ready(now time.Time) (bool, time.Duration) {
	if r.settings == nil || r.breaker.trial {
		return false, maxWait
	}
	if !r.breaker.closed() {
		return r.readyForTrial(now)
	}
	if len(r.waiting) == 0 {
		return false, maxWait
	}
	if next := r.waiting[0].delivery.NotBefore; next.After(now) {
		return false, next.Sub(now)
	}
	return r.allowed(now)
}

// readyForTrial is ready for a server that is not known to work. An unknown server
// is checked without an e-mail, which the rate limit does not count; a failed
// server is tried with an e-mail if there is one.
func (r *route) readyForTrial(now time.Time) (bool, time.Duration) {
	if r.breaker.next.After(now) {
		return false, r.breaker.next.Sub(now)
	}
	if !r.breaker.known || len(r.waiting) == 0 {
		return true, 0
	}
	if trial, wait := r.trialItem(now); trial == nil {
		return false, wait
	}
	return r.allowed(now)
}

// allowed reports whether the rate limit allows an e-mail now; if not, how long
// until it does.
func (r *route) allowed(now time.Time) (bool, time.Duration) {
	tokens := r.limiter.TokensAt(now)
	if tokens >= 1 || r.limiter.Limit() == rate.Inf {
		return true, 0
	}
	// The extra millisecond makes up for rounding, or Run would spin.
	return false, time.Duration((1-tokens)/float64(r.limiter.Limit())*float64(time.Second)) + time.Millisecond
}

// start takes the next attempt of a route.
func (o *Outbox) start(r *route, now time.Time) attempt {
	o.sequence++
	r.served = o.sequence
	r.inFlight++
	started := attempt{route: r, epoch: r.epoch, settings: *r.settings}
	switch {
	case r.breaker.closed():
		started.item = r.waiting[0]
	case r.breaker.known:
		started.item, _ = r.trialItem(now)
		started.trial = true
	default:
		started.trial = true
	}
	r.breaker.trial = started.trial
	if started.item != nil {
		o.advance(started.item, eventStarted)
		r.limiter.AllowN(now, 1)
		started.session = r.takeIdle()
	}
	return started
}

// retireIdle gives up connections that were idle for too long, and returns how
// long until the next one is due.
func (o *Outbox) retireIdle(now time.Time) time.Duration {
	wait := maxWait
	for _, route := range o.routes {
		o.unused = append(o.unused, route.takeIdleSince(now.Add(-idleTimeout))...)
		if len(route.idle) > 0 {
			wait = min(wait, route.idle[0].since.Add(idleTimeout).Sub(now))
		}
	}
	return wait
}
