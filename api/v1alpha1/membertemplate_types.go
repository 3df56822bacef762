package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// TemplateScope is which Members a MemberTemplate is about.
//
// +kubebuilder:validation:Enum=NewMembers;AllMembers
type TemplateScope string

const (
	// ApplyToNewMembers is those created after the template, or in the same second.
	ApplyToNewMembers TemplateScope = "NewMembers"
	// ApplyToAllMembers is also those that were there before.
	ApplyToAllMembers TemplateScope = "AllMembers"
)

// MemberTemplateSpec is what an administrator asks for.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.role) && self.role == 'Supervisor' && has(self.license) && self.license == 'Standard')",message="a Supervisor needs a Premium licence: write license: Premium, or take the licence or the role out",fieldPath=".license"
// +kubebuilder:validation:XValidation:rule="has(self.license) || has(self.role) || has(self.userProfile) || has(self.desktopProfile) || has(self.site) || (has(self.teams) && size(self.teams) > 0) || (has(self.skillGroups) && size(self.skillGroups) > 0)",message="a template needs something to give: write at least one of license, role, userProfile, desktopProfile, site, teams and skillGroups"
type MemberTemplateSpec struct {
	// Selector chooses Members by their labels. An empty one chooses all.
	//
	// +required
	Selector metav1.LabelSelector `json:"selector"`

	// ApplyTo is NewMembers (the default: those created after the template, or in the
	// same second) or AllMembers.
	//
	// +kubebuilder:default=NewMembers
	// +optional
	ApplyTo TemplateScope `json:"applyTo,omitempty"`

	// Precedence decides between templates that give the same thing differently: the
	// larger wins, then the older template. -1000 to 1000, by default 0. A Premium
	// licence always wins over a Standard one.
	//
	// +kubebuilder:validation:Minimum=-1000
	// +kubebuilder:validation:Maximum=1000
	// +kubebuilder:default=0
	// +optional
	Precedence int32 `json:"precedence,omitempty"`

	// Suspend, when true, keeps the template from giving anything; its status then
	// shows what would change if it did.
	//
	// +kubebuilder:default=false
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// License is the licence of Members that ask for none themselves.
	//
	// +optional
	License LicenseTier `json:"license,omitempty"`

	// Role is Supervisor or DeskStaff, never an administrator's, for Members whose
	// own role is DeskStaff, which is what a Member has that says nothing.
	//
	// +kubebuilder:validation:XValidation:rule="self in ['Supervisor', 'DeskStaff']",message="a template makes nobody an administrator: choose Supervisor or DeskStaff, and write role: DeskAdmin into the Member itself"
	// +optional
	Role Role `json:"role,omitempty"`

	// UserProfile is the name of the user profile of Members that name none.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="write the name of the object as kubectl get shows it: lower-case letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	UserProfile string `json:"userProfile,omitempty"`

	// DesktopProfile is the name of the desktop profile of Members that name none.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="write the name of the object as kubectl get shows it: lower-case letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	DesktopProfile string `json:"desktopProfile,omitempty"`

	// Site is the name of the Site of Members that name none.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="write the name of the object as kubectl get shows it: lower-case letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	Site string `json:"site,omitempty"`

	// Teams are the names of the Teams of Members that name none; at most 64.
	//
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +kubebuilder:validation:items:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="write the name of the object as kubectl get shows it: lower-case letters, digits, - and ., with a letter or digit at both ends"
	// +listType=set
	// +optional
	Teams []string `json:"teams,omitempty"`

	// SkillGroups are groups that Members are in beside those that they are in
	// anyhow; at most 64. Where a Member is in one already, its priority there stays.
	//
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=name
	// +optional
	SkillGroups []SkillGroupReference `json:"skillGroups,omitempty"`
}

