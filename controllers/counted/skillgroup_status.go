package counted

import (
	"fmt"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
)

// skillGroupStatus derives the whole status from what was observed.
func skillGroupStatus(observed skillGroupObservation) v1alpha1.SkillGroupStatus {
	group := observed.group
	status := *group.Status.DeepCopy()
	status.ObservedGeneration = group.Generation
	status.Members, status.Available = &observed.members, &observed.available
	status.UnknownMembers = observed.unknown
	now := metav1.NewTime(observed.now).Rfc3339Copy()
	skillGroupReady(observed).Set(&status.Conditions, v1alpha1.ReadyCondition, group.Generation, now)
	if observed.selectorProblem == "" {
		apimeta.RemoveStatusCondition(&status.Conditions, v1alpha1.StalledCondition)
	} else {
		conditions.True(v1alpha1.ReasonSelectorInvalid, conditions.SelectorMessage(observed.selectorProblem)).
			Set(&status.Conditions, v1alpha1.StalledCondition, group.Generation, now)
	}
	return status
}

// skillGroupReady is whether the group is as its spec asks for.
func skillGroupReady(observed skillGroupObservation) conditions.Verdict {
	switch {
	case observed.selectorProblem != "":
		return conditions.False(v1alpha1.ReasonSelectorInvalid, conditions.SelectorMessage(observed.selectorProblem))
	case observed.unknownTotal > 0:
		return conditions.False(v1alpha1.ReasonUnknownMembers, unknownMessage(observed))
	default:
		return conditions.True(v1alpha1.ReasonReady, "every Member that the group names exists")
	}
}

// unknownMessage says which Members are missing.
func unknownMessage(observed skillGroupObservation) string {
	names := strings.Join(observed.unknown, ", ")
	if more := observed.unknownTotal - len(observed.unknown); more > 0 {
		names = fmt.Sprintf("%s and %d more", names, more)
	}
	return fmt.Sprintf("no Member in this namespace is named %s: create them, or take them out of spec.members", names)
}
