package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// The user profiles that exist by themselves in every namespace. They cannot be
// created, changed or deleted; who has which when nothing is said follows from role
// and licence, as in Webex Contact Center.
const (
	// ProfileStandardAgent is for who holds a Standard licence. It gives no
	// permissions at the API server.
	ProfileStandardAgent = "standard-agent"
	// ProfilePremiumAgent is for who holds a Premium licence. It gives no
	// permissions at the API server.
	ProfilePremiumAgent = "premium-agent"
	// ProfileSupervisor is for Supervisors: it gives what a Supervisor may do.
	ProfileSupervisor = "supervisor"
	// ProfileAdministrator is for administrators: it gives what the role may do.
	ProfileAdministrator = "administrator"
	// ProfileAdministratorOnly is for administrators without a licence, who answer
	// no customers: it gives what the role may do.
	ProfileAdministratorOnly = "administrator-only"
)

// AccessLevel is what somebody may do with the objects of a kind.
//
// +kubebuilder:validation:Enum=None;View;Edit
type AccessLevel string

const (
	// AccessLevelNone is nothing.
	AccessLevelNone AccessLevel = "None"
	// AccessLevelView is to see them.
	AccessLevelView AccessLevel = "View"
	// AccessLevelEdit is to see, create, change and delete them.
	AccessLevelEdit AccessLevel = "Edit"
)

// MemberAction is something that an administrator does to members by changing one
// field.
//
// +kubebuilder:validation:Enum=ResetPassword;ForceOffline;Import
type MemberAction string

const (
	// ActionResetPassword is to change spec.passwordReset.
	ActionResetPassword MemberAction = "ResetPassword"
	// ActionForceOffline is to force offline, restore, deactivate and activate: to
	// change forceOffline, forceOfflineUntil, forceOfflineReason and active.
	ActionForceOffline MemberAction = "ForceOffline"
	// ActionImport is to add or take over Members as `kubectl member import` does,
	// which labels them.
	ActionImport MemberAction = "Import"
)

// UserProfileSpec is what an administrator asks for.
//
// +kubebuilder:validation:XValidation:rule="!has(self.actions) || size(self.actions) == 0 || self.access.members == 'Edit'",message="actions change members, so they need access.members: Edit: write that, or take the actions out",fieldPath=".actions"
type UserProfileSpec struct {
	// Description is free text of at most 256 characters for administrators.
	//
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Description string `json:"description,omitempty"`

	// Access is what a user with the profile may do with the objects of each kind.
	// It never gives more than the member's role does: a Supervisor sees at most, and
	// Desk Staff have nothing.
	//
	// +kubebuilder:default={members: None}
	// +optional
	Access ProfileAccess `json:"access,omitempty,omitzero"`

	// Actions are what a user with access.members: Edit may do beside changing names,
	// numbers, groups and placement: ResetPassword, ForceOffline (and restore,
	// deactivate, activate) and Import. Without one, the API server refuses the
	// change.
	//
	// +kubebuilder:validation:MaxItems=3
	// +listType=set
	// +optional
	Actions []MemberAction `json:"actions,omitempty"`
}

// ProfileAccess is what a user may do with the objects of each kind: None (the
// default), View or Edit.
type ProfileAccess struct {
	// Members are the Members.
	//
	// +kubebuilder:default=None
	// +optional
	Members AccessLevel `json:"members,omitempty"`

	// SkillGroups are the SkillGroups.
	//
	// +kubebuilder:default=None
	// +optional
	SkillGroups AccessLevel `json:"skillGroups,omitempty"`

	// Teams are the Teams.
	//
	// +kubebuilder:default=None
	// +optional
	Teams AccessLevel `json:"teams,omitempty"`

	// Sites are the Sites.
	//
	// +kubebuilder:default=None
	// +optional
	Sites AccessLevel `json:"sites,omitempty"`

	// Templates are the MemberTemplates.
	//
	// +kubebuilder:default=None
	// +optional
	Templates AccessLevel `json:"templates,omitempty"`

	// Profiles are the UserProfiles and DesktopProfiles. Who may edit them may also
	// say who has which, and who is a Desk Admin: that is as much as having every
	// profile.
	//
	// +kubebuilder:default=None
	// +optional
	Profiles AccessLevel `json:"profiles,omitempty"`
}

