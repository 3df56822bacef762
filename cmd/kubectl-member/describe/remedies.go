package describe

import "rollcall.dev/rollcall/api/v1alpha1"

const (
	// operatorCommand shows the operator in any namespace.
	operatorCommand = "kubectl get pods -A -l app.kubernetes.io/name=rollcall"
	// editCenterCommand opens the ContactCenter in an editor.
	editCenterCommand = "kubectl edit contactcenters.rollcall.dev default --field-manager=rollcall-cli"
	// bindingName is the name of the member's RoleBinding.
	bindingName = v1alpha1.RoleBindingPrefix + "NAME"
)

// remedy is the advice for a reason of a condition. NAME, EMAIL, AGENTID, SECRET, and USERPROFILE
// stand for the member's. REQUESTED is the license that it waits for, and SUITABLE one that its role
// can use.
type remedy struct {
	condition, reason string
	// licenseNone marks the remedy for a member whose spec has license: None.
	licenseNone bool
	advice
}

func on[R ~string](condition string, reason R, text string, commands ...string) remedy {
	return remedy{condition: condition, reason: string(reason), advice: advice{text, commands}}
}

// remedies holds all advice, in the order in which it is given.
var remedies = []remedy{
	on(v1alpha1.LoginAllowedCondition, v1alpha1.LoginReasonForcedOffline,
		"To let NAME log in again with the same password:",
		"kubectl member restore-online NAME"),
	on(v1alpha1.LoginAllowedCondition, v1alpha1.LoginReasonInactive,
		"To let NAME log in again with the same password:",
		"kubectl member edit NAME --active"),
	on(v1alpha1.LoginAllowedCondition, v1alpha1.LoginReasonDeleting,
		"The member is being deleted. If it stays, finalizers of other programs hold it:",
		"kubectl get members.rollcall.dev NAME -o jsonpath='{.metadata.finalizers}'"),
	on(v1alpha1.LoginAllowedCondition, v1alpha1.LoginReasonDuplicate,
		"Find the members with this e-mail address, and delete the wrong one:",
		"kubectl member list --search EMAIL", "kubectl member delete NAME"),
	on(v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonSecretConflict,
		"Another program owns Secret SECRET. If nothing needs it, delete it. The operator issues a password within a minute:",
		"kubectl describe secret SECRET", "kubectl delete secret SECRET"),
	on(v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonNoContactCenter,
		"No password is issued without a ContactCenter named default. Check that this is the right namespace, and create one:",
		"kubectl get contactcenters.rollcall.dev -A"),
	on(v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonNotIssued,
		"The password will be issued soon. If it is not within a minute, check that the operator runs:",
		operatorCommand),
	on(v1alpha1.PasswordMailedCondition, v1alpha1.ReasonRejected,
		"The mail server rejected the e-mail permanently. If EMAIL is right, send a new password. If not, delete the member and add it again with the right address:",
		"kubectl member reset-password NAME", "kubectl member delete NAME"),
	on(v1alpha1.PasswordMailedCondition, v1alpha1.ReasonRetrying,
		"The mail server did not accept the e-mail, and the operator tries again. The condition MailReady of the contact center says why:",
		"kubectl describe contactcenters.rollcall.dev default"),
	on(v1alpha1.PasswordMailedCondition, v1alpha1.ReasonMailNotConfigured,
		"The contact center sends no mail. Give the member the password in Secret SECRET, or add spec.mail, and it is sent:",
		editCenterCommand),
	on(v1alpha1.SkillGroupsJoinedCondition, v1alpha1.ReasonSkillGroupNotFound,
		"Create the skill group, or remove the member from it. These exist:",
		"kubectl member groups"),
	on(v1alpha1.LicenseAssignedCondition, v1alpha1.ReasonNoSeat,
		"NAME gets the next free REQUESTED seat automatically. List who holds and who waits for a seat. Free one with edit OTHER --license None, or raise spec.licenses:",
		"kubectl member licenses", editCenterCommand),
	on(v1alpha1.LicenseAssignedCondition, v1alpha1.ReasonNotRequested,
		"Request a license in spec.license, or in a MemberTemplate for all members like NAME:",
		"kubectl member edit NAME --license SUITABLE", "kubectl get membertemplates.rollcall.dev"),
	{v1alpha1.LicenseAssignedCondition, v1alpha1.ReasonNotRequested, true, advice{
		"NAME is to have no license: its spec.license is None. To give it one, or to let the MemberTemplates decide:",
		[]string{"kubectl member edit NAME --license SUITABLE", `kubectl member edit NAME --license ""`},
	}},
	on(v1alpha1.PlacementResolvedCondition, v1alpha1.ReasonSiteNotFound,
		"Create the site, or give NAME another one. These exist:",
		"kubectl get sites.rollcall.dev", "kubectl member edit NAME --site SITE"),
	on(v1alpha1.PlacementResolvedCondition, v1alpha1.ReasonTeamNotFound,
		"Create the team, or give NAME other teams. These exist:",
		"kubectl get teams.rollcall.dev", "kubectl member edit NAME --team TEAM,TEAM"),
	on(v1alpha1.PlacementResolvedCondition, v1alpha1.ReasonTeamNotAtSite,
		"A team must be at the member's site. Give NAME teams of that site, or another site. These exist, with their sites:",
		"kubectl get teams.rollcall.dev", "kubectl member edit NAME --team TEAM,TEAM", "kubectl member edit NAME --site SITE"),
	on(v1alpha1.PlacementResolvedCondition, v1alpha1.ReasonTeamTakesNoMembers,
		"A team of type Capacity, or with active: false, has no members. Give NAME other teams, or activate the team. These exist:",
		"kubectl get teams.rollcall.dev", "kubectl member edit NAME --team TEAM,TEAM",
		`kubectl patch teams.rollcall.dev TEAM --type=merge -p '{"spec":{"active":true}}' --field-manager=rollcall-cli`),
	on(v1alpha1.PlacementResolvedCondition, v1alpha1.ReasonProfileNotFound,
		"Create the profile, or give NAME another one. A member without its user profile has no permissions. These exist, besides the built-in ones:",
		"kubectl get userprofiles.rollcall.dev,desktopprofiles.rollcall.dev", "kubectl member edit NAME --user-profile PROFILE", "kubectl member edit NAME --desktop-profile PROFILE"),
	on(v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonRoleBindingConflict,
		"Another program owns the RoleBinding. If nothing needs it, delete it. The operator checks again within a minute:",
		"kubectl describe rolebinding "+bindingName, "kubectl delete rolebinding "+bindingName),
	on(v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonRoleNotReady,
		"The Role of the user profile differs from the profile, so NAME has no permissions. The profile's condition Ready says why:",
		"kubectl describe userprofiles.rollcall.dev USERPROFILE"),
	on(v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonNotRevoked,
		"The operator could not revoke permissions that the member must not have. Revoke them yourself, and read the operator's log:",
		"kubectl delete rolebinding "+bindingName, operatorCommand),
	on(v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonNotGranted,
		"The operator could not grant the permissions of the role, and tries again. Check the operator's own permissions:",
		operatorCommand),
	on(v1alpha1.StalledCondition, v1alpha1.ReasonDuplicateAgentID,
		"Find the members with this agent ID. It cannot be changed: delete one member, and add it again with another agent ID:",
		"kubectl member list --agent-id AGENTID", "kubectl member delete NAME"),
	on(v1alpha1.StalledCondition, v1alpha1.ReasonDuplicateExtension,
		"Find the members with this extension, and give one of them another:",
		"kubectl member list -o wide --sort-by extension", "kubectl member edit NAME --extension NUMBER"),
}
