package controllers

import (
	"fmt"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// skillGroupStatus derives the whole status from what was observed.
func skillGroupStatus(observed skillGroupObservation) v1alpha1.SkillGroupStatus {
	group := observed.group
	status := *group.Status.DeepCopy()
	status.ObservedGeneration = group.Generation
	status.Members, status.Available = &observed.members, &observed.available
	status.UnknownMembers = observed.unknown
	now := metav1.NewTime(observed.now).Rfc3339Copy()
	skillGroupReady(observed).set(&status.Conditions, v1alpha1.ReadyCondition, group.Generation, now)
	if observed.selectorProblem == "" {
		apimeta.RemoveStatusCondition(&status.Conditions, v1alpha1.StalledCondition)
	} else {
		yes(v1alpha1.ReasonSelectorInvalid, selectorMessage(observed.selectorProblem)).
			set(&status.Conditions, v1alpha1.StalledCondition, group.Generation, now)
	}
	return status
}

// skillGroupReady is whether the group is as its spec asks for.
func skillGroupReady(observed skillGroupObservation) verdict {
	switch {
	case observed.selectorProblem != "":
		return no(v1alpha1.ReasonSelectorInvalid, selectorMessage(observed.selectorProblem))
	case observed.unknownTotal > 0:
		return no(v1alpha1.ReasonUnknownMembers, unknownMessage(observed))
	default:
		return yes(v1alpha1.ReasonReady, "every Member that the group names exists")
	}
}

// selectorMessage says what to do about a selector that cannot be evaluated.
func selectorMessage(problem string) string {
	return fmt.Sprintf("spec.selector selects nobody, correct it: %s", problem)
}

// unknownMessage says which Members are missing.
func unknownMessage(observed skillGroupObservation) string {
	names := strings.Join(observed.unknown, ", ")
	if more := observed.unknownTotal - len(observed.unknown); more > 0 {
		names = fmt.Sprintf("%s and %d more", names, more)
	}
	return fmt.Sprintf("no Member in this namespace is named %s: create them, or take them out of spec.members", names)
}
