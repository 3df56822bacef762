package await

import (
	"fmt"
	"slices"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/describe"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
)

// Gone waits until a Member is gone. Another one may have its name by then.
func Gone(deleted *v1alpha1.Member) Condition {
	return func(member *v1alpha1.Member) State {
		switch {
		case member == nil || member.UID != deleted.UID:
			return State{}
		case len(member.Finalizers) > 0:
			return State{Missing: "it is being deleted, and waits for the finalizers " + humanize.Names(member.Finalizers)}
		default:
			return State{Missing: "it is not gone yet"}
		}
	}
}

// Replaced waits until a Member is gone, whoever has its name then.
func Replaced(member *v1alpha1.Member) Condition {
	return func(found *v1alpha1.Member) State {
		if found == nil || found.UID != member.UID {
			return State{}
		}
		return State{Missing: "it is not gone yet"}
	}
}

// PasswordReset waits until the value of spec.passwordReset is handled: the password
// is issued, and mailed if it is to be mailed now.
func PasswordReset(after *v1alpha1.Member) Condition {
	generation := after.Generation
	return func(member *v1alpha1.Member) State {
		if missing := behind(member, generation); missing != "" {
			return State{Missing: missing}
		}
		held := member.Status.Credentials
		if wanted := member.Spec.PasswordReset; wanted != "" && (held == nil || held.PasswordReset != wanted) {
			return State{Missing: "there is no new password: " + readyMessage(member)}
		}
		mailed := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.PasswordMailedCondition)
		switch {
		case mailed == nil:
			return State{Missing: "the new password is not mailed: " + readyMessage(member)}
		case mailed.Status == metav1.ConditionTrue, mailed.Reason == v1alpha1.ReasonMailNotConfigured, mailed.Reason == v1alpha1.ReasonHeld:
			return State{}
		default:
			return State{Missing: "the new password is not mailed: " + readyMessage(member)}
		}
	}
}

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

// Ready waits for a member to be Ready with a generation.
func Ready(generation int64) Condition {
	return func(member *v1alpha1.Member) State {
		if missing := behind(member, generation); missing != "" {
			return State{Missing: missing}
		}
		if apimeta.IsStatusConditionTrue(member.Status.Conditions, v1alpha1.ReadyCondition) {
			return State{}
		}
		return State{Missing: readyMessage(member), Stuck: isStuck(member)}
	}
}

// LoginAsSpecified waits until login is what the spec asks for, or is denied for
// another reason than what the spec says.
func LoginAsSpecified(s *cli.Session, after *v1alpha1.Member) Condition {
	generation := after.Generation
	return func(member *v1alpha1.Member) State {
		if missing := behind(member, generation); missing != "" {
			return State{Missing: missing}
		}
		reason := member.Status.LoginReason
		denied := member.Spec.DeniesLogin(s.Now()) != ""
		switch {
		case denied == (member.Status.Login != v1alpha1.LoginAllowed):
			return State{}
		case !denied && reason != "" && !describe.DeniedBySpec(reason):
			words := describe.WhyDenied(member, reason)
			return State{Note: "restored online, but login stays denied: " + words}
		default:
			return State{Missing: "login is " + string(member.Status.Login) + ", " + string(reason) + "; " + readyMessage(member)}
		}
	}
}
