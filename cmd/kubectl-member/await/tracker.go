package await

import (
	"maps"
	"time"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

// tracker holds the members that are still waited for.
type tracker struct {
	conditions map[string]Condition
	// details holds what was last missing, by name.
	details map[string]string
	// stuck holds the members that cannot proceed by themselves. stuckSince is when the last of
	// them got stuck, and grace is how long that must last.
	stuck      map[string]bool
	stuckSince time.Time
	grace      time.Duration
	now        func() time.Time
	// notes are printed about members that are done.
	notes []string
	// gone holds members that were deleted in the meantime.
	gone map[string]bool
}

// newTracker returns a tracker of these members.
func newTracker(s *cli.Session, conditions map[string]Condition) *tracker {
	return &tracker{
		conditions: maps.Clone(conditions), details: map[string]string{}, gone: map[string]bool{}, stuck: map[string]bool{},
		grace: s.StuckGrace, now: s.Now,
	}
}

// goesOn reports whether waiting can still help a member.
func (t *tracker) goesOn() bool { return len(t.conditions) > 0 && !t.isHopeless() }

// isHopeless reports whether all remaining members have been stuck for the grace period.
func (t *tracker) isHopeless() bool {
	return t.allStuck() && t.now().Sub(t.stuckSince) >= t.grace
}

func (t *tracker) allStuck() bool {
	return len(t.conditions) > 0 && len(t.stuck) == len(t.conditions)
}

// check updates the tracker with a member, which may be one that is not waited for.
func (t *tracker) check(name string, member *v1alpha1.Member) {
	condition, isAwaited := t.conditions[name]
	if !isAwaited {
		return
	}
	progress := condition(member)
	switch {
	case progress.Phase != Stuck:
		delete(t.stuck, name)
	case !t.stuck[name]:
		t.stuck[name] = true
		t.stuckSince = t.now()
	}
	if progress.Phase == Done {
		delete(t.conditions, name)
		delete(t.details, name)
		if progress.Detail != "" {
			t.notes = append(t.notes, name+": "+progress.Detail)
		}
		return
	}
	t.details[name] = progress.Detail
	if member == nil {
		delete(t.conditions, name)
		t.gone[name] = true
	}
}
