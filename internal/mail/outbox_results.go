package mail

import "errors"

// finishCheck records the outcome of a check without an e-mail.
func (o *Outbox) finishCheck(a attempt, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.release(a)
	if a.isOutdated() {
		return
	}
	failure, failed := errors.AsType[*StageError](err)
	switch {
	case failed:
		o.serverFailed(a, failure)
	case err == nil:
		o.serverWorked(a.route)
	default: // the cause is unknown
		a.route.breaker.trial = false
		a.route.breaker.next = o.clock.now().Add(breakerMin)
	}
}

// finishDelivery records the outcome of an attempt at an e-mail.
func (o *Outbox) finishDelivery(a attempt, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.release(a)
	defer o.unpark(a.item)
	failure, failed := errors.AsType[*StageError](err)
	rejected := failed && failure.Rejected
	if !a.isOutdated() {
		if failed && !rejected {
			o.serverFailed(a, failure)
		} else {
			// A server that rejects one e-mail works.
			o.serverWorked(a.route)
		}
	}
	switch {
	case err == nil:
		o.conclude(a, eventAccepted, Accepted, "")
	case errors.Is(err, ErrWithdrawn):
		o.advance(a.item, eventRefused)
	case rejected:
		o.conclude(a, eventRejected, Rejected, failure.Error())
	case failed:
		o.conclude(a, eventFailed, Retrying, failure.Error())
	default:
		o.conclude(a, eventFailed, Retrying, "cannot create the e-mail: "+err.Error())
	}
}

// conclude records the result of an attempt and applies its event.
func (o *Outbox) conclude(a attempt, e event, outcome Outcome, problem string) {
	o.options.Observe(outcome)
	ended := &a.item.delivery
	step := transitions[a.item.state][e]
	if step.record {
		ended.Attempts++
		result := Result{
			Member: ended.Member, IssueID: ended.IssueID, Outcome: outcome, MessageID: messageID(*ended, a.settings),
			At: o.options.Now(), Attempts: ended.Attempts, Error: statusLine(problem), Settings: a.settings.Hash,
		}
		if outcome == Retrying {
			wait := backOff(ended.Attempts, retryMin, retryMax, o.options.Jitter())
			result.NextAttemptAt = result.At.Add(wait)
			if a.isOutdated() {
				wait = 0 // there are new settings to try
			}
			ended.NotBefore = o.clock.now().Add(wait)
		}
		o.results[ended.UID] = result
	}
	if step.record || outcome != Retrying {
		o.announce(*ended)
	}
	o.advance(a.item, e)
}

// unpark ends the wait of the item that is parked behind an attempt.
func (o *Outbox) unpark(ended *item) {
	if o.sending[ended.delivery.Member] == ended {
		delete(o.sending, ended.delivery.Member)
	}
	if ended.parked != nil {
		o.advance(ended.parked, eventPredecessorEnded)
		o.nudge()
	}
}

// release gives the route its place and its connection back.
func (o *Outbox) release(a attempt) {
	if a.isOutdated() {
		a.route.outdated--
	} else {
		a.route.inFlight--
	}
	switch {
	case a.session == nil:
	case a.isOutdated():
		o.unused = append(o.unused, a.session)
	default:
		a.route.idle = append(a.route.idle, idleSession{session: a.session, since: o.clock.now()})
	}
	o.removeIfUnused(a.route)
	o.nudge()
}

// serverWorked closes the breaker. If the server could not be reached before,
// every e-mail may be tried at once; if it deferred e-mails, each keeps its time.
func (o *Outbox) serverWorked(r *route) {
	before := r.breaker.failed
	if r.breaker.succeed() {
		if before == nil || !before.concernsMessage() {
			r.tryAllNow(o.clock.now())
		}
		o.announceRoute(r)
	}
}

// serverFailed records a failure of the server. Of several attempts that fail
// together only the first counts, or the breaker would back off too far.
func (o *Outbox) serverFailed(a attempt, failure *StageError) {
	r := a.route
	before := r.breaker.failed
	if before != nil && !a.trial {
		return
	}
	if before != nil && !before.concernsMessage() && failure.concernsMessage() && !connectionLost(failure) {
		// The e-mail got past the stage that failed before.
		o.serverWorked(r)
		before = nil
	}
	if !r.breaker.fail(failure, o.clock.now(), o.options.Jitter()) {
		return
	}
	if before == nil || before.Error() != failure.Error() {
		o.announceRoute(r)
	}
	if before == nil {
		for _, waiting := range r.waiting {
			o.announce(waiting.delivery)
		}
	}
}
