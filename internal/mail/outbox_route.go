package mail

import (
	"cmp"
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
	waiting  []*item   // sorted by turn
	inFlight int       // attempts in progress with the current settings
	outdated int       // attempts in progress with earlier settings
	served   uint64    // when it last got a turn, for fairness
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
	slices.SortFunc(r.waiting, byTurn)
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
		if best == nil || cmp.Or(sign*cmp.Compare(waiting.delivery.Attempts, best.delivery.Attempts),
			cmp.Compare(waiting.order, best.order)) < 0 {
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

// Health is what is known about a contact center's mail server.
type Health struct {
	// Settings is the hash of the settings that the rest is about; empty without settings.
	Settings string
	// Known reports whether the server was tried with these settings.
	Known bool
	// Failed is the server's failure; nil if it works, or is not known yet.
	Failed *StageError
}

// Ready reports whether the server accepts e-mails.
func (h Health) Ready() bool { return h.Known && h.Failed == nil }

// SetRoute gives a contact center its mail settings. If they differ from those
// before, the server is checked again, and every e-mail may be tried at once.
func (o *Outbox) SetRoute(name string, settings Settings) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if route := o.route(name); route.settings == nil || route.settings.Hash != settings.Hash {
		o.configure(route, &settings)
	}
}

// RemoveRoute removes a contact center's mail settings. Its e-mails wait.
func (o *Outbox) RemoveRoute(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if route, ok := o.routes[name]; ok {
		o.configure(route, nil)
		o.removeIfUnused(route)
	}
}

// configure changes the settings of a route. The caller holds the lock.
func (o *Outbox) configure(r *route, settings *Settings) {
	now := o.clock.now()
	o.unused = append(o.unused, r.takeIdleSince(now)...)
	r.configure(settings, now)
	o.nudge()
}

// Health returns what is known about a contact center's mail server.
func (o *Outbox) Health(name string) Health {
	o.mu.Lock()
	defer o.mu.Unlock()
	route, ok := o.routes[name]
	if !ok || route.settings == nil {
		return Health{}
	}
	return Health{Settings: route.settings.Hash, Known: route.breaker.known, Failed: route.breaker.failed}
}

// route returns the route of a contact center, and creates it if needed. The
// caller holds the lock.
func (o *Outbox) route(name string) *route {
	found, ok := o.routes[name]
	if !ok {
		found = &route{name: name}
		o.routes[name] = found
	}
	return found
}

// removeIfUnused removes a route without settings, attempts and e-mails. The
// caller holds the lock.
func (o *Outbox) removeIfUnused(r *route) {
	if r.settings == nil && r.inFlight+r.outdated == 0 && len(r.waiting) == 0 {
		delete(o.routes, r.name)
	}
}
