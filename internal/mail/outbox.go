package mail

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Letter is a letter to be sent. It carries no password: that is read at the
// last moment.
type Letter struct {
	// Route is the contact centre whose mail settings apply.
	Route string
	// Member is the recipient as the caller names it; UID tells two of one name apart.
	Member, UID string
	// To is the recipient's address, without a display name.
	To string
	// IssueID names the password that the letter is about.
	IssueID string
	// Attempts is how often this letter was tried before.
	Attempts int
	// NotBefore is when it may be tried; the zero time means now.
	NotBefore time.Time
}

// Source supplies what goes into a letter at the last moment.
type Source interface {
	// Content is asked when the mail server has accepted sender and recipient
	// and waits for the letter. It returns ErrWithdrawn if the letter's password
	// is no longer the current one, or if the member must not get mail.
	Content(ctx context.Context, letter Letter) (Content, error)
}

// ErrWithdrawn is what a Source answers for a letter that must not be sent.
var ErrWithdrawn = errors.New("the letter was withdrawn")

// Outcome is how an attempt to send a letter ended.
type Outcome int

const (
	// Accepted means that the mail server took responsibility for the letter.
	Accepted Outcome = iota
	// Rejected means that it refused this letter for good.
	Rejected
	// Retrying means that the letter is tried again by itself.
	Retrying
)

// String is the outcome in one word, for metrics.
func (o Outcome) String() string {
	switch o {
	case Accepted:
		return "accepted"
	case Rejected:
		return "rejected"
	case Retrying:
		return "retrying"
	default:
		return "unknown"
	}
}

// Result is what became of a letter. It is kept until it is settled.
type Result struct {
	// Member is the recipient as the letter named it.
	Member string
	// IssueID names the password that the letter was about.
	IssueID string
	// Outcome is how the last attempt ended.
	Outcome Outcome
	// MessageID is the letter's Message-ID, without angle brackets.
	MessageID string
	// At is when the attempt ended.
	At time.Time
	// Attempts counts the attempts, this one included.
	Attempts int
	// NextAttemptAt is when a letter that is Retrying is tried again at the earliest.
	NextAttemptAt time.Time
	// Error is what went wrong, on one line; empty if Accepted.
	Error string
	// Settings is the hash of the settings that the attempt was made with.
	Settings string
}

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
	// OnLetter is told of every letter that has a new result. It must not block.
	OnLetter func(letter Letter)
	// OnRoute is told of every contact centre whose Health has changed. It must
	// not block.
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
	results map[string]Result // by UID
	posted  uint64            // counts letters, to keep their order
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

// nudge has Run look at its letters again.
func (o *Outbox) nudge() {
	select {
	case o.wake <- struct{}{}:
	default: // it is about to
	}
}

// Post queues a letter. There is one letter for each UID: a letter about a newer
// password takes the place of the one that waits, or follows the one under way.
// Posting a letter again that waits, is under way or was accepted does nothing.
func (o *Outbox) Post(letter Letter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if result, ok := o.results[letter.UID]; ok && result.IssueID == letter.IssueID && result.Outcome == Accepted {
		return
	}
	waiting, ok := o.items[letter.UID]
	switch {
	case !ok:
		o.queue(letter)
	case waiting.inFlight:
		waiting.follow = &letter
		waiting.withdrawn, waiting.forgotten = false, false
	case waiting.letter.IssueID != letter.IssueID || waiting.letter.Route != letter.Route:
		o.remove(waiting)
		o.queue(letter)
	default:
		return
	}
	o.nudge()
}

// Withdraw takes a letter back. If its content is already on its way it is sent
// all the same, and has a result.
func (o *Outbox) Withdraw(uid string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.results[uid].Outcome != Accepted {
		delete(o.results, uid)
	}
	waiting, ok := o.items[uid]
	switch {
	case !ok:
	case waiting.inFlight:
		waiting.follow = nil
		waiting.withdrawn = true
	default:
		o.remove(waiting)
	}
}

// Forget takes a letter back for a member that is gone, and drops its results,
// also the one of a letter under way.
func (o *Outbox) Forget(uid string) {
	o.Withdraw(uid)
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.results, uid)
	if underWay, ok := o.items[uid]; ok {
		underWay.forgotten = true
	}
}

// Result is the last result for a UID that is not settled yet.
func (o *Outbox) Result(uid string) (Result, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	result, ok := o.results[uid]
	return result, ok
}

// Unsettled names the members that have a result which is not settled yet.
func (o *Outbox) Unsettled() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	members := make([]string, 0, len(o.results))
	for _, result := range o.results {
		members = append(members, result.Member)
	}
	return members
}

// Has is whether a letter about this password waits or is under way.
func (o *Outbox) Has(uid, issueID string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	waiting, ok := o.items[uid]
	return ok && !waiting.withdrawn && waiting.letter.IssueID == issueID
}

// Settle forgets a result that its reader has written down.
func (o *Outbox) Settle(uid string, result Result) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.results[uid] == result {
		delete(o.results, uid)
	}
}
