package describe

import (
	"strings"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
)

// advice is what to do next, with commands to copy.
type advice struct {
	text     string
	commands []string
}

func (w *screen) advice() []advice {
	var given []advice
	if w.hasPendingWork() {
		given = append(given, w.complete(advice{
			"The operator has not carried out the last change. If it does not within seconds, check that it runs:",
			[]string{operatorCommand},
		}))
	}
	for _, remedy := range remedies {
		if w.reason(remedy.condition) == remedy.reason && w.applies(remedy) {
			given = append(given, w.complete(remedy.advice))
		}
	}
	return given
}

// hasPendingWork reports whether the operator must act on the member.
func (w *screen) hasPendingWork() bool {
	status, denied := &w.member.Status, w.member.DeniesLogin(w.now) != ""
	return w.isBehind() || status.Login == "" || denied && status.Login == v1alpha1.LoginAllowed || !denied && DeniedBySpec(status.LoginReason)
}

// applies reports whether a remedy fits the spec: it may be for something that the spec no longer
// requests, or that is as it should be.
func (w *screen) applies(r remedy) bool {
	switch {
	case r.condition == v1alpha1.LicenseAssignedCondition && r.reason == v1alpha1.ReasonNotRequested:
		isForNone := w.member.Spec.License == v1alpha1.LicenseNone
		return r.licenseNone == isForNone && !w.member.EffectiveRole().IsAdministrator()
	case r.condition == v1alpha1.LoginAllowedCondition && DeniedBySpec(v1alpha1.LoginReason(r.reason)):
		return w.member.DeniesLogin(w.now) != ""
	default:
		return true
	}
}

// complete replaces the words in capitals, and adds the connection flags to commands.
func (w *screen) complete(a advice) advice {
	member, suitable := w.member, v1alpha1.TierStandard
	if member.EffectiveRole() == v1alpha1.RoleSupervisor {
		suitable = v1alpha1.TierPremium
	}
	words := strings.NewReplacer(
		"REQUESTED", memberinfo.AwaitedTier(member), "SUITABLE", string(suitable), "USERPROFILE", memberinfo.AssignedName(member.Status.UserProfile),
		"SECRET", member.CredentialsSecretName(), "AGENTID", humanize.ShellQuote(member.Spec.AgentID), "EMAIL", humanize.ShellQuote(member.Spec.Email), "NAME", member.Name,
	)
	completed := advice{text: words.Replace(a.text)}
	for _, command := range a.commands {
		completed.commands = append(completed.commands, words.Replace(command)+w.connection)
	}
	return completed
}

func (w *screen) writeAdvice() {
	for i, advice := range w.advice() {
		if i == 0 {
			w.print("\n%s\n", w.paint(cli.Bold, "What to do next"))
		}
		w.print("   %s\n", humanize.OneLine(advice.text))
		for _, command := range advice.commands {
			w.print("      %s\n", humanize.OneLine(command))
		}
	}
}
