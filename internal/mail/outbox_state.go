package mail

import (
	"cmp"
	"slices"
)

// item is one member's e-mail in the outbox. There is at most one for each UID.
type item struct {
	delivery Delivery // NotBefore is a time of the outbox's steady clock
	state    state
	order    uint64    // the lower, the longer it has waited
	next     *Delivery // posted during the attempt; only in stateRepeated and stateSuperseded
	// parked and predecessor link a parked item with the attempt that it waits
	// for. They are no part of the state: an item of any sending state may have
	// another one parked behind it.
	parked, predecessor *item
}

// byTurn compares two waiting items: the one that may be sent first, then the one
// that has waited longer.
func byTurn(a, b *item) int {
	return cmp.Or(a.delivery.NotBefore.Compare(b.delivery.NotBefore), cmp.Compare(a.order, b.order))
}

// isSending reports whether an attempt is in progress.
func (i *item) isSending() bool { return i.state >= stateSending }

// state is what the outbox does with an item. The table of transitions is the
// specification, and every change goes through advance.
type state int

const (
	// stateAbsent: the item is not in the outbox, before the first post and at the end.
	stateAbsent state = iota
	// stateWaiting: the item is in the queue of its route.
	stateWaiting
	// stateParked: the item waits until the attempt for a deleted Member of the
	// same name ends. That e-mail may arrive late, and must not be the last one.
	stateParked
	// stateSending: an attempt is in progress.
	stateSending
	// stateRepeated: during the attempt, the same e-mail was posted again.
	stateRepeated
	// stateSuperseded: during the attempt, an e-mail about another password was posted.
	stateSuperseded
	// stateWithdrawn: the attempt is the last one, and only Accepted is recorded.
	stateWithdrawn
	// stateForgotten: the attempt is the last one, and nothing is recorded.
	stateForgotten
)

// event is what happens to an item.
type event int

const (
	eventPosted           event = iota // an e-mail was posted, about another password if there is an item
	eventPostedAgain                   // the item's e-mail was posted again
	eventWithdrawn                     // the caller withdrew the e-mail
	eventForgotten                     // the caller forgot the member
	eventStarted                       // an attempt starts
	eventPredecessorEnded              // the attempt that the item is parked behind ended
	eventDisplaced                     // an item of a third Member of the same name is parked
	eventAccepted                      // the attempt ended: the server accepted the e-mail
	eventRejected                      // the attempt ended: the server rejected the e-mail for good
	eventRefused                       // the attempt ended: the source returned ErrWithdrawn
	eventFailed                        // the attempt ended: another one may succeed
)

// transition is what an event does to an item.
type transition struct {
	to       state
	record   bool // the outcome becomes the member's Result
	takeNext bool // the e-mail posted last replaces the item's own
}

// The transitions of several states: to the end, or back into the queue.
var (
	end           = transition{to: stateAbsent}
	endWithResult = transition{to: stateAbsent, record: true}
	retry         = transition{to: stateWaiting, record: true}
	queueNext     = transition{to: stateWaiting, takeNext: true}
)

// transitions holds what each event does in each state. An event that is missing
// changes nothing. stateWaiting becomes stateParked while an attempt for another
// Member of the same name is in progress, except after eventPredecessorEnded.
var transitions = map[state]map[event]transition{
	stateAbsent: {
		eventPosted: queueNext,
	},
	stateWaiting: {
		eventPosted: queueNext, eventWithdrawn: end, eventForgotten: end,
		eventStarted: {to: stateSending},
	},
	stateParked: {
		eventPosted: queueNext, eventWithdrawn: end, eventForgotten: end,
		eventPredecessorEnded: {to: stateWaiting}, eventDisplaced: end,
	},
	stateSending: {
		eventPosted: {to: stateSuperseded}, eventPostedAgain: {to: stateRepeated},
		eventWithdrawn: {to: stateWithdrawn}, eventForgotten: {to: stateForgotten},
		eventAccepted: endWithResult, eventRejected: endWithResult, eventRefused: end, eventFailed: retry,
	},
	stateRepeated: {
		eventPosted: {to: stateSuperseded}, eventPostedAgain: {to: stateRepeated},
		eventWithdrawn: {to: stateWithdrawn}, eventForgotten: {to: stateForgotten},
		eventAccepted: endWithResult, eventRejected: endWithResult, eventRefused: queueNext, eventFailed: retry,
	},
	stateSuperseded: {
		eventPosted: {to: stateSuperseded}, eventPostedAgain: {to: stateRepeated},
		eventWithdrawn: {to: stateWithdrawn}, eventForgotten: {to: stateForgotten},
		eventAccepted: queueNext, eventRejected: queueNext, eventRefused: queueNext, eventFailed: queueNext,
	},
	stateWithdrawn: {
		eventPosted: {to: stateSuperseded}, eventPostedAgain: {to: stateRepeated},
		eventForgotten: {to: stateForgotten},
		eventAccepted:  endWithResult, eventRejected: end, eventRefused: end, eventFailed: end,
	},
	stateForgotten: {
		eventPosted: {to: stateSuperseded}, eventPostedAgain: {to: stateRepeated},
		eventAccepted: end, eventRejected: end, eventRefused: end, eventFailed: end,
	},
}

// advance applies an event to an item. The caller holds the lock.
func (o *Outbox) advance(i *item, e event) {
	step, ok := transitions[i.state][e]
	if !ok {
		return
	}
	o.leave(i)
	if step.takeNext {
		i.delivery = *i.next
	}
	if step.to != stateRepeated && step.to != stateSuperseded {
		i.next = nil
	}
	i.state = step.to
	if i.state == stateWaiting && e != eventPredecessorEnded {
		o.admit(i)
	}
	switch i.state {
	case stateAbsent:
		delete(o.items, i.delivery.UID)
	case stateWaiting:
		route := o.route(i.delivery.Route)
		at, _ := slices.BinarySearchFunc(route.waiting, i, byTurn)
		route.waiting = slices.Insert(route.waiting, at, i)
	case stateSending:
		o.sending[i.delivery.Member] = i
	default:
	}
}

// leave takes an item out of its queue, or away from the attempt that it is parked behind.
func (o *Outbox) leave(i *item) {
	switch i.state {
	case stateWaiting:
		route := o.route(i.delivery.Route)
		at, _ := slices.BinarySearchFunc(route.waiting, i, byTurn)
		if at == 0 { // the usual case, which moves nothing
			route.waiting[0] = nil
			route.waiting = route.waiting[1:]
		} else {
			route.waiting = slices.Delete(route.waiting, at, at+1)
		}
		o.removeIfUnused(route)
	case stateParked:
		i.predecessor.parked, i.predecessor = nil, nil
	default:
	}
}

// admit prepares an item for its place at the end of the queue, or parks it.
func (o *Outbox) admit(i *item) {
	o.sequence++
	i.order = o.sequence
	o.items[i.delivery.UID] = i
	if o.results[i.delivery.UID].IssueID != i.delivery.IssueID {
		delete(o.results, i.delivery.UID) // it is about an older password
	}
	if now := o.clock.now(); i.delivery.NotBefore.Before(now) {
		i.delivery.NotBefore = now
	}
	other := o.sending[i.delivery.Member]
	if other == nil || other.delivery.UID == i.delivery.UID {
		return
	}
	if other.parked != nil {
		o.advance(other.parked, eventDisplaced) // its Member is deleted too
	}
	i.state, i.predecessor, other.parked = stateParked, other, i
}
