package assignment

import (
	"rollcall.dev/rollcall/api/v1alpha1"
)

// defaultPriority is the priority of a membership that says nothing of it, as
// the CRDs have it.
const defaultPriority = 3

// Membership is a Membership with its priority, or the default one.
func Membership(group string, priority int32, source v1alpha1.MembershipSource) v1alpha1.SkillGroupMembership {
	if priority == 0 {
		priority = defaultPriority
	}
	return v1alpha1.SkillGroupMembership{Name: group, Priority: priority, Source: source}
}
