// Package conditions turns a verdict (true or false, with a reason and a message)
// into a metav1.Condition. It reads no clock: callers pass the time.
package conditions

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// maxMessageLength bounds a condition's message, in characters.
const maxMessageLength = 4096

// Verdict is what a condition says. A verdict without a reason means that the condition does not
// apply and is absent.
type Verdict struct {
	Holds           bool
	Reason, Message string
}

// True returns the verdict of a condition that holds.
func True(reason, message string) Verdict {
	return Verdict{Holds: true, Reason: reason, Message: message}
}

// False returns the verdict of a condition that does not hold.
func False(reason, message string) Verdict { return Verdict{Reason: reason, Message: message} }

// Applies reports whether the condition is present.
func (v Verdict) Applies() bool { return v.Reason != "" }

// Fails reports whether the condition is present and does not hold.
func (v Verdict) Fails() bool { return v.Applies() && !v.Holds }

// Set writes a verdict into a list of conditions; a verdict that does not apply removes its
// condition.
func (v Verdict) Set(conditions *[]metav1.Condition, conditionType string, generation int64, now metav1.Time) {
	if !v.Applies() {
		Remove(conditions, conditionType)
		return
	}
	status := metav1.ConditionFalse
	if v.Holds {
		status = metav1.ConditionTrue
	}
	Set(conditions, metav1.Condition{
		Type: conditionType, Status: status, Reason: v.Reason, Message: v.Message,
		ObservedGeneration: generation, LastTransitionTime: now,
	})
}

// Set sets a condition and shortens a message that is too long.
func Set(conditions *[]metav1.Condition, condition metav1.Condition) {
	if runes := []rune(condition.Message); len(runes) > maxMessageLength {
		condition.Message = string(runes[:maxMessageLength-1]) + "…"
	}
	apimeta.SetStatusCondition(conditions, condition)
}

// SetReadyAndStalled writes Ready, and Stalled with the same words where only a person can help.
func SetReadyAndStalled(conditions *[]metav1.Condition, ready Verdict, stalled bool, generation int64, now metav1.Time) {
	ready.Set(conditions, v1alpha1.ReadyCondition, generation, now)
	var verdict Verdict
	if stalled {
		verdict = True(ready.Reason, ready.Message)
	}
	verdict.Set(conditions, v1alpha1.StalledCondition, generation, now)
}

// Remove removes a condition. The library's function copies all others even if there is nothing to
// remove.
func Remove(conditions *[]metav1.Condition, conditionType string) {
	if apimeta.FindStatusCondition(*conditions, conditionType) != nil {
		apimeta.RemoveStatusCondition(conditions, conditionType)
	}
}

// KeepMessage returns the message of a failure: the message that the condition has, as long as its
// reason and the generation stay the same. An error whose words differ each time is not worth a
// write each time.
func KeepMessage(conditions []metav1.Condition, generation int64, conditionType, reason, message string) string {
	before := apimeta.FindStatusCondition(conditions, conditionType)
	if before != nil && before.Reason == reason && before.ObservedGeneration == generation {
		return before.Message
	}
	return message
}

// Sentence returns the text of an error as a sentence of a message.
func Sentence(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[size:], ".") + "."
}

// HasReason reports whether a condition is present with a reason.
func HasReason(conditions []metav1.Condition, conditionType, reason string) bool {
	condition := apimeta.FindStatusCondition(conditions, conditionType)
	return condition != nil && condition.Reason == reason
}

// SelectorMessage returns the message about a selector that cannot be evaluated.
func SelectorMessage(problem string) string {
	return fmt.Sprintf("spec.selector selects no Member. Correct it: %s", problem)
}
