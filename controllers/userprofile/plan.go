package userprofile

import (
	"cmp"
	"time"

	"rollcall.dev/rollcall/internal/ownership"
	"rollcall.dev/rollcall/internal/profilerole"
)

// roleAction is what is done to a Role.
type roleAction int

const (
	// keepRole does nothing.
	keepRole roleAction = iota
	// createRole makes it.
	createRole
	// mendRole puts back what somebody changed, or writes what the UserProfile says
	// now.
	mendRole
	// replaceRole deletes the one there is and makes another.
	replaceRole
)

// planRoles decides what is done to each Role, in the order in which they were
// observed.
func planRoles(observed observation) []roleAction {
	actions := make([]roleAction, 0, len(observed.roles))
	for _, role := range observed.roles {
		actions = append(actions, planRole(role.Facts))
	}
	return actions
}

// planRole decides what is done to one Role.
func planRole(role profilerole.Facts) roleAction {
	switch {
	case role.Ownership == ownership.Foreign:
		return keepRole
	case role.Ownership == ownership.Absent:
		return createRole
	case role.Ownership == ownership.Ours && role.AsWanted && role.Labelled:
		return keepRole
	case role.Ownership == ownership.Ours:
		// Also one that is about to go: until then it must not give more.
		return mendRole
	case role.Deleting:
		return keepRole // its end brings us back here
	default:
		return replaceRole
	}
}

// nextProfileLook is when a UserProfile is looked at again for reasons of time: to be
// counted, or since a foreign Role may go without the operator being able to watch it.
// 0 is not at all.
func nextProfileLook(recount time.Duration, done []appliedRole) time.Duration {
	for _, role := range done {
		if role.Ownership == ownership.Foreign {
			return min(cmp.Or(recount, ownership.Recheck), ownership.Recheck)
		}
	}
	return recount
}
