package mail

import (
	"context"
	"sync"
	"time"
)

// OutboxOptions holds what an Outbox depends on.
type OutboxOptions struct {
	// Concurrency is the number of attempts in progress at a time. Each contact
	// center may always have one; the rest are shared, fewest first.
	Concurrency int
	// Source supplies recipients and contents.
	Source Source
	// Dialer opens connections to mail servers.
	Dialer Dialer
	// Now returns the current time.
	Now func() time.Time
	// Jitter returns a random number from 0 up to 1, which spreads retries out.
	Jitter func() float64
	// Grace is how long attempts in progress may take after Run is told to stop.
	Grace time.Duration
	// OnDelivery is called by Run's goroutine for each delivery with a new result.
	OnDelivery func(delivery Delivery)
	// OnRoute is called by Run's goroutine for each contact center whose Health
	// has changed.
	OnRoute func(route string)
	// Observe is called with the outcome of every attempt, for metrics.
	Observe func(outcome Outcome)
}

// Outbox delivers e-mails in the background. All methods are safe for concurrent
// use; e-mails are sent only while Run runs.
type Outbox struct {
	options  OutboxOptions
	wake     chan struct{}
	attempts sync.WaitGroup

	mu       sync.Mutex
	clock    steadyClock // for everything that waits
	routes   map[string]*route
	items    map[string]*item  // by UID
	sending  map[string]*item  // attempts in progress, by Member
	results  map[string]Result // by UID
	news     []func()          // calls of OnDelivery and OnRoute that Run makes
	sequence uint64            // counts posts and turns, to keep their order
	unused   []Session         // for Run to close
}

// NewOutbox returns an empty Outbox.
func NewOutbox(options OutboxOptions) *Outbox {
	return &Outbox{
		options: options,
		wake:    make(chan struct{}, 1),
		clock:   steadyClock{source: options.Now},
		routes:  map[string]*route{},
		items:   map[string]*item{},
		sending: map[string]*item{},
		results: map[string]Result{},
	}
}

// Run sends e-mails until ctx ends. It then starts no more attempts, waits for
// those in progress, and returns when every connection is closed.
func (o *Outbox) Run(ctx context.Context) {
	attemptContext, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		next := o.dispatch(attemptContext)
		o.deliverNews()
		timer.Reset(next)
		select {
		case <-ctx.Done():
		case <-o.wake:
		case <-timer.C:
		}
	}
	o.shutDown(abort)
}

// shutDown waits for the attempts in progress, for the grace period at most, and
// closes the connections that are left open.
func (o *Outbox) shutDown(abort context.CancelFunc) {
	grace := time.AfterFunc(o.options.Grace, abort)
	defer grace.Stop()
	o.attempts.Wait()
	o.deliverNews()
	o.mu.Lock()
	for _, route := range o.routes {
		o.unused = append(o.unused, route.takeIdleSince(o.clock.now())...)
	}
	o.closeUnused()
	o.mu.Unlock()
	o.attempts.Wait()
}

// closeUnused closes connections in the background, because a server may answer
// QUIT late. Only Run, which waits for it, may call it.
func (o *Outbox) closeUnused() {
	for _, session := range o.unused {
		o.attempts.Go(session.Close)
	}
	o.unused = nil
}

// deliverNews calls OnDelivery and OnRoute. It holds no lock, so that they may take
// their time and call the outbox.
func (o *Outbox) deliverNews() {
	o.mu.Lock()
	news := o.news
	o.news = nil
	o.mu.Unlock()
	for _, call := range news {
		call()
	}
}

// announceRoute has Run call OnRoute. The caller holds the lock.
func (o *Outbox) announceRoute(r *route) {
	o.news = append(o.news, func() { o.options.OnRoute(r.name) })
	o.nudge()
}

// announce has Run call OnDelivery. The caller holds the lock.
func (o *Outbox) announce(delivery Delivery) {
	o.news = append(o.news, func() { o.options.OnDelivery(delivery) })
	o.nudge()
}

// nudge makes Run dispatch again.
func (o *Outbox) nudge() {
	select {
	case o.wake <- struct{}{}:
	default: // a dispatch is already due
	}
}
