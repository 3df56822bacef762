package describe

import (
	"fmt"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
)

// headline answers whether the member can log in, in words, with its colour. Deny
// wins: login is denied if the spec asks for it, or the status says so, or it is
// not known.
func (p Description) headline() (words, colour string) {
	name, status := p.member.Name, p.member.Status
	denial := p.member.DeniesLogin(p.now)
	switch {
	case status.Login == "":
		return name + " cannot log in yet: the operator has not looked at this member.", cli.Red
	case status.Login != v1alpha1.LoginAllowed:
		return p.deniedHeadline(denial), cli.Red
	case denial != "":
		return fmt.Sprintf("%s must not log in (%s), but the operator has not carried it out yet: status.login is still Allowed.", name, p.because(denial)), cli.Red
	case p.isWithoutPassword():
		return fmt.Sprintf("%s may log in, but the letter with the password has not been sent: %s.", name, memberinfo.MailReason(p.member)), cli.Yellow
	case p.behind():
		return name + " may log in. The operator has not looked at the last change yet.", cli.Yellow
	default:
		return name + " can log in.", cli.Green
	}
}

// deniedHeadline says why login is denied, and whether that is about to change.
func (p Description) deniedHeadline(denial v1alpha1.LoginReason) string {
	name, reason := p.member.Name, p.member.Status.LoginReason
	switch {
	case p.behind():
		return fmt.Sprintf("%s cannot log in: %s. The operator has not looked at the last change yet.", name, p.because(reason))
	case denial == "" && DeniedBySpec(reason):
		return name + " is to be allowed to log in again, but the operator has not carried it out yet: status.login is still Denied."
	default:
		return fmt.Sprintf("%s cannot log in: %s.", name, p.because(reason))
	}
}

// because returns why login is denied, in words.
func (p Description) because(reason v1alpha1.LoginReason) string { return WhyDenied(p.member, reason) }

// WhyDenied returns why login is denied, in words.
func WhyDenied(member *v1alpha1.Member, reason v1alpha1.LoginReason) string {
	if reason == v1alpha1.LoginReasonNoLicense {
		return withoutLicense(member)
	}
	return denials[reason]
}

// denials are the words for those reasons that need no more.
var denials = map[v1alpha1.LoginReason]string{
	v1alpha1.LoginReasonForcedOffline: "forced offline",
	v1alpha1.LoginReasonInactive:      "not active",
	v1alpha1.LoginReasonNotIssued:     "there is no valid password",
	v1alpha1.LoginReasonDuplicate:     "another member holds the e-mail address",
	v1alpha1.LoginReasonDeleting:      "the member is being deleted",
}

// DeniedBySpec is whether a denial comes from the spec.
func DeniedBySpec(reason v1alpha1.LoginReason) bool {
	return reason == v1alpha1.LoginReasonForcedOffline || reason == v1alpha1.LoginReasonInactive
}

// behind is whether the status is about an older spec.
func (p Description) behind() bool { return p.member.Status.ObservedGeneration < p.member.Generation }

// isWithoutPassword is whether the current password has not reached the member.
func (p Description) isWithoutPassword() bool {
	return apimeta.IsStatusConditionFalse(p.member.Status.Conditions, v1alpha1.PasswordMailedCondition)
}

// condition is one of the member's; nil if it is not there.
func (p Description) condition(name string) *metav1.Condition {
	return apimeta.FindStatusCondition(p.member.Status.Conditions, name)
}

// reason is that of a condition; empty if it is not there.
func (p Description) reason(name string) string {
	if condition := p.condition(name); condition != nil {
		return condition.Reason
	}
	return ""
}

// until is when a denial ends; empty where nobody has to ask.
func (p Description) until() string {
	const restored = "somebody restores the member online"
	spec := &p.member.Spec
	switch p.member.DeniesLogin(p.now) {
	case v1alpha1.LoginReasonForcedOffline:
		ends := spec.ForceOfflineUntil
		switch {
		case !memberinfo.IsActive(p.member):
			return restored + ", and sets active"
		case !spec.ForceOffline:
			return p.moment(*ends)
		case ends != nil && p.now.Before(ends.Time):
			return restored + "; " + p.moment(*ends) + " does not end it, since forceOffline is set too"
		default:
			return restored
		}
	case v1alpha1.LoginReasonInactive:
		return "somebody sets active"
	default:
		return ""
	}
}

// moment is a time, with how far away it is.
func (p Description) moment(at metav1.Time) string {
	text := at.UTC().Format(time.RFC3339)
	if p.now.Before(at.Time) {
		return text + " (in " + humanize.Age(metav1.NewTime(p.now), at.Time) + ")"
	}
	return text + " (" + humanize.Age(at, p.now) + " ago)"
}
