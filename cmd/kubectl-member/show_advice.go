package main

import (
	"strings"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// advice is what to do about a state, with commands to copy.
type advice struct {
	text     string
	commands []string
}

// remedy is the advice for a reason of a condition. In it NAME is the member, and
// EMAIL, AGENTID and SECRET are the member's; kubectl means the same cluster and
// namespace.
type remedy struct {
	condition, reason string
	advice
}

// remedies are the advice there is. Each that fits is given, in this order.
var remedies = []remedy{
	{v1alpha1.LoginAllowedCondition, string(v1alpha1.LoginReasonForcedOffline), advice{
		"To let NAME log in again, with the same password:",
		[]string{"kubectl member restore-online NAME"},
	}},
	{v1alpha1.LoginAllowedCondition, string(v1alpha1.LoginReasonInactive), advice{
		"To let NAME log in again, with the same password:",
		[]string{"kubectl member edit NAME --active"},
	}},
	{v1alpha1.LoginAllowedCondition, string(v1alpha1.LoginReasonDeleting), advice{
		"The member is going. If it stays, these finalizers of other programs hold it:",
		[]string{"kubectl get members.rollcall.dev NAME -o jsonpath='{.metadata.finalizers}'"},
	}},
	{v1alpha1.LoginAllowedCondition, string(v1alpha1.LoginReasonDuplicate), advice{
		"Find the members with this e-mail address, and delete the one that is not wanted:",
		[]string{"kubectl member list --search EMAIL", "kubectl member delete NAME"},
	}},
	{v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonSecretConflict, advice{
		"Secret SECRET is somebody else's. If nothing needs it, delete it; a password is issued within a minute:",
		[]string{"kubectl describe secret SECRET", "kubectl delete secret SECRET"},
	}},
	{v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonNoContactCenter, advice{
		"Without a ContactCenter named default nothing is issued here. See whether you are in the right namespace, and create one:",
		[]string{"kubectl get contactcenters.rollcall.dev -A"},
	}},
	{v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonNotIssued, advice{
		"The password is about to be issued. If it is not within a minute, see whether the operator runs:",
		[]string{operatorCommand},
	}},
	{v1alpha1.PasswordMailedCondition, v1alpha1.ReasonRejected, advice{
		"The mail server refused the letter for good. If EMAIL is right, send a new password; if not, delete the member and add it again with the right address:",
		[]string{"kubectl member reset-password NAME", "kubectl member delete NAME"},
	}},
	{v1alpha1.PasswordMailedCondition, v1alpha1.ReasonRetrying, advice{
		"The mail server did not take the letter; it is tried again by itself. MailReady of the contact centre says what is wrong:",
		[]string{"kubectl describe contactcenters.rollcall.dev default"},
	}},
	{v1alpha1.PasswordMailedCondition, v1alpha1.ReasonMailNotConfigured, advice{
		"The contact centre sends no mail. Hand the password in Secret SECRET over yourself, or add spec.mail, and it is sent:",
		[]string{"kubectl edit contactcenters.rollcall.dev default --field-manager=rollcall-cli"},
	}},
	{v1alpha1.SkillGroupsJoinedCondition, v1alpha1.ReasonSkillGroupNotFound, advice{
		"Create the skill group, or take the member out of it. These exist:",
		[]string{"kubectl member groups"},
	}},
	{v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonRoleBindingConflict, advice{
		"The RoleBinding is somebody else's. If nothing needs it, delete it; the operator looks again within a minute:",
		[]string{"kubectl describe rolebinding " + v1alpha1.RoleBindingPrefix + "NAME", "kubectl delete rolebinding " + v1alpha1.RoleBindingPrefix + "NAME"},
	}},
	{v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonNotRevoked, advice{
		"The member still has permissions that must go, and the operator could not take them away: do it yourself, and see what it says:",
		[]string{"kubectl delete rolebinding " + v1alpha1.RoleBindingPrefix + "NAME", operatorCommand},
	}},
	{v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonNotGranted, advice{
		"The operator could not give the permissions of the role, and tries again. See what it may do:",
		[]string{operatorCommand},
	}},
	{v1alpha1.StalledCondition, v1alpha1.ReasonDuplicateAgentID, advice{
		"Find the members with this agent ID. It cannot be changed: delete one and add it again with another:",
		[]string{"kubectl member list --agent-id AGENTID", "kubectl member delete NAME"},
	}},
	{v1alpha1.StalledCondition, v1alpha1.ReasonDuplicateExtension, advice{
		"Find the members with this extension, and give one of them another:",
		[]string{"kubectl member list -o wide --sort-by extension", "kubectl member edit NAME --extension NUMBER"},
	}},
}

// operatorCommand shows the operator, wherever it is installed.
const operatorCommand = "kubectl get pods -A -l app.kubernetes.io/name=rollcall"

// advice is what to do next; none where all is well.
func (p portrait) advice() []advice {
	var given []advice
	if p.isUnattended() {
		given = append(given, p.filled(advice{
			"The operator has not carried out the last change. If it does not within seconds, see whether it runs:",
			[]string{operatorCommand},
		}))
	}
	for _, remedy := range remedies {
		if p.reason(remedy.condition) == remedy.reason && !p.isPast(remedy) {
			given = append(given, p.filled(remedy.advice))
		}
	}
	return given
}

// isUnattended is whether the operator has something to do.
func (p portrait) isUnattended() bool {
	status := &p.member.Status
	denial := p.member.DeniesLogin(p.now)
	return p.behind() || status.Login == "" || denial != "" && status.Login == v1alpha1.LoginAllowed ||
		denial == "" && bySpec(status.LoginReason)
}

// isPast is whether a remedy is for what the spec no longer asks for.
func (p portrait) isPast(r remedy) bool {
	return r.condition == v1alpha1.LoginAllowedCondition && bySpec(v1alpha1.LoginReason(r.reason)) && p.member.DeniesLogin(p.now) == ""
}

// filled puts in what the words in capitals stand for.
func (p portrait) filled(a advice) advice {
	member := p.member
	words := strings.NewReplacer(
		"SECRET", member.CredentialsSecretName(), "AGENTID", quoted(member.Spec.AgentID), "EMAIL", quoted(member.Spec.Email), "NAME", member.Name,
	)
	filled := advice{text: words.Replace(a.text)}
	for _, command := range a.commands {
		command = words.Replace(command)
		filled.commands = append(filled.commands, command+p.flags)
	}
	return filled
}
