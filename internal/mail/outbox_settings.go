package mail

import (
	"container/heap"
)

// Health is what is known of a contact centre's mail server.
type Health struct {
	// Settings is the hash of the settings that the rest is about; empty if
	// there are none.
	Settings string
	// Known is whether the server was tried with these settings.
	Known bool
	// Failed is what is wrong; nil if the server works, or is not known yet.
	Failed *StageError
}

// Ready is whether letters flow.
func (h Health) Ready() bool { return h.Known && h.Failed == nil }

// SetRoute gives a contact centre its mail settings. If they differ from the
// ones before, the server is checked anew, and every letter gets its chance at once.
func (o *Outbox) SetRoute(route string, settings Settings) {
	o.mu.Lock()
	defer o.mu.Unlock()
	lane := o.lane(route)
	if lane.settings != nil && lane.settings.Hash == settings.Hash {
		return
	}
	o.unused = append(o.unused, lane.takeAllIdle()...)
	lane.configure(&settings, o.options.Now())
	o.nudge()
}

// RemoveRoute takes a contact centre's mail settings away. Its letters wait.
func (o *Outbox) RemoveRoute(route string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	lane, ok := o.lanes[route]
	if !ok {
		return
	}
	o.unused = append(o.unused, lane.takeAllIdle()...)
	lane.configure(nil, o.options.Now())
	o.tidy(lane)
	o.nudge()
}

// Health is what is known of a contact centre's mail server.
func (o *Outbox) Health(route string) Health {
	o.mu.Lock()
	defer o.mu.Unlock()
	lane, ok := o.lanes[route]
	if !ok || lane.settings == nil {
		return Health{}
	}
	return Health{Settings: lane.settings.Hash, Known: lane.breaker.known, Failed: lane.breaker.failed}
}

// lane finds or makes the lane of a contact centre. The caller holds the lock.
func (o *Outbox) lane(route string) *lane {
	found, ok := o.lanes[route]
	if !ok {
		found = &lane{route: route}
		o.lanes[route] = found
	}
	return found
}

// tidy forgets a lane that has nothing to do. The caller holds the lock.
func (o *Outbox) tidy(l *lane) {
	if l.settings == nil && l.inFlight+l.outdated == 0 && len(l.waiting) == 0 {
		delete(o.lanes, l.route)
	}
}

// queue adds a letter to its lane. The caller holds the lock.
func (o *Outbox) queue(letter Letter) {
	o.posted++
	if o.results[letter.UID].IssueID != letter.IssueID {
		delete(o.results, letter.UID) // it is about a password of the past
	}
	if now := o.options.Now(); letter.NotBefore.Before(now) {
		letter.NotBefore = now
	}
	added := &item{letter: letter, order: o.posted}
	o.items[letter.UID] = added
	if other := o.flying[letter.Member]; other != nil && other.letter.UID != letter.UID {
		// To a Member of the same name that is no more: its letter, slow to arrive,
		// must not be the last one.
		if older := other.parked; older != nil {
			delete(o.items, older.letter.UID) // its Member is no more either
			older.behind = nil
		}
		added.behind, other.parked = other, added
		return
	}
	heap.Push(&o.lane(letter.Route).waiting, added)
}

// remove takes a letter that waits out of its lane. The caller holds the lock.
func (o *Outbox) remove(waiting *item) {
	delete(o.items, waiting.letter.UID)
	if waiting.behind != nil {
		waiting.behind.parked = nil
		return
	}
	lane := o.lane(waiting.letter.Route)
	heap.Remove(&lane.waiting, waiting.position)
	o.tidy(lane)
}
