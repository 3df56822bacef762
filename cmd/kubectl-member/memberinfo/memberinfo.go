// Package memberinfo reads facts from a Member's spec and status.
package memberinfo

import (
	"slices"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// IsForcedOffline reports whether a Member is forced offline.
func IsForcedOffline(member *v1alpha1.Member) bool {
	return member.Spec.ForceOffline || member.Spec.ForceOfflineUntil != nil
}

// ConditionStatus returns the status of a condition, or nothing if it is not set.
func ConditionStatus(conditions []metav1.Condition, name string) string {
	if condition := apimeta.FindStatusCondition(conditions, name); condition != nil {
		return string(condition.Status)
	}
	return ""
}

// MailReason returns the state of the e-mail with the current password.
func MailReason(m *v1alpha1.Member) string {
	if condition := apimeta.FindStatusCondition(m.Status.Conditions, v1alpha1.PasswordMailedCondition); condition != nil {
		return condition.Reason
	}
	return ""
}

// HeldTier returns the tier of the license that a Member holds, or nothing.
func HeldTier(m *v1alpha1.Member) string {
	if m.Status.License == nil {
		return ""
	}
	return string(m.Status.License.Tier)
}

// AwaitedTier returns the tier of the license that a Member waits for, or nothing.
func AwaitedTier(m *v1alpha1.Member) string {
	if m.Status.License == nil {
		return ""
	}
	return string(m.Status.License.Requested)
}

// AssignedName returns the name of an assignment, or nothing.
func AssignedName(assignment *v1alpha1.Assignment) string {
	if assignment == nil {
		return ""
	}
	return assignment.Name
}

// TeamNames returns the teams that a Member is in.
func TeamNames(m *v1alpha1.Member) string {
	names := make([]string, 0, len(m.Status.Teams))
	for _, team := range m.Status.Teams {
		names = append(names, team.Name)
	}
	return strings.Join(names, "; ")
}

// IsInGroup reports whether a member is in a skill group.
func IsInGroup(member *v1alpha1.Member, group string) bool {
	return slices.ContainsFunc(member.Status.SkillGroups, func(membership v1alpha1.SkillGroupMembership) bool {
		return membership.Name == group
	})
}
