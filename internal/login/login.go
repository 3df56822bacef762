// Package login decides whether a member may log in. The operator decides with everything that it
// observes, the login gate with what the status says; both by the same function.
package login

import (
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// Facts are what speaks for or against a login.
type Facts struct {
	// Spec is the Member's; only the fields that deny login are read.
	Spec *v1alpha1.MemberSpec
	// Deleting reports that the Member is being deleted.
	Deleting bool
	// Duplicate reports that another Member holds the e-mail address.
	Duplicate bool
	// NotIssued reports that there is no valid password.
	NotIssued bool
	// Unlicensed reports that the member needs a license and holds none.
	Unlicensed bool
	// Status is the denial that the Member's status shows, for readers other than the operator;
	// empty if the status allows login.
	Status v1alpha1.LoginReason
}

// Denial returns why login is denied at a time; empty if it is allowed. Deny wins: one fact against
// the login is enough. The first that applies is the reason.
func Denial(facts Facts, now time.Time) v1alpha1.LoginReason {
	if facts.Deleting {
		return v1alpha1.LoginReasonDeleting
	}
	if reason := facts.Spec.DeniesLogin(now); reason != "" {
		return reason
	}
	switch {
	case facts.Duplicate:
		return v1alpha1.LoginReasonDuplicate
	case facts.NotIssued:
		return v1alpha1.LoginReasonNotIssued
	case facts.Unlicensed:
		return v1alpha1.LoginReasonNoLicense
	default:
		return facts.Status
	}
}

// NextPeriod returns what status.loginAllowedSince becomes. It names the current period in which
// login is allowed, or the last one while login is denied. A new period begins with each login
// that is allowed after a denial, and its name is new even within one second or after the clock
// was set back, since sessions of an earlier period must not count in it.
func NextPeriod(before *v1alpha1.MemberStatus, allowed bool, now time.Time) *metav1.Time {
	condition := apimeta.FindStatusCondition(before.Conditions, v1alpha1.LoginAllowedCondition)
	last := before.LoginAllowedSince
	if last != nil && condition != nil && condition.LastTransitionTime.After(last.Time) && condition.Status == metav1.ConditionTrue {
		last = &condition.LastTransitionTime // an older version of the operator began this period
	}
	goesOn := before.Login == v1alpha1.LoginAllowed && condition != nil && condition.Status == metav1.ConditionTrue
	if !allowed || goesOn {
		return last
	}
	since := metav1.NewTime(now).Rfc3339Copy()
	if last != nil {
		since = After(since, *last)
	}
	if condition != nil {
		since = After(since, condition.LastTransitionTime)
	}
	return &since
}

// After returns the time of a change that follows another one: now, or one second after the earlier
// change if that is later. Times in a status have whole seconds.
func After(now, earlier metav1.Time) metav1.Time {
	if next := earlier.Add(time.Second); next.After(now.Time) {
		return metav1.NewTime(next)
	}
	return now
}

// Period returns the start of the current period in which a Member's status allows login, in seconds
// since 1970; 0 if it denies login. Compare periods for equality only. An object that an
// older version of the operator wrote last has no status.loginAllowedSince, or an earlier one:
// there, the transition time of the condition LoginAllowed counts.
func Period(status *v1alpha1.MemberStatus) int64 {
	condition := apimeta.FindStatusCondition(status.Conditions, v1alpha1.LoginAllowedCondition)
	if condition == nil || condition.Status != metav1.ConditionTrue {
		return 0
	}
	since := condition.LastTransitionTime
	if status.LoginAllowedSince != nil && status.LoginAllowedSince.After(since.Time) {
		since = *status.LoginAllowedSince
	}
	return since.Unix()
}
