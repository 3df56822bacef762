package main

import (
	"fmt"
	"slices"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// behind says that the operator has not looked at a generation of a member yet;
// empty if it has.
func behind(member *v1alpha1.Member, generation int64) string {
	switch {
	case member == nil:
		return "it was deleted meanwhile"
	case member.Status.ObservedGeneration < max(generation, member.Generation):
		return "the operator has not looked at the change yet: is it running?"
	default:
		return ""
	}
}

// readyMessage is what the condition Ready says.
func readyMessage(member *v1alpha1.Member) string {
	ready := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.ReadyCondition)
	if ready == nil {
		return "the operator has not said whether it is Ready"
	}
	return fmt.Sprintf("Ready is %s, %s: %s", ready.Status, ready.Reason, strings.Join(strings.Fields(ready.Message), " "))
}

// passingNot are the reasons of Ready that time alone does not mend.
var passingNot = []string{
	v1alpha1.ReasonNotRequested, v1alpha1.ReasonNoSeat, v1alpha1.ReasonSkillGroupNotFound, v1alpha1.ReasonSiteNotFound, v1alpha1.ReasonTeamNotFound,
	v1alpha1.ReasonTeamNotAtSite, v1alpha1.ReasonTeamTakesNoMembers, v1alpha1.ReasonProfileNotFound,
}

// isStuck is whether somebody has to do something before a member is Ready.
func isStuck(member *v1alpha1.Member) bool {
	if apimeta.IsStatusConditionTrue(member.Status.Conditions, v1alpha1.StalledCondition) {
		return true
	}
	ready := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.ReadyCondition)
	return ready != nil && slices.Contains(passingNot, ready.Reason)
}

// untilReady waits for a member to be Ready with a generation.
func untilReady(generation int64) settledFunc {
	return func(member *v1alpha1.Member) standing {
		if missing := behind(member, generation); missing != "" {
			return standing{missing: missing}
		}
		if apimeta.IsStatusConditionTrue(member.Status.Conditions, v1alpha1.ReadyCondition) {
			return standing{}
		}
		return standing{missing: readyMessage(member), stuck: isStuck(member)}
	}
}

// untilLoginAsAsked waits until login is what the spec asks for, or is denied for
// another reason than what the spec says.
func (s *session) untilLoginAsAsked(after *v1alpha1.Member) settledFunc {
	generation := after.Generation
	return func(member *v1alpha1.Member) standing {
		if missing := behind(member, generation); missing != "" {
			return standing{missing: missing}
		}
		reason := member.Status.LoginReason
		denied := member.Spec.DeniesLogin(s.now()) != ""
		switch {
		case denied == (member.Status.Login != v1alpha1.LoginAllowed):
			return standing{}
		case !denied && reason != "" && !bySpec(reason):
			words := whyDenied(member, reason)
			return standing{note: "restored online, but login stays denied: " + words}
		default:
			return standing{missing: "login is " + string(member.Status.Login) + ", " + string(reason) + "; " + readyMessage(member)}
		}
	}
}
