// Package conditionstest checks conditions in tests.
package conditionstest

import (
	"strings"
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// CheckReady checks Ready: its reason, whether it is True, and words in its message. Stalled
// must have the same reason and message, or be absent.
func CheckReady(t *testing.T, conditions []metav1.Condition, generation int64, ready bool, reason string, stalled bool, words ...string) {
	t.Helper()
	condition := apimeta.FindStatusCondition(conditions, v1alpha1.ReadyCondition)
	if condition == nil {
		t.Fatal("Ready is absent")
	}
	if (condition.Status == metav1.ConditionTrue) != ready || condition.Reason != reason || condition.ObservedGeneration != generation {
		t.Errorf("Ready is %+v", condition)
	}
	for _, word := range words {
		if !strings.Contains(condition.Message, word) {
			t.Errorf("the message %q does not have %q", condition.Message, word)
		}
	}
	still := apimeta.FindStatusCondition(conditions, v1alpha1.StalledCondition)
	switch {
	case (still != nil) != stalled:
		t.Errorf("Stalled is %+v", still)
	case stalled && (still.Status != metav1.ConditionTrue || still.Reason != reason || still.Message != condition.Message):
		t.Errorf("Stalled is %+v, and Ready %+v", still, condition)
	}
}

// WasStalled returns the conditions of an object that was stalled before.
func WasStalled() []metav1.Condition {
	return []metav1.Condition{{Type: v1alpha1.StalledCondition, Status: metav1.ConditionTrue, Reason: "Before", Message: "before"}}
}