// UserProfileStatus is what the operator found and did. Only the operator writes it.
type UserProfileStatus struct {
	// ObservedGeneration is the metadata.generation that this status is about;
	// -1 if the operator has not looked at the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Members is how many Members have the profile. It follows changes within
	// seconds.
	//
	// +optional
	Members *int32 `json:"members,omitempty"`

	// Conditions are Ready and, only while True, Stalled.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// UserProfile narrows what members of a role may do at the API server. It becomes
// two Roles: rollcall-profile-<name> for administrators, and
// rollcall-supervisor-profile-<name>, which lets see and change nothing, for
// Supervisors. Deleting one that is in use takes the permissions of its members.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=rollcall
// +kubebuilder:metadata:annotations="kustomize.toolkit.fluxcd.io/prune=disabled"
// +kubebuilder:metadata:annotations="argocd.argoproj.io/sync-options=Prune=false,Delete=false"
// +kubebuilder:printcolumn:name="Access Members",type=string,JSONPath=`.spec.access.members`
// +kubebuilder:printcolumn:name="Actions",type=string,JSONPath=`.spec.actions`
// +kubebuilder:printcolumn:name="Members",type=integer,JSONPath=`.status.members`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Skill Groups",type=string,priority=1,JSONPath=`.spec.access.skillGroups`
// +kubebuilder:printcolumn:name="Teams",type=string,priority=1,JSONPath=`.spec.access.teams`
// +kubebuilder:printcolumn:name="Sites",type=string,priority=1,JSONPath=`.spec.access.sites`
// +kubebuilder:printcolumn:name="Templates",type=string,priority=1,JSONPath=`.spec.access.templates`
// +kubebuilder:printcolumn:name="Profiles",type=string,priority=1,JSONPath=`.spec.access.profiles`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",message="metadata.name must have at most 63 characters: choose a shorter name"
// +kubebuilder:validation:XValidation:rule="!(self.metadata.name in ['standard-agent', 'premium-agent', 'supervisor', 'administrator', 'administrator-only'])",message="standard-agent, premium-agent, supervisor, administrator and administrator-only exist by themselves and cannot be changed: choose another metadata.name"
type UserProfile struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what an administrator asks for.
	//
	// +required
	Spec UserProfileSpec `json:"spec"`

	// Status is what the operator found and did.
	//
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status UserProfileStatus `json:"status,omitempty,omitzero"`
}

// UserProfileList is a list of UserProfiles.
//
// +kubebuilder:object:root=true
type UserProfileList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []UserProfile `json:"items"`
}

// RoleName is the name of the Role with what administrators with the profile may do.
func (p *UserProfile) RoleName() string { return ProfileRolePrefix + p.Name }

// SupervisorRoleName is the name of the Role with what Supervisors with the profile
// may do.
func (p *UserProfile) SupervisorRoleName() string { return SupervisorProfileRolePrefix + p.Name }

// IsBuiltInProfile is whether a user profile of this name exists by itself.
func IsBuiltInProfile(name string) bool {
	switch name {
	case ProfileStandardAgent, ProfilePremiumAgent, ProfileSupervisor, ProfileAdministrator, ProfileAdministratorOnly:
		return true
	default:
		return false
	}
}

// DefaultProfile is the user profile that follows from role and licence where nobody
// names one, as in Webex Contact Center; empty where there is none. The tier is empty
// for no licence.
func DefaultProfile(role Role, tier LicenseTier) string {
	switch {
	case role.IsAdministrator() && tier != "":
		return ProfileAdministrator
	case role.IsAdministrator():
		return ProfileAdministratorOnly
	case tier == TierPremium && role == RoleSupervisor:
		return ProfileSupervisor
	case tier == TierPremium:
		return ProfilePremiumAgent
	case tier == TierStandard:
		return ProfileStandardAgent
	default:
		return ""
	}
}
