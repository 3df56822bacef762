package userprofile

import (
	"cmp"
	"time"

	"rollcall.dev/rollcall/internal/ownership"
	"rollcall.dev/rollcall/internal/profilerole"
)

// roleAction is what apply does to a Role.
type roleAction int

const (
	// keepRole does nothing.
	keepRole roleAction = iota
	// createRole creates it.
	createRole
	// updateRole writes what the UserProfile asks for.
	updateRole
	// replaceRole deletes it and creates another one.
	replaceRole
)

// planRole returns the action for one Role.
func planRole(role profilerole.Facts) roleAction {
	switch {
	case role.Ownership == ownership.Foreign, role.IsRight() && role.Labeled:
		return keepRole
	case role.Ownership == ownership.Absent:
		return createRole
	case role.Ownership == ownership.Ours:
		// Also while the Role is being deleted: until then it must not grant more.
		return updateRole
	case role.Deleting:
		return keepRole // the event of its deletion triggers the next reconcile
	default:
		return replaceRole
	}
}

// recheckDelay returns when a UserProfile is reconciled again without an event: for the
// next count, or because the operator cannot watch a foreign Role for its deletion. 0
// means never.
func recheckDelay(recountDelay time.Duration, done []appliedRole) time.Duration {
	for _, role := range done {
		if role.Ownership == ownership.Foreign {
			return min(cmp.Or(recountDelay, ownership.Recheck), ownership.Recheck)
		}
	}
	return recountDelay
}
