package describe

import (
	"rollcall.dev/rollcall/api/v1alpha1"
)

// remedy is the advice for a reason of a condition. In it NAME is the member, and
// EMAIL, AGENTID and SECRET are the member's; REQUESTED is the licence that it waits
// for, SUITABLE one that its role can do with, and COUNTING its user profile; kubectl
// means the same cluster and namespace.
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
		[]string{editCenterCommand},
	}},
	{v1alpha1.SkillGroupsJoinedCondition, v1alpha1.ReasonSkillGroupNotFound, advice{
		"Create the skill group, or take the member out of it. These exist:",
		[]string{"kubectl member groups"},
	}},
	{v1alpha1.LicenseAssignedCondition, v1alpha1.ReasonNoSeat, advice{
		"NAME gets the next REQUESTED seat that becomes free, by itself. See who holds one and who waits; take one from somebody with edit OTHER --license None, or raise spec.licenses:",
		[]string{"kubectl member licenses", editCenterCommand},
	}},
	{v1alpha1.LicenseAssignedCondition, v1alpha1.ReasonNotRequested, advice{
		"Ask for a licence in spec.license, or have a MemberTemplate give one to all members like NAME:",
		[]string{"kubectl member edit NAME --license SUITABLE", "kubectl get membertemplates.rollcall.dev"},
	}},
	{v1alpha1.PlacementResolvedCondition, v1alpha1.ReasonSiteNotFound, advice{
		"Create the site, or give NAME another one. These exist:",
		[]string{"kubectl get sites.rollcall.dev", "kubectl member edit NAME --site SITE"},
	}},
	{v1alpha1.PlacementResolvedCondition, v1alpha1.ReasonTeamNotFound, advice{
		"Create the team, or name others for NAME. These exist:",
		[]string{"kubectl get teams.rollcall.dev", "kubectl member edit NAME --team TEAM,TEAM"},
	}},
	{v1alpha1.PlacementResolvedCondition, v1alpha1.ReasonTeamNotAtSite, advice{
		"A team counts only at the member's site. Name teams of that site for NAME, or another site. These exist, with their sites:",
		[]string{"kubectl get teams.rollcall.dev", "kubectl member edit NAME --team TEAM,TEAM", "kubectl member edit NAME --site SITE"},
	}},
	{v1alpha1.PlacementResolvedCondition, v1alpha1.ReasonTeamTakesNoMembers, advice{
		"A team of type Capacity, or with active: false, has no members. Name others for NAME, or activate it. These exist:",
		[]string{
			"kubectl get teams.rollcall.dev", "kubectl member edit NAME --team TEAM,TEAM",
			`kubectl patch teams.rollcall.dev TEAM --type=merge -p '{"spec":{"active":true}}' --field-manager=rollcall-cli`,
		},
	}},
	{v1alpha1.PlacementResolvedCondition, v1alpha1.ReasonProfileNotFound, advice{
		"Create the profile, or give NAME another one. Without its user profile a member has no permissions. These exist, beside those that exist by themselves:",
		[]string{"kubectl get userprofiles.rollcall.dev,desktopprofiles.rollcall.dev", "kubectl member edit NAME --user-profile PROFILE", "kubectl member edit NAME --desktop-profile PROFILE"},
	}},
	{v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonRoleBindingConflict, advice{
		"The RoleBinding is somebody else's. If nothing needs it, delete it; the operator looks again within a minute:",
		[]string{"kubectl describe rolebinding " + v1alpha1.RoleBindingPrefix + "NAME", "kubectl delete rolebinding " + v1alpha1.RoleBindingPrefix + "NAME"},
	}},
	{v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonRoleNotReady, advice{
		"The Role of the user profile is not as the profile says, so NAME has no permissions. Its condition Ready says why:",
		[]string{"kubectl describe userprofiles.rollcall.dev COUNTING"},
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

// licenseForNone is for a member whose spec has license: None.
var licenseForNone = advice{
	"NAME is to have no licence: its spec.license is None. To give one, or to leave it to the MemberTemplates:",
	[]string{"kubectl member edit NAME --license SUITABLE", `kubectl member edit NAME --license ""`},
}

// editCenterCommand opens the ContactCenter in an editor.
const editCenterCommand = "kubectl edit contactcenters.rollcall.dev default --field-manager=rollcall-cli"
