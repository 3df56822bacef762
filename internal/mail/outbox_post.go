package mail

// Post queues an e-mail. There is one for each UID: an e-mail about a newer
// password replaces the one that waits, or follows the one being sent. Posting
// an e-mail again that waits, is being sent, or was accepted does nothing.
func (o *Outbox) Post(delivery Delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delivery.Posted = o.options.Now()
	// The mail record may have been written while the clock was ahead.
	delivery.NotBefore = o.clock.at(delivery.NotBefore, retryMax)
	if result, ok := o.results[delivery.UID]; ok && result.IssueID == delivery.IssueID && result.Outcome == Accepted {
		return
	}
	posted, ok := o.items[delivery.UID]
	e := eventPosted
	switch {
	case !ok:
		posted = &item{}
	case posted.delivery.IssueID != delivery.IssueID:
	case posted.isSending() || posted.delivery.Route == delivery.Route:
		e = eventPostedAgain
	}
	if _, changes := transitions[posted.state][e]; !changes {
		return
	}
	posted.next = &delivery
	o.advance(posted, e)
	o.nudge()
}

// Withdraw takes an e-mail back. If the server already has its content, the
// e-mail is delivered all the same, and has a result.
func (o *Outbox) Withdraw(uid string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.results[uid].Outcome != Accepted {
		delete(o.results, uid)
	}
	if withdrawn, ok := o.items[uid]; ok {
		o.advance(withdrawn, eventWithdrawn)
	}
}

// Forget takes back the e-mail of a deleted member and drops its results,
// including that of an attempt in progress.
func (o *Outbox) Forget(uid string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.results, uid)
	if forgotten, ok := o.items[uid]; ok {
		o.advance(forgotten, eventForgotten)
	}
}

// Result returns the last result for a UID that is not acknowledged yet.
func (o *Outbox) Result(uid string) (Result, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	result, ok := o.results[uid]
	return result, ok
}

// Unacknowledged returns the names of the members whose result is not acknowledged yet, by UID.
func (o *Outbox) Unacknowledged() map[string]string {
	o.mu.Lock()
	defer o.mu.Unlock()
	members := make(map[string]string, len(o.results))
	for uid, result := range o.results {
		members[uid] = result.Member
	}
	return members
}

// Has reports whether an e-mail about this password waits or is being sent.
func (o *Outbox) Has(uid, issueID string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	found, ok := o.items[uid]
	return ok && found.state != stateWithdrawn && found.state != stateForgotten && found.delivery.IssueID == issueID
}

// Acknowledge drops a result that the caller has recorded.
func (o *Outbox) Acknowledge(uid string, result Result) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.results[uid] == result {
		delete(o.results, uid)
	}
}