// MemberTemplateStatus is what the operator found. Only the operator writes it.
type MemberTemplateStatus struct {
	// ObservedGeneration is the metadata.generation that this status is about;
	// -1 if the operator has not looked at the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Matched is how many Members the template is about: those that the selector
	// chooses, without those that were there before a template for NewMembers. It
	// follows changes within seconds, and so do the other counts.
	//
	// +optional
	Matched *int32 `json:"matched,omitempty"`

	// Applied is how many of them have at least one thing from the template, as their
	// status.templates says, which has the 32 strongest.
	//
	// +optional
	Applied *int32 `json:"applied,omitempty"`

	// Overruled is how many of them have at least one thing differently: from
	// themselves, or from another template. Which, the Member's status.templates says.
	//
	// +optional
	Overruled *int32 `json:"overruled,omitempty"`

	// Preview is what would change if the template were not suspended; present only
	// while it is.
	//
	// +optional
	Preview *TemplatePreview `json:"preview,omitempty"`

	// Conditions are Ready and, only while True, Stalled.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// TemplatePreview is what would change if a template were not suspended.
type TemplatePreview struct {
	// Members is how many Members would change.
	Members int32 `json:"members"`

	// Changes are the first 50 changes, by the name of the Member.
	//
	// +kubebuilder:validation:MaxItems=50
	// +listType=atomic
	// +optional
	Changes []TemplateChange `json:"changes,omitempty"`
}

// TemplateChange is one thing that would change for one Member.
type TemplateChange struct {
	// Member is the name of the Member.
	//
	// +kubebuilder:validation:MaxLength=63
	Member string `json:"member"`

	// Field is what would change.
	Field TemplateField `json:"field"`

	// From is what it is; empty for nothing. At most 256 characters.
	//
	// +kubebuilder:validation:MaxLength=256
	// +optional
	From string `json:"from,omitempty"`

	// To is what it would be; empty for nothing. At most 256 characters.
	//
	// +kubebuilder:validation:MaxLength=256
	// +optional
	To string `json:"to,omitempty"`
}

// TemplateField is something that a template gives: the name of a field of its spec.
//
// +kubebuilder:validation:Enum=license;role;userProfile;desktopProfile;site;teams;skillGroups
type TemplateField string

// The fields.
const (
	// FieldLicense is spec.license.
	FieldLicense TemplateField = "license"
	// FieldRole is spec.role.
	FieldRole TemplateField = "role"
	// FieldUserProfile is spec.userProfile.
	FieldUserProfile TemplateField = "userProfile"
	// FieldDesktopProfile is spec.desktopProfile.
	FieldDesktopProfile TemplateField = "desktopProfile"
	// FieldSite is spec.site.
	FieldSite TemplateField = "site"
	// FieldTeams is spec.teams.
	FieldTeams TemplateField = "teams"
	// FieldSkillGroups is spec.skillGroups.
	FieldSkillGroups TemplateField = "skillGroups"
)

// TemplateUse is what a MemberTemplate does for a Member.
type TemplateUse struct {
	// Name of the MemberTemplate.
	//
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`

	// Gives are the fields in which the template counts for the Member. What of what
	// it names exists is in the rest of the status.
	//
	// +kubebuilder:validation:MaxItems=7
	// +listType=set
	// +optional
	Gives []TemplateField `json:"gives,omitempty"`

	// Overruled are the fields that the template would give and somebody else says
	// differently, and who that is.
	//
	// +kubebuilder:validation:MaxItems=7
	// +listType=map
	// +listMapKey=field
	// +optional
	Overruled []OverruledField `json:"overruled,omitempty"`
}

// OverruledField is a field of a template that somebody else says differently.
type OverruledField struct {
	// Field is the field.
	Field TemplateField `json:"field"`
	// By is who says so: Member, Template/ and a name, or Default (nothing narrows the
	// Super Admin's user profile).
	By AssignmentSource `json:"by"`
}

// MemberTemplate gives licence, role, profiles, placement and skill groups to the
// Members that it selects. What a Member says itself always wins. Deleting a
// template takes what it gave.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=rollcall
// +kubebuilder:metadata:annotations="kustomize.toolkit.fluxcd.io/prune=disabled"
// +kubebuilder:metadata:annotations="argocd.argoproj.io/sync-options=Prune=false,Delete=false"
// +kubebuilder:printcolumn:name="Apply To",type=string,JSONPath=`.spec.applyTo`
// +kubebuilder:printcolumn:name="License",type=string,JSONPath=`.spec.license`
// +kubebuilder:printcolumn:name="Matched",type=integer,JSONPath=`.status.matched`
// +kubebuilder:printcolumn:name="Applied",type=integer,JSONPath=`.status.applied`
// +kubebuilder:printcolumn:name="Suspended",type=boolean,JSONPath=`.spec.suspend`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Precedence",type=integer,priority=1,JSONPath=`.spec.precedence`
// +kubebuilder:printcolumn:name="Overruled",type=integer,priority=1,JSONPath=`.status.overruled`
// +kubebuilder:printcolumn:name="Would Change",type=integer,priority=1,JSONPath=`.status.preview.members`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",message="metadata.name must have at most 63 characters: choose a shorter name"
type MemberTemplate struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what an administrator asks for.
	//
	// +required
	Spec MemberTemplateSpec `json:"spec"`

	// Status is what the operator found.
	//
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status MemberTemplateStatus `json:"status,omitempty,omitzero"`
}

// MemberTemplateList is a list of MemberTemplates.
//
// +kubebuilder:object:root=true
type MemberTemplateList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []MemberTemplate `json:"items"`
}
