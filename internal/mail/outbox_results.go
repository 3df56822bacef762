package mail

import (
	"container/heap"
	"errors"
)

// bookCheck notes what a check without a letter found.
func (o *Outbox) bookCheck(f flight, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.disembark(f)
	if f.epoch != f.lane.epoch {
		return
	}
	failure, failed := errors.AsType[*StageError](err)
	switch {
	case failed:
		o.serverFails(f, failure)
	case err == nil:
		o.serverWorks(f.lane)
	default: // it cannot be told whose fault that is
		f.lane.breaker.trial = false
		f.lane.breaker.next = o.options.Now().Add(breakerBase)
	}
}

// bookLetter notes what became of a letter.
func (o *Outbox) bookLetter(f flight, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.disembark(f)
	defer o.unpark(f.letter)
	failure, failed := errors.AsType[*StageError](err)
	rejected := failed && failure.Rejected
	if f.epoch == f.lane.epoch {
		if failed && !rejected {
			o.serverFails(f, failure)
		} else {
			// Whatever it said of this letter, the server answered as it should.
			o.serverWorks(f.lane)
		}
	}
	switch {
	case err == nil:
		o.finish(f, Accepted, "")
	case errors.Is(err, ErrWithdrawn):
		o.forget(f, false)
	case rejected:
		o.finish(f, Rejected, statusLine(failure.Error()))
	case failed:
		o.retry(f, statusLine(failure.Error()))
	default:
		o.retry(f, statusLine("the letter could not be made: "+err.Error()))
	}
}

// unpark queues what waited for the end of a flight.
func (o *Outbox) unpark(landed *item) {
	if o.flying[landed.letter.Member] == landed {
		delete(o.flying, landed.letter.Member)
	}
	parked := landed.parked
	if parked == nil {
		return
	}
	landed.parked, parked.behind = nil, nil
	heap.Push(&o.lane(parked.letter.Route).waiting, parked)
	o.nudge()
}

// disembark ends a flight: the lane gets its place and its connection back.
func (o *Outbox) disembark(f flight) {
	current := f.epoch == f.lane.epoch
	if current {
		f.lane.inFlight--
	} else {
		f.lane.outdated--
	}
	switch {
	case f.session == nil:
	case current:
		f.lane.idle = append(f.lane.idle, idleSession{session: f.session, since: o.options.Now()})
	default:
		o.unused = append(o.unused, f.session)
	}
	o.tidy(f.lane)
	o.nudge()
}

// serverWorks closes the breaker. When that is news, every letter gets its chance
// at once; but where letters were put off, each keeps its time.
func (o *Outbox) serverWorks(l *lane) {
	before := l.breaker.failed
	if l.breaker.succeed() {
		if before == nil || !before.ofTheLetter() {
			l.release(o.options.Now())
		}
		o.tellRoute(l)
	}
}

// serverFails notes a failure of the server. Of several attempts that fail
// together only the first counts, or the breaker would back off too far.
func (o *Outbox) serverFails(f flight, failure *StageError) {
	l := f.lane
	before := l.breaker.failed
	if before != nil && !f.trial {
		return
	}
	if before != nil && !before.ofTheLetter() && failure.ofTheLetter() && !connectionLost(failure) {
		// The letter got past what was wrong with the server.
		o.serverWorks(l)
		before = nil
	}
	if !l.breaker.fail(failure, o.options.Now(), o.options.Jitter()) {
		return
	}
	if before == nil || before.Error() != failure.Error() {
		o.tellRoute(l)
	}
	if before == nil {
		for _, waiting := range l.waiting {
			o.tellLetter(waiting.letter)
		}
	}
}

// finish ends a letter with a result.
func (o *Outbox) finish(f flight, outcome Outcome, problem string) {
	letter := f.letter.letter
	if !f.letter.forgotten && (!f.letter.withdrawn || outcome == Accepted) {
		letter.Attempts++
		o.results[letter.UID] = o.result(f, letter, outcome, problem)
	}
	o.options.Observe(outcome)
	o.forget(f, true)
	o.tellLetter(letter)
}

// result is how an attempt at a letter ended.
func (o *Outbox) result(f flight, letter Letter, outcome Outcome, problem string) Result {
	return Result{
		Member: letter.Member, IssueID: letter.IssueID, Outcome: outcome, MessageID: messageID(letter, f.settings),
		At: o.options.Now(), Attempts: letter.Attempts, Error: problem, Settings: f.settings.Hash,
	}
}

// forget drops a letter that was under way. A letter posted meanwhile follows
// it, unless it is the same one and that is done.
func (o *Outbox) forget(f flight, done bool) {
	delete(o.items, f.letter.letter.UID)
	follow := f.letter.follow
	if follow == nil || (done && follow.IssueID == f.letter.letter.IssueID) {
		o.tidy(f.lane)
		return
	}
	o.queue(*follow)
}

// retry puts a letter back, to be tried again later.
func (o *Outbox) retry(f flight, problem string) {
	letter := f.letter.letter
	letter.Attempts++
	now := o.options.Now()
	letter.NotBefore = now.Add(backOff(letter.Attempts, letterBase, letterMost, o.options.Jitter()))
	o.options.Observe(Retrying)
	if f.letter.withdrawn || (f.letter.follow != nil && f.letter.follow.IssueID != letter.IssueID) {
		o.forget(f, false)
		return
	}
	result := o.result(f, letter, Retrying, problem)
	result.NextAttemptAt = letter.NotBefore
	o.results[letter.UID] = result
	if f.epoch != f.lane.epoch {
		letter.NotBefore = now // there are new settings to try it with
	}
	o.queue(letter)
	o.tellLetter(letter)
}

// tellRoute and tellLetter have Run tell the news. The caller holds the lock.
func (o *Outbox) tellRoute(l *lane) {
	route := l.route
	o.news = append(o.news, func() { o.options.OnRoute(route) })
	o.nudge()
}

func (o *Outbox) tellLetter(letter Letter) {
	o.news = append(o.news, func() { o.options.OnLetter(letter) })
	o.nudge()
}
