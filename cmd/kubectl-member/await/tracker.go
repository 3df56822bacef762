package await

import (
	"maps"
	"time"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

// Condition says how it stands with a member, who is nil if it does not exist.
type Condition func(member *v1alpha1.Member) State

// State is how it stands with a member who is waited for.
type State struct {
	// Missing is what is still waited for, for people; empty once nothing is.
	Missing string
	// Stuck is whether time alone does not bring it.
	Stuck bool
	// Note is what a person should know once nothing is waited for; empty for nothing.
	Note string
}

// tracker is who is still waited for, and why.
type tracker struct {
	names map[string]Condition
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

// newTracker waits for members.
func newTracker(s *cli.Session, names map[string]Condition) *tracker {
	return &tracker{
		names: maps.Clone(names), why: map[string]string{}, gone: map[string]bool{}, stuck: map[string]bool{}, grace: s.StuckGrace, now: s.Now,
	}
}

// goesOn is whether somebody is waited for, and not in vain.
func (w *tracker) goesOn() bool { return len(w.names) > 0 && !w.inVain() }

// inVain is whether all who are waited for are stuck, and have been for a while.
func (w *tracker) inVain() bool {
	return w.allStuck() && w.now().Sub(w.since) >= w.grace
}

func (w *tracker) allStuck() bool { return len(w.names) > 0 && len(w.stuck) == len(w.names) }

// look looks at one member, who may be none of those waited for.
func (w *tracker) look(name string, member *v1alpha1.Member) {
	settled, is := w.names[name]
	if !is {
		return
	}
	found := settled(member)
	switch {
	case found.Missing == "" || member == nil || !found.Stuck:
		delete(w.stuck, name)
	case !w.stuck[name]:
		w.stuck[name] = true
		w.since = w.now()
	}
	if found.Note != "" {
		w.notes = append(w.notes, name+": "+found.Note)
	}
	if found.Missing == "" {
		delete(w.names, name)
		delete(w.why, name)
		return
	}
	w.why[name] = found.Missing
	if member == nil {
		delete(w.names, name)
		w.gone[name] = true
	}
}
