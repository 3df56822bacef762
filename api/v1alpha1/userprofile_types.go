package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Built-in user profiles, which exist in every namespace. They cannot be
// created, changed or deleted. DefaultProfile assigns them to members without
// another profile, as in Webex Contact Center.
const (
	// ProfileStandardAgent is for members with a Standard license. It gives no
	// permissions at the API server.
	ProfileStandardAgent = "standard-agent"
	// ProfilePremiumAgent is for members with a Premium license. It gives no
	// permissions at the API server.
	ProfilePremiumAgent = "premium-agent"
	// ProfileSupervisor is for Supervisors. It gives all permissions of the
	// role.
	ProfileSupervisor = "supervisor"
	// ProfileAdministrator is for administrators. It gives all permissions of
	// the role.
	ProfileAdministrator = "administrator"
	// ProfileAdministratorOnly is for administrators without a license, who
	// answer no customers. It gives all permissions of the role.
	ProfileAdministratorOnly = "administrator-only"
)

// AccessLevel defines what a user can do with the objects of a resource kind.
//
// +kubebuilder:validation:Enum=None;View;Edit
type AccessLevel string

const (
	// AccessLevelNone gives no access.
	AccessLevelNone AccessLevel = "None"
	// AccessLevelView lets the user view the objects.
	AccessLevelView AccessLevel = "View"
	// AccessLevelEdit lets the user view, create, change and delete the
	// objects.
	AccessLevelEdit AccessLevel = "Edit"
)

// MemberAction is an action that an administrator performs on members by
// changing a field.
//
// +kubebuilder:validation:Enum=ResetPassword;ForceOffline;Import
type MemberAction string

const (
	// ActionResetPassword changes spec.passwordReset.
	ActionResetPassword MemberAction = "ResetPassword"
	// ActionForceOffline forces members offline, restores, deactivates and
	// activates them. It changes forceOffline, forceOfflineUntil,
	// forceOfflineReason and active.
	ActionForceOffline MemberAction = "ForceOffline"
	// ActionImport adds or takes over Members as kubectl member import does,
	// which sets a label.
	ActionImport MemberAction = "Import"
)

// UserProfileSpec defines the desired state of a UserProfile.
//
// +kubebuilder:validation:XValidation:rule="!has(self.actions) || size(self.actions) == 0 || self.access.members == 'Edit'",message="actions need access.members: Edit, because they change members: set it, or remove the actions",fieldPath=".actions"
type UserProfileSpec struct {
	// description is free text for administrators, up to 256 characters.
	//
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Description string `json:"description,omitempty"`

	// access defines what a user with the profile can do with the objects of
	// each resource kind. It never exceeds the permissions of the member's
	// role: a Supervisor can only view, and Desk Staff have no access.
	//
	// +kubebuilder:default={members: None}
	// +optional
	Access ProfileAccess `json:"access,omitempty,omitzero"`

	// actions are what a user with access.members: Edit can do in addition to
	// changing names, numbers, groups and placement. They are ResetPassword,
	// ForceOffline (also restore, deactivate and activate) and Import. The API
	// server refuses changes whose action is not listed.
	//
	// +kubebuilder:validation:MaxItems=3
	// +listType=set
	// +optional
	Actions []MemberAction `json:"actions,omitempty"`
}

// ProfileAccess defines what a user can do with the objects of each resource
// kind: None, View or Edit. Defaults to None.
type ProfileAccess struct {
	// members is the access to Members. Defaults to None.
	//
	// +kubebuilder:default=None
	// +optional
	Members AccessLevel `json:"members,omitempty"`

	// skillGroups is the access to SkillGroups. Defaults to None.
	//
	// +kubebuilder:default=None
	// +optional
	SkillGroups AccessLevel `json:"skillGroups,omitempty"`

	// teams is the access to Teams. Defaults to None.
	//
	// +kubebuilder:default=None
	// +optional
	Teams AccessLevel `json:"teams,omitempty"`

	// sites is the access to Sites. Defaults to None.
	//
	// +kubebuilder:default=None
	// +optional
	Sites AccessLevel `json:"sites,omitempty"`

	// templates is the access to MemberTemplates. Defaults to None.
	//
	// +kubebuilder:default=None
	// +optional
	Templates AccessLevel `json:"templates,omitempty"`

	// profiles is the access to UserProfiles and DesktopProfiles. Defaults to
	// None. A user with Edit can also assign user profiles and the role
	// DeskAdmin. That amounts to having every profile.
	//
	// +kubebuilder:default=None
	// +optional
	Profiles AccessLevel `json:"profiles,omitempty"`
}

// UserProfileStatus is the observed state of a UserProfile. Only the operator
// writes it.
type UserProfileStatus struct {
	// observedGeneration is the metadata.generation that this status describes.
	// It is -1 if the operator has not processed the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// members is the number of Members with this profile. It follows changes
	// within seconds.
	//
	// +optional
	Members *int32 `json:"members,omitempty"`

	// conditions contains Ready and, only while it is True, Stalled.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// UserProfile restricts the permissions of members at the API server. It
// becomes two Roles: rollcall-profile-<name> for administrators, and
// rollcall-supervisor-profile-<name>, which allows viewing only, for
// Supervisors. If a profile that is in use is deleted, its members lose their
// permissions.
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
// +kubebuilder:validation:XValidation:rule="!(self.metadata.name in ['standard-agent', 'premium-agent', 'supervisor', 'administrator', 'administrator-only'])",message="standard-agent, premium-agent, supervisor, administrator and administrator-only are built-in profiles and cannot be changed: choose another metadata.name"
type UserProfile struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state of the user profile.
	//
	// +required
	Spec UserProfileSpec `json:"spec"`

	// status is the observed state of the user profile. Only the operator
	// writes it.
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

// RoleName returns the name of the Role for administrators with the profile.
func (p *UserProfile) RoleName() string { return ProfileRolePrefix + p.Name }

// SupervisorRoleName returns the name of the Role for Supervisors with the
// profile.
func (p *UserProfile) SupervisorRoleName() string { return SupervisorProfileRolePrefix + p.Name }

// IsBuiltInProfile reports whether the name is that of a built-in user profile.
func IsBuiltInProfile(name string) bool {
	switch name {
	case ProfileStandardAgent, ProfilePremiumAgent, ProfileSupervisor, ProfileAdministrator, ProfileAdministratorOnly:
		return true
	default:
		return false
	}
}

// DefaultProfile returns the built-in user profile for a role and a license
// tier, as in Webex Contact Center. It returns an empty name if there is none.
// The tier is empty for a member without a license.
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
