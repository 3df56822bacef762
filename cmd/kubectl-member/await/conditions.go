package await

import (
	"fmt"
	"slices"
	"strings"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/describe"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
)

// Phase is how far the operator is with a member.
type Phase int

const (
	// Pending means that the operator is expected to act.
	Pending Phase = iota
	// Stuck means that an administrator must act first.
	Stuck
	// Done means that there is nothing left to wait for.
	Done
)

// Progress is the phase of a member, with what is missing or what else to know.
type Progress struct {
	Phase  Phase
	Detail string
}

// Condition returns the progress of a member, which is nil if it does not exist.
type Condition func(member *v1alpha1.Member) Progress

// Gone waits until a Member is deleted. Another Member may have its name by then.
func Gone(deleted *v1alpha1.Member) Condition {
	return func(member *v1alpha1.Member) Progress {
		switch {
		case member == nil || member.UID != deleted.UID:
			return Progress{Phase: Done}
		case len(member.Finalizers) > 0:
			return Progress{Detail: "being deleted, waiting for the finalizers " + humanize.Names(member.Finalizers)}
		default:
			return Progress{Detail: "not deleted yet"}
		}
	}
}

// Ready waits until a member is Ready with its current generation.
func Ready(after *v1alpha1.Member) Condition {
	return observed(after, func(member *v1alpha1.Member) Progress {
		switch {
		case apimeta.IsStatusConditionTrue(member.Status.Conditions, v1alpha1.ReadyCondition):
			return Progress{Phase: Done}
		case isStuck(member):
			return Progress{Phase: Stuck, Detail: readyMessage(member)}
		default:
			return Progress{Detail: readyMessage(member)}
		}
	})
}

// PasswordReset waits until the operator has handled spec.passwordReset: the password is
// issued, and mailed if it is to be mailed now.
func PasswordReset(after *v1alpha1.Member) Condition {
	return observed(after, func(member *v1alpha1.Member) Progress {
		held, wanted := member.Status.Credentials, member.Spec.PasswordReset
		if wanted != "" && (held == nil || held.PasswordReset != wanted) {
			return Progress{Detail: "no new password yet; " + readyMessage(member)}
		}
		mailed := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.PasswordMailedCondition)
		finished := []string{v1alpha1.ReasonMailNotConfigured, v1alpha1.ReasonHeld}
		if mailed != nil && (mailed.Status == "True" || slices.Contains(finished, mailed.Reason)) {
			return Progress{Phase: Done}
		}
		return Progress{Detail: "the new password is not mailed yet; " + readyMessage(member)}
	})
}

// LoginAsSpecified waits until login is as the spec says, or is denied for a reason outside
// the spec.
func LoginAsSpecified(now func() time.Time) func(after *v1alpha1.Member) Condition {
	return func(after *v1alpha1.Member) Condition {
		return observed(after, func(member *v1alpha1.Member) Progress { return loginProgress(member, now()) })
	}
}

func loginProgress(member *v1alpha1.Member, now time.Time) Progress {
	reason := member.Status.LoginReason
	denied := member.Spec.DeniesLogin(now) != ""
	switch {
	case denied == (member.Status.Login != v1alpha1.LoginAllowed):
		return Progress{Phase: Done}
	case !denied && reason != "" && !describe.DeniedBySpec(reason):
		return Progress{Phase: Done, Detail: "restored online, but login is still denied: " + describe.WhyDenied(member, reason)}
	default:
		return Progress{Detail: fmt.Sprintf("login is %s, %s; %s", member.Status.Login, reason, readyMessage(member))}
	}
}

// observed applies a condition to members whose current generation the operator has seen.
func observed(after *v1alpha1.Member, condition Condition) Condition {
	generation := after.Generation
	return func(member *v1alpha1.Member) Progress {
		switch {
		case member == nil:
			return Progress{Detail: "deleted in the meantime"}
		case member.Status.ObservedGeneration < max(generation, member.Generation):
			return Progress{Detail: "the operator has not seen the change yet: check that it is running"}
		default:
			return condition(member)
		}
	}
}

// readyMessage returns what the condition Ready says.
func readyMessage(member *v1alpha1.Member) string {
	ready := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.ReadyCondition)
	if ready == nil {
		return "the condition Ready is not set yet"
	}
	return fmt.Sprintf("Ready is %s, %s: %s", ready.Status, ready.Reason, strings.Join(strings.Fields(ready.Message), " "))
}

// stuckReasons are the reasons of Ready that an administrator must fix.
var stuckReasons = []string{
	v1alpha1.ReasonNotRequested, v1alpha1.ReasonNoSeat, v1alpha1.ReasonSkillGroupNotFound, v1alpha1.ReasonSiteNotFound, v1alpha1.ReasonTeamNotFound,
	v1alpha1.ReasonTeamNotAtSite, v1alpha1.ReasonTeamTakesNoMembers, v1alpha1.ReasonProfileNotFound,
}

// isStuck reports whether the member cannot become Ready without a change by an
// administrator.
func isStuck(member *v1alpha1.Member) bool {
	if apimeta.IsStatusConditionTrue(member.Status.Conditions, v1alpha1.StalledCondition) {
		return true
	}
	ready := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.ReadyCondition)
	return ready != nil && slices.Contains(stuckReasons, ready.Reason)
}
