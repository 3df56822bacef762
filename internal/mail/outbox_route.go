package mail

import (
	"container/heap"
	"time"

	"golang.org/x/time/rate"
)

// item is a letter in the outbox.
type item struct {
	letter    Letter
	order     uint64 // the lower, the longer it has waited
	position  int    // in its lane's queue; kept by the queue
	inFlight  bool
	withdrawn bool    // not to be tried again
	forgotten bool    // nobody waits for its result
	follow    *Letter // posted while this one was under way
	parked    *item   // to another Member of the same name; goes after this one
	behind    *item   // the one that this one is parked behind; nil if it is queued
}

// lane is the way to one contact centre's mail server: the letters that wait
// for it, its connections, its rate limit and its circuit breaker.
type lane struct {
	route    string
	settings *Settings // nil while the contact centre's mail cannot work
	epoch    int       // counts the settings, so that news about old ones is known as such
	waiting  queue
	inFlight int    // with the settings of now
	outdated int    // still under way with settings of the past
	served   uint64 // when it last got a turn, for fairness
	limiter  *rate.Limiter
	breaker  breaker
	idle     []idleSession
}

// idleSession is a kept connection.
type idleSession struct {
	session Session
	since   time.Time
}

// idleTimeout is how long a connection is kept for the next letter. Mail servers
// wait longer (RFC 5321, section 4.5.3.2.7: five minutes), but not all do.
const idleTimeout = 15 * time.Second

// configure gives the lane new settings, or none. What was found out about the
// old ones, the connections included, is to be dropped by the caller.
func (l *lane) configure(settings *Settings, now time.Time) {
	l.epoch++
	l.outdated += l.inFlight
	l.inFlight = 0
	l.breaker = breaker{}
	l.settings = settings
	if settings == nil {
		return
	}
	limit := rate.Inf
	if settings.MaxPerMinute > 0 {
		limit = rate.Limit(float64(settings.MaxPerMinute) / 60)
	}
	if l.limiter == nil {
		l.limiter = rate.NewLimiter(limit, 1)
	} else if l.limiter.Limit() != limit {
		l.limiter.SetLimitAt(now, limit)
	}
	l.release(now)
}

// release lets every letter go at once that waits for a better time.
func (l *lane) release(now time.Time) {
	for _, waiting := range l.waiting {
		if waiting.letter.NotBefore.After(now) {
			waiting.letter.NotBefore = now
		}
	}
	heap.Init(&l.waiting)
}

// trialLetter is the letter to try a failed server with, or nil and how long
// until there may be one. A server that puts letters off is tried with those whose
// time has come; one that cannot be talked to with any. The letter that was tried
// least comes first. Every second trial with a server that puts letters off is
// the other way round: greylisting lets those through that were put off before.
func (l *lane) trialLetter(now time.Time) (*item, time.Duration) {
	deferring := l.breaker.failed.ofTheLetter()
	sign := 1
	if deferring && l.breaker.failures%2 == 0 {
		sign = -1
	}
	var best *item
	wait := never
	for _, waiting := range l.waiting {
		if until := waiting.letter.NotBefore.Sub(now); deferring && until > 0 {
			wait = min(wait, until)
			continue
		}
		if best == nil || sign*waiting.letter.Attempts < sign*best.letter.Attempts ||
			(waiting.letter.Attempts == best.letter.Attempts && waiting.order < best.order) {
			best = waiting
		}
	}
	return best, wait
}

// takeIdle returns a kept connection, or nil.
func (l *lane) takeIdle() Session {
	if len(l.idle) == 0 {
		return nil
	}
	last := l.idle[len(l.idle)-1]
	l.idle = l.idle[:len(l.idle)-1]
	return last.session
}

// takeAllIdle returns every kept connection.
func (l *lane) takeAllIdle() []Session {
	return l.takeIdleSince(time.Time{})
}

// takeIdleSince returns the connections that have been idle since before a time;
// all of them for the zero time.
func (l *lane) takeIdleSince(before time.Time) []Session {
	var taken []Session
	kept := l.idle[:0]
	for _, idle := range l.idle {
		if before.IsZero() || idle.since.Before(before) {
			taken = append(taken, idle.session)
		} else {
			kept = append(kept, idle)
		}
	}
	clear(l.idle[len(kept):])
	l.idle = kept
	return taken
}

// queue holds waiting letters, the next one first. It implements heap.Interface.
type queue []*item

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	a, b := q[i], q[j]
	if !a.letter.NotBefore.Equal(b.letter.NotBefore) {
		return a.letter.NotBefore.Before(b.letter.NotBefore)
	}
	return a.order < b.order
}

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].position, q[j].position = i, j
}

func (q *queue) Push(x any) {
	waiting, ok := x.(*item)
	if !ok {
		panic("mail: only letters go into the queue")
	}
	waiting.position = len(*q)
	*q = append(*q, waiting)
}

func (q *queue) Pop() any {
	last := len(*q) - 1
	waiting := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return waiting
}
