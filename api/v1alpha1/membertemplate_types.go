package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// TemplateScope defines which Members a MemberTemplate applies to.
//
// +kubebuilder:validation:Enum=NewMembers;AllMembers
type TemplateScope string

const (
	// ApplyToNewMembers selects Members created after the template, or in the
	// same second.
	ApplyToNewMembers TemplateScope = "NewMembers"
	// ApplyToAllMembers also selects Members that are older than the template.
	ApplyToAllMembers TemplateScope = "AllMembers"
)

// MemberTemplateSpec defines the desired state of a MemberTemplate.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.role) && self.role == 'Supervisor' && has(self.license) && self.license == 'Standard')",message="a Supervisor needs a Premium license: set license: Premium, or remove the license or the role",fieldPath=".license"
// +kubebuilder:validation:XValidation:rule="has(self.license) || has(self.role) || has(self.userProfile) || has(self.desktopProfile) || has(self.site) || (has(self.teams) && size(self.teams) > 0) || (has(self.skillGroups) && size(self.skillGroups) > 0)",message="a template must give something: set at least one of license, role, userProfile, desktopProfile, site, teams and skillGroups"
type MemberTemplateSpec struct {
	// selector selects Members by their labels. An empty selector selects all
	// Members.
	//
	// +required
	Selector metav1.LabelSelector `json:"selector"`

	// applyTo is NewMembers (Members created after the template, or in the same
	// second) or AllMembers. Defaults to NewMembers.
	//
	// +kubebuilder:default=NewMembers
	// +optional
	ApplyTo TemplateScope `json:"applyTo,omitempty"`

	// precedence decides between templates that give different values: the
	// larger number wins, then the older template. It ranges from -1000 to
	// 1000. Defaults to 0. A Premium license always wins over a Standard
	// license.
	//
	// +kubebuilder:validation:Minimum=-1000
	// +kubebuilder:validation:Maximum=1000
	// +kubebuilder:default=0
	// +optional
	Precedence int32 `json:"precedence,omitempty"`

	// suspend, when true, stops the template from giving anything. The status
	// then previews what the template would change. Defaults to false.
	//
	// +kubebuilder:default=false
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// license is the license for Members that ask for none themselves.
	//
	// +optional
	License LicenseTier `json:"license,omitempty"`

	// role is Supervisor or DeskStaff. It applies to Members whose own role is
	// DeskStaff, which is the default. A template cannot give the role of an
	// administrator.
	//
	// +kubebuilder:validation:XValidation:rule="self in ['Supervisor', 'DeskStaff']",message="a template cannot give the role of an administrator: choose Supervisor or DeskStaff, or set role: DeskAdmin in the Member itself"
	// +optional
	Role Role `json:"role,omitempty"`

	// userProfile is the name of the user profile for Members that set none.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="must be the name of an object as kubectl get shows it: lowercase letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	UserProfile string `json:"userProfile,omitempty"`

	// desktopProfile is the name of the desktop profile for Members that set
	// none.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="must be the name of an object as kubectl get shows it: lowercase letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	DesktopProfile string `json:"desktopProfile,omitempty"`

	// site is the name of the Site for Members that set none.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="must be the name of an object as kubectl get shows it: lowercase letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	Site string `json:"site,omitempty"`

	// teams are the names of the Teams for Members that set none, up to 64.
	//
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +kubebuilder:validation:items:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="must be the name of an object as kubectl get shows it: lowercase letters, digits, - and ., with a letter or digit at both ends"
	// +listType=set
	// +optional
	Teams []string `json:"teams,omitempty"`

	// skillGroups are groups that Members join in addition to their other
	// groups, up to 64. If a Member already belongs to a group, it keeps its
	// priority there.
	//
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=name
	// +optional
	SkillGroups []SkillGroupReference `json:"skillGroups,omitempty"`
}

// MemberTemplateStatus is the observed state of a MemberTemplate. Only the
// operator writes it.
type MemberTemplateStatus struct {
	// observedGeneration is the metadata.generation that this status describes.
	// It is -1 if the operator has not processed the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// matched is the number of Members that the template applies to: those that
	// the selector selects and that are not too old for NewMembers. All counts
	// follow changes within seconds.
	//
	// +optional
	Matched *int32 `json:"matched,omitempty"`

	// applied is the number of matched Members that get at least one value from
	// the template, according to their status.templates. That list holds the 32
	// strongest templates.
	//
	// +optional
	Applied *int32 `json:"applied,omitempty"`

	// overruled is the number of matched Members for which at least one value
	// comes from the Member itself or from another template. The Member's
	// status.templates shows which.
	//
	// +optional
	Overruled *int32 `json:"overruled,omitempty"`

	// preview shows what would change if the template were not suspended. It is
	// present only while the template is suspended.
	//
	// +optional
	Preview *TemplatePreview `json:"preview,omitempty"`

	// conditions contains Ready and, only while it is True, Stalled.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// TemplatePreview shows what would change if a template were not suspended.
type TemplatePreview struct {
	// members is the number of Members that would change.
	Members int32 `json:"members"`

	// changes are the first 50 changes, sorted by the name of the Member.
	//
	// +kubebuilder:validation:MaxItems=50
	// +listType=atomic
	// +optional
	Changes []TemplateChange `json:"changes,omitempty"`
}

// TemplateChange is one value that would change for one Member.
type TemplateChange struct {
	// member is the name of the Member.
	//
	// +kubebuilder:validation:MaxLength=63
	Member string `json:"member"`

	// field is the field that would change.
	Field TemplateField `json:"field"`

	// from is the current value, up to 256 characters. It is empty for no
	// value.
	//
	// +kubebuilder:validation:MaxLength=256
	// +optional
	From string `json:"from,omitempty"`

	// to is the value after the change, up to 256 characters. It is empty for
	// no value.
	//
	// +kubebuilder:validation:MaxLength=256
	// +optional
	To string `json:"to,omitempty"`
}

// TemplateField is the name of a field in the spec of a MemberTemplate that
// gives Members a value.
//
// +kubebuilder:validation:Enum=license;role;userProfile;desktopProfile;site;teams;skillGroups
type TemplateField string

// Fields of a MemberTemplate that give Members a value.
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

// TemplateUse describes what a MemberTemplate does for a Member.
type TemplateUse struct {
	// name is the name of the MemberTemplate.
	//
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`

	// gives are the fields in which the template decides for the Member. The
	// rest of the status shows which of the named objects exist.
	//
	// +kubebuilder:validation:MaxItems=7
	// +listType=set
	// +optional
	Gives []TemplateField `json:"gives,omitempty"`

	// overruled are the fields in which another source decides against the
	// template.
	//
	// +kubebuilder:validation:MaxItems=7
	// +listType=map
	// +listMapKey=field
	// +optional
	Overruled []OverruledField `json:"overruled,omitempty"`
}

// OverruledField is a field of a template that another source overrules.
type OverruledField struct {
	// field is the name of the field.
	Field TemplateField `json:"field"`
	// by is the source that overrules the template: Member, Template/ followed
	// by a name, or Default. Default appears for the Super Admin, whose user
	// profile no template can restrict.
	By AssignmentSource `json:"by"`
}

// MemberTemplate gives a license, a role, profiles, a site, teams and skill
// groups to the Members that it selects. The Member's own spec always wins.
// When a template is deleted, Members lose what it gave them.
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

	// spec is the desired state of the template.
	//
	// +required
	Spec MemberTemplateSpec `json:"spec"`

	// status is the observed state of the template. Only the operator writes
	// it.
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
