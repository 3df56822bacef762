package main

import (
	"maps"
	"time"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// settledFunc says how it stands with a member, who is nil if it does not exist.
type settledFunc func(member *v1alpha1.Member) standing

// standing is how it stands with a member who is waited for.
type standing struct {
	// missing is what is still waited for, for people; empty once nothing is.
	missing string
	// stuck is whether time alone does not bring it.
	stuck bool
	// note is what a person should know once nothing is waited for; empty for nothing.
	note string
}

// waiting is who is still waited for, and why.
type waiting struct {
	names map[string]settledFunc
	// why is what was last missing, for each name.
	why map[string]string
	// stuck are those whom time alone does not help, since is when the last of them
	// became so, and grace how long that has to last before it is believed.
	stuck map[string]bool
	since time.Time
	grace time.Duration
	now   func() time.Time
	// notes are what to say of those who are waited for no longer.
	notes []string
	// gone are those that do not exist any more, and are waited for no longer.
	gone map[string]bool
}

// newWaiting waits for members.
func (s *session) newWaiting(names map[string]settledFunc) *waiting {
	return &waiting{
		names: maps.Clone(names), why: map[string]string{}, gone: map[string]bool{}, stuck: map[string]bool{}, grace: s.giveUpAfter, now: s.now,
	}
}

// goesOn is whether somebody is waited for, and not in vain.
func (w *waiting) goesOn() bool { return len(w.names) > 0 && !w.inVain() }

// inVain is whether all who are waited for are stuck, and have been for a while.
func (w *waiting) inVain() bool {
	return w.allStuck() && w.now().Sub(w.since) >= w.grace
}

func (w *waiting) allStuck() bool { return len(w.names) > 0 && len(w.stuck) == len(w.names) }

// look looks at one member, who may be none of those waited for.
func (w *waiting) look(name string, member *v1alpha1.Member) {
	settled, is := w.names[name]
	if !is {
		return
	}
	found := settled(member)
	switch {
	case found.missing == "" || member == nil || !found.stuck:
		delete(w.stuck, name)
	case !w.stuck[name]:
		w.stuck[name] = true
		w.since = w.now()
	}
	if found.note != "" {
		w.notes = append(w.notes, name+": "+found.note)
	}
	if found.missing == "" {
		delete(w.names, name)
		delete(w.why, name)
		return
	}
	w.why[name] = found.missing
	if member == nil {
		delete(w.names, name)
		w.gone[name] = true
	}
}
