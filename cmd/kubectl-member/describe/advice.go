// Package describe writes the screen of `kubectl member show`.
package describe

import (
	"strings"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
)

// advice is what to do about a state, with commands to copy.
type advice struct {
	text     string
	commands []string
}

// operatorCommand shows the operator, wherever it is installed.
const operatorCommand = "kubectl get pods -A -l app.kubernetes.io/name=rollcall"

// advice is what to do next; none where all is well.
func (p Description) advice() []advice {
	var given []advice
	if p.isUnattended() {
		given = append(given, p.filled(advice{
			"The operator has not carried out the last change. If it does not within seconds, see whether it runs:",
			[]string{operatorCommand},
		}))
	}
	for _, remedy := range remedies {
		if p.reason(remedy.condition) == remedy.reason && !p.isPast(remedy) {
			given = append(given, p.filled(p.fitting(remedy)))
		}
	}
	return given
}

// fitting is the advice of a remedy, or another one where the member is meant to have
// no licence.
func (p Description) fitting(r remedy) advice {
	if r.condition == v1alpha1.LicenseAssignedCondition && r.reason == v1alpha1.ReasonNotRequested && p.member.Spec.License == v1alpha1.LicenseNone {
		return licenseForNone
	}
	return r.advice
}

// isUnattended is whether the operator has something to do.
func (p Description) isUnattended() bool {
	status := &p.member.Status
	denial := p.member.DeniesLogin(p.now)
	return p.behind() || status.Login == "" || denial != "" && status.Login == v1alpha1.LoginAllowed ||
		denial == "" && DeniedBySpec(status.LoginReason)
}

// isPast is whether a remedy is for what the spec no longer asks for, or for what is
// as it should be.
func (p Description) isPast(r remedy) bool {
	if r.condition == v1alpha1.LicenseAssignedCondition && p.member.EffectiveRole().IsAdministrator() && r.reason == v1alpha1.ReasonNotRequested {
		return true
	}
	return r.condition == v1alpha1.LoginAllowedCondition && DeniedBySpec(v1alpha1.LoginReason(r.reason)) && p.member.DeniesLogin(p.now) == ""
}

// filled puts in what the words in capitals stand for.
func (p Description) filled(a advice) advice {
	member := p.member
	requested, suitable := memberinfo.AwaitedTier(member), string(v1alpha1.TierStandard)
	if member.EffectiveRole() == v1alpha1.RoleSupervisor {
		suitable = string(v1alpha1.TierPremium)
	}
	words := strings.NewReplacer(
		"REQUESTED", requested, "SUITABLE", suitable, "COUNTING", memberinfo.AssignedName(member.Status.UserProfile),
		"SECRET", member.CredentialsSecretName(), "AGENTID", humanize.ShellQuote(member.Spec.AgentID), "EMAIL", humanize.ShellQuote(member.Spec.Email), "NAME", member.Name,
	)
	filled := advice{text: words.Replace(a.text)}
	for _, command := range a.commands {
		command = words.Replace(command)
		filled.commands = append(filled.commands, command+p.ConnectionArguments)
	}
	return filled
}
