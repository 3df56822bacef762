package conditions

import (
	"fmt"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// SetReadyAndStalled writes Ready, and Stalled with the same words where only a
// person can help.
func SetReadyAndStalled(conditions *[]metav1.Condition, ready Verdict, stalled bool, generation int64, now metav1.Time) {
	ready.Set(conditions, v1alpha1.ReadyCondition, generation, now)
	if stalled {
		True(ready.Reason, ready.Message).Set(conditions, v1alpha1.StalledCondition, generation, now)
	} else {
		apimeta.RemoveStatusCondition(conditions, v1alpha1.StalledCondition)
	}
}

// Verdict is what a condition says.
type Verdict struct {
	Holds           bool
	Reason, Message string
}

// True and no make verdicts.
func True(reason, message string) Verdict {
	return Verdict{Holds: true, Reason: reason, Message: message}
}

func False(reason, message string) Verdict { return Verdict{Reason: reason, Message: message} }

// maxMessageLength is the bound of a condition's message, in characters.
const maxMessageLength = 4096

// set writes a verdict into a list of conditions.
func (v Verdict) Set(conditions *[]metav1.Condition, conditionType string, generation int64, now metav1.Time) {
	status := metav1.ConditionFalse
	if v.Holds {
		status = metav1.ConditionTrue
	}
	Set(conditions, metav1.Condition{
		Type: conditionType, Status: status, Reason: v.Reason, Message: v.Message,
		ObservedGeneration: generation, LastTransitionTime: now,
	})
}

// Set sets a condition whose message may be too long.
//
// Times of conditions have whole seconds, and yet a change is later than the one
// before it: by the time of LoginAllowed, the login gate tells the sessions from
// before a denial.
func Set(conditions *[]metav1.Condition, condition metav1.Condition) {
	before := apimeta.FindStatusCondition(*conditions, condition.Type)
	if before != nil && before.Status != condition.Status {
		if next := before.LastTransitionTime.Add(time.Second); next.After(condition.LastTransitionTime.Time) {
			condition.LastTransitionTime = metav1.NewTime(next)
		}
	}
	if runes := []rune(condition.Message); len(runes) > maxMessageLength {
		condition.Message = string(runes[:maxMessageLength-1]) + "…"
	}
	apimeta.SetStatusCondition(conditions, condition)
}

// Remove removes a condition. The library's function copies all the others
// even where there is nothing to remove.
func Remove(conditions *[]metav1.Condition, name string) {
	if apimeta.FindStatusCondition(*conditions, name) != nil {
		apimeta.RemoveStatusCondition(conditions, name)
	}
}

// KeepMessage is what a condition says of a failure: the same as before while its
// reason is, and the object, since an error whose words differ each time is not worth
// a write each time.
func KeepMessage(conditions []metav1.Condition, generation int64, condition, reason, message string) string {
	before := apimeta.FindStatusCondition(conditions, condition)
	if before != nil && before.Reason == reason && before.ObservedGeneration == generation {
		return before.Message
	}
	return message
}

// HasReason is whether a condition is there with a reason.
func HasReason(conditions []metav1.Condition, conditionType, reason string) bool {
	condition := apimeta.FindStatusCondition(conditions, conditionType)
	return condition != nil && condition.Reason == reason
}

// SelectorMessage says what to do about a selector that cannot be evaluated.
func SelectorMessage(problem string) string {
	return fmt.Sprintf("spec.selector selects nobody, correct it: %s", problem)
}
