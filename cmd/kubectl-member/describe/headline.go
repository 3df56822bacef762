package describe

import (
	"fmt"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
)

// notCarriedOut ends a headline about a change that the status does not show yet.
const notCarriedOut = "but the operator has not carried it out yet: status.login is still "

// headline says whether the member can log in, with its color. Login counts as denied if spec or
// status denies it, or if the status is not known.
func (w *screen) headline() (words, color string) {
	name, status := w.member.Name, w.member.Status
	denial, why := w.member.DeniesLogin(w.now), WhyDenied(w.member, status.LoginReason)
	switch {
	case status.Login == "":
		return name + " cannot log in yet: the operator has not seen this member.", cli.Red
	case status.Login != v1alpha1.LoginAllowed && w.isBehind():
		return fmt.Sprintf("%s cannot log in: %s. The operator has not seen the last change yet.", name, why), cli.Red
	case status.Login != v1alpha1.LoginAllowed && denial == "" && DeniedBySpec(status.LoginReason):
		return name + " is to be allowed to log in again, " + notCarriedOut + "Denied.", cli.Red
	case status.Login != v1alpha1.LoginAllowed:
		return fmt.Sprintf("%s cannot log in: %s.", name, why), cli.Red
	case denial != "":
		return fmt.Sprintf("%s must not log in (%s), %sAllowed.", name, WhyDenied(w.member, denial), notCarriedOut), cli.Red
	case w.lacksPassword():
		return fmt.Sprintf("%s is allowed to log in, but the e-mail with the password has not been sent: %s.", name, memberinfo.MailReason(w.member)), cli.Yellow
	case w.isBehind():
		return name + " is allowed to log in. The operator has not seen the last change yet.", cli.Yellow
	default:
		return name + " can log in.", cli.Green
	}
}

// WhyDenied returns why login is denied, in words.
func WhyDenied(member *v1alpha1.Member, reason v1alpha1.LoginReason) string {
	switch reason {
	case v1alpha1.LoginReasonForcedOffline:
		return "forced offline"
	case v1alpha1.LoginReasonInactive:
		return "not active"
	case v1alpha1.LoginReasonNotIssued:
		return "there is no valid password"
	case v1alpha1.LoginReasonDuplicate:
		return "another member holds the e-mail address"
	case v1alpha1.LoginReasonDeleting:
		return "the member is being deleted"
	case v1alpha1.LoginReasonNoLicense:
		return whyUnlicensed(member)
	default:
		return ""
	}
}

// whyUnlicensed returns why a member has no license, in words.
func whyUnlicensed(member *v1alpha1.Member) string {
	switch requested := memberinfo.AwaitedTier(member); {
	case requested != "":
		return fmt.Sprintf("no %s seat is free, and the member waits for one", requested)
	case member.Spec.License == v1alpha1.LicenseNone:
		return "the member is to have no license"
	case member.EffectiveRole() == v1alpha1.RoleSupervisor:
		return "a Supervisor needs a Premium license, and none is requested"
	default:
		return "no license is requested for the member"
	}
}

// DeniedBySpec reports whether the spec is the source of a denial.
func DeniedBySpec(reason v1alpha1.LoginReason) bool {
	return reason == v1alpha1.LoginReasonForcedOffline || reason == v1alpha1.LoginReasonInactive
}

// until returns when a denial by the spec ends.
func (w *screen) until() string {
	const restored = "an administrator restores the member online"
	spec := &w.member.Spec
	reason, ends := w.member.DeniesLogin(w.now), spec.ForceOfflineUntil
	switch {
	case reason == v1alpha1.LoginReasonInactive:
		return "an administrator sets active"
	case reason != v1alpha1.LoginReasonForcedOffline:
		return ""
	case !spec.IsActive():
		return restored + ", and sets active"
	case !spec.ForceOffline:
		return w.moment(*ends)
	case ends != nil && w.now.Before(ends.Time):
		return restored + "; " + w.moment(*ends) + " does not end it, since forceOffline is set too"
	default:
		return restored
	}
}
