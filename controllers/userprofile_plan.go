package controllers

import (
	"cmp"
	"time"
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
func planRoles(observed userProfileObservation) []roleAction {
	actions := make([]roleAction, 0, len(observed.roles))
	for _, role := range observed.roles {
		actions = append(actions, planRole(role.roleFacts))
	}
	return actions
}

// planRole decides what is done to one Role.
func planRole(role roleFacts) roleAction {
	switch {
	case role.standing == roleForeign:
		return keepRole
	case role.standing == roleAbsent:
		return createRole
	case role.standing == roleOurs && role.asWanted && role.labelled:
		return keepRole
	case role.standing == roleOurs:
		// Also one that is about to go: until then it must not give more.
		return mendRole
	case role.deleting:
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
		if role.standing == roleForeign {
			return min(cmp.Or(recount, conflictRecheck), conflictRecheck)
		}
	}
	return recount
}
