package mail

// Post queues a letter. There is one letter for each UID: a letter about a newer
// password takes the place of the one that waits, or follows the one under way.
// Posting a letter again that waits, is under way or was accepted does nothing.
func (o *Outbox) Post(letter Letter) {
	letter.Posted = o.options.Now()
	// A ledger written while the clock was ahead asks for a time that is far away. And
	// it is counted from our own clock, which goes on when the machine's is changed.
	letter.NotBefore = letter.Posted.Add(min(letter.NotBefore.Sub(letter.Posted), letterMost))
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

// Unsettled has the UIDs and names of the members that have a result which is not
// settled yet.
func (o *Outbox) Unsettled() map[string]string {
	o.mu.Lock()
	defer o.mu.Unlock()
	members := make(map[string]string, len(o.results))
	for uid, result := range o.results {
		members[uid] = result.Member
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
