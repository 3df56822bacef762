package main

import (
	"fmt"
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

// untilReady waits for a member to be Ready with a generation.
func untilReady(generation int64) settledFunc {
	return func(member *v1alpha1.Member) string {
		if missing := behind(member, generation); missing != "" {
			return missing
		}
		if apimeta.IsStatusConditionTrue(member.Status.Conditions, v1alpha1.ReadyCondition) {
			return ""
		}
		return readyMessage(member)
	}
}

// untilLoginAsAsked waits until login is what the spec asks for.
func (s *session) untilLoginAsAsked(after *v1alpha1.Member) settledFunc {
	generation := after.Generation
	return func(member *v1alpha1.Member) string {
		if missing := behind(member, generation); missing != "" {
			return missing
		}
		denied := member.Spec.DeniesLogin(s.now()) != ""
		if denied == (member.Status.Login != v1alpha1.LoginAllowed) {
			return ""
		}
		return "login is " + string(member.Status.Login) + ", " + string(member.Status.LoginReason) + "; " + readyMessage(member)
	}
}
