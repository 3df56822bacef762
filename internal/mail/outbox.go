package mail

import (
	"context"
	"sync"
	"time"
)

// OutboxOptions are what an Outbox needs from outside.
type OutboxOptions struct {
	// Concurrency is how many letters are under way at a time. Each contact
	// centre may always have one; what is left is shared, fewest first.
	Concurrency int
	// Source supplies recipients and contents.
	Source Source
	// Dialer opens connections to mail servers.
	Dialer Dialer
	// Now is the clock.
	Now func() time.Time
	// Jitter gives a random number from 0 up to 1, so that retries spread out.
	Jitter func() float64
	// Grace is how long letters under way may take to finish when Run is told to stop.
	Grace time.Duration
	// OnLetter is told of every letter that has a new result, by Run's goroutine.
	OnLetter func(letter Letter)
	// OnRoute is told of every contact centre whose Health has changed, likewise.
	OnRoute func(route string)
	// Observe is told how every attempt ended, for metrics.
	Observe func(outcome Outcome)
}

// Outbox sends letters beside whoever posts them. All methods may be called at
// any time, from any goroutine; letters move only while Run runs.
type Outbox struct {
	options OutboxOptions
	wake    chan struct{}
	flights sync.WaitGroup

	mu      sync.Mutex
	lanes   map[string]*lane
	items   map[string]*item  // by UID
	flying  map[string]*item  // letters under way, by Member
	results map[string]Result // by UID
	news    []func()          // for OnLetter and OnRoute, to be told by Run
	posted  uint64            // counts letters, to keep their order
	looked  time.Time         // when dispatch last looked at the clock
	unused  []Session         // to be closed by Run
}

// NewOutbox makes an empty Outbox.
func NewOutbox(options OutboxOptions) *Outbox {
	return &Outbox{
		options: options,
		wake:    make(chan struct{}, 1),
		lanes:   map[string]*lane{},
		items:   map[string]*item{},
		results: map[string]Result{},
		flying:  map[string]*item{},
	}
}

// Run sends letters until ctx ends. It then starts no more, waits for those
// under way, and returns when every connection is closed.
func (o *Outbox) Run(ctx context.Context) {
	flightContext, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		next := o.dispatch(flightContext)
		o.tell()
		timer.Reset(next)
		select {
		case <-ctx.Done():
		case <-o.wake:
		case <-timer.C:
		}
	}
	o.land(abort)
}

// land waits for the letters under way, for the grace period at most, and
// closes what is left open.
func (o *Outbox) land(abort context.CancelFunc) {
	grace := time.AfterFunc(o.options.Grace, abort)
	defer grace.Stop()
	o.flights.Wait()
	o.tell()
	o.mu.Lock()
	for _, lane := range o.lanes {
		o.unused = append(o.unused, lane.takeAllIdle()...)
	}
	o.closeUnused()
	o.mu.Unlock()
	o.flights.Wait()
}

// closeUnused closes connections aside, since a server may be slow to say
// goodbye. Only Run, which waits for it, may call it.
func (o *Outbox) closeUnused() {
	for _, session := range o.unused {
		o.flights.Go(session.Close)
	}
	o.unused = nil
}

// tell delivers the news. It holds no lock, so that whoever is told may take its
// time and may ask the outbox.
func (o *Outbox) tell() {
	o.mu.Lock()
	news := o.news
	o.news = nil
	o.mu.Unlock()
	for _, tell := range news {
		tell()
	}
}

// nudge has Run look at its letters again.
func (o *Outbox) nudge() {
	select {
	case o.wake <- struct{}{}:
	default: // it is about to
	}
}
