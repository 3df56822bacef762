package v1alpha1

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Role is what a member does in the contact centre.
//
// +kubebuilder:validation:Enum=SuperAdmin;DeskAdmin;Supervisor;DeskStaff
type Role string

// The roles.
const (
	// RoleSuperAdmin is the one person who may do everything: the Member super-admin.
	RoleSuperAdmin Role = "SuperAdmin"
	// RoleDeskAdmin manages members.
	RoleDeskAdmin Role = "DeskAdmin"
	// RoleSupervisor sees members and groups.
	RoleSupervisor Role = "Supervisor"
	// RoleDeskStaff answers customers.
	RoleDeskStaff Role = "DeskStaff"
)

// MemberSpec is what an administrator asks for.
//
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.agentID) || (has(self.agentID) && self.agentID == oldSelf.agentID)",message="agentID cannot be changed or removed once it is set: delete the member and add it again"
// +kubebuilder:validation:XValidation:rule="!(has(self.role) && self.role == 'Supervisor' && has(self.license) && self.license == 'Standard')",message="a Supervisor needs a Premium licence: write license: Premium, or take it out so that a MemberTemplate can give one",fieldPath=".license"
type MemberSpec struct {
	// Name is the full name, at most 64 characters, without control characters.
	// Absent: the part of the e-mail address before the @.
	//
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]')`,message="name must not contain control characters, line breaks or direction overrides: write it as one line of plain text"
	// +optional
	Name string `json:"name,omitempty"`

	// Nickname is the name that customers see, at most 32 characters, without
	// control characters. Absent: the name.
	//
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]')`,message="nickname must not contain control characters, line breaks or direction overrides: write it as one line of plain text"
	// +optional
	Nickname string `json:"nickname,omitempty"`

	// Email is the e-mail address, the user name at login, and where the
	// password is mailed: a mailbox of RFC 5321 (section 4.1.2), at most 254
	// characters. It cannot be changed, and it is unique in the namespace
	// regardless of case: a second Member with the same address is denied login
	// until the first one goes.
	//
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=254
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[A-Za-z0-9!#$%&\x27*+/=?^_\x60{|}~-]+([.][A-Za-z0-9!#$%&\x27*+/=?^_\x60{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$') && self.indexOf('@') <= 64 && self.substring(self.indexOf('@') + 1).split('.').all(label, label.size() <= 63)`,message="email must be a mailbox of RFC 5321 such as ana@example.com: no spaces, quotes or non-ASCII characters, and at most 64 characters before the @"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="email cannot be changed: delete the member and add it again"
	// +required
	Email string `json:"email"`

	// AgentID is the agent (staff) number: 1 to 32 letters, digits, _ and -. It
	// cannot be changed or removed once it is set, and is unique in the
	// namespace: a second Member with the same number is Stalled, but not
	// denied login.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[A-Za-z0-9_-]+$')`,message="agentID may have letters A to Z, digits, _ and - only: write the number without spaces or other signs"
	// +optional
	AgentID string `json:"agentID,omitempty"`

	// Extension is the telephone extension: 4 to 6 digits, the first 1 to 8. It
	// is unique in the namespace: a second Member with the same extension is
	// Stalled, but not denied login.
	//
	// +kubebuilder:validation:MaxLength=6
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[1-8][0-9]{3,5}$')`,message="extension must have 4 to 6 digits, the first 1 to 8, for example 1024: choose a number that does not begin with 0 or 9, and write it in quotes"
	// +optional
	Extension string `json:"extension,omitempty"`

	// Phone is the telephone number in the form of E.164: +, the country code
	// and the number, at most 15 digits in all.
	//
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[+][1-9][0-9]{1,14}$')`,message="phone must be a number of E.164, for example +14155550123: + and the country code first, digits only, written in quotes"
	// +optional
	Phone string `json:"phone,omitempty"`

	// Role is SuperAdmin, DeskAdmin, Supervisor or DeskStaff (the default). The
	// role SuperAdmin and the name super-admin belong together.
	//
	// +kubebuilder:default=DeskStaff
	// +optional
	Role Role `json:"role,omitempty"`

	// SkillGroups are the groups that the member is in, at most 64. What is said
	// here wins over what a SkillGroup says of the member. A group may come later.
	//
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=name
	// +optional
	SkillGroups []SkillGroupReference `json:"skillGroups,omitempty"`

	// Active is true by default; false denies login and keeps everything:
	// password, memberships, and any letter still to be sent.
	//
	// +kubebuilder:default=true
	// +optional
	Active *bool `json:"active,omitempty"`

	// ForceOffline, when true, denies login until it is false or removed, which
	// restores the member online. Password and memberships stay.
	//
	// +optional
	ForceOffline bool `json:"forceOffline,omitempty"`

	// ForceOfflineUntil denies login until that time (RFC 3339, with a capital T and
	// Z, from 1970 to 9999); after it login is allowed again by itself. It is
	// independent of forceOffline: login is denied when either holds.
	//
	// The API server's own check of the format lets times through that programs
	// written in Go cannot read; with one such Member nobody could list the others.
	//
	// +kubebuilder:validation:XValidation:rule="self >= timestamp('1970-01-01T00:00:00Z') && self <= timestamp('9999-12-31T23:59:59Z')",message="forceOfflineUntil must be a time of RFC 3339 between the years 1970 and 9999, for example 2026-03-01T18:00:00Z: to deny login for good, write forceOffline: true"
	// +optional
	ForceOfflineUntil *metav1.Time `json:"forceOfflineUntil,omitempty"`

	// ForceOfflineReason is free text of at most 256 characters for the people
	// who look at the member's status.
	//
	// +kubebuilder:validation:MaxLength=256
	// +optional
	ForceOfflineReason string `json:"forceOfflineReason,omitempty"`

	// PasswordReset asks for a new password: any string of at most 64
	// characters, such as a date or a ticket number. A value that is not empty
	// and is not the one last handled issues a new password, makes the old one
	// invalid and mails the new one, once. Removing it does nothing. The value
	// present at the first issue counts as handled.
	//
	// +kubebuilder:validation:MaxLength=64
	// +optional
	PasswordReset string `json:"passwordReset,omitempty"`

	// Locale is the language of mail to this member: en, zh-CN, fr or id.
	// Absent: the contact centre's.
	//
	// +optional
	Locale Locale `json:"locale,omitempty"`

	// License is Standard, Premium (which a Supervisor needs) or None. Absent: what
	// MemberTemplates give. It counts where the ContactCenter has spec.licenses: there
	// a member without a seat is denied login, but for administrators.
	//
	// +optional
	License License `json:"license,omitempty"`

	// UserProfile is the name of a UserProfile, or one of standard-agent,
	// premium-agent, supervisor, administrator and administrator-only, which exist by
	// themselves. It narrows what the role may do at the API server, and never widens
	// it. Absent: what MemberTemplates or the ContactCenter's spec.defaults say, else
	// what follows from role and licence.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="write the name of the object as kubectl get shows it: lower-case letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	UserProfile string `json:"userProfile,omitempty"`

	// DesktopProfile is the name of a DesktopProfile. Absent: what MemberTemplates or
	// the ContactCenter's spec.defaults say.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="write the name of the object as kubectl get shows it: lower-case letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	DesktopProfile string `json:"desktopProfile,omitempty"`

	// Site is the name of the Site that the member is at. Absent: what MemberTemplates
	// or the ContactCenter's spec.defaults say.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="write the name of the object as kubectl get shows it: lower-case letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	Site string `json:"site,omitempty"`

	// Teams are the names of the Teams that the member is in, at most 64. They count
	// as far as they are at the member's site. Absent or empty: what MemberTemplates
	// say.
	//
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +kubebuilder:validation:items:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="write the name of the object as kubectl get shows it: lower-case letters, digits, - and ., with a letter or digit at both ends"
	// +listType=set
	// +optional
	Teams []string `json:"teams,omitempty"`
}

// SkillGroupReference is a membership said from the member's side.
type SkillGroupReference struct {
	// Name of the SkillGroup.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	// +required
	Name string `json:"name"`

	// Priority is the order in which the group's members are offered
	// conversations: 1 (first) to 5, by default 3.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5
	// +kubebuilder:default=3
	// +optional
	Priority int32 `json:"priority,omitempty"`
}

// LoginState is whether a member may log in.
//
// +kubebuilder:validation:Enum=Allowed;Denied
type LoginState string

const (
	// LoginAllowed means that the member may log in.
	LoginAllowed LoginState = "Allowed"
	// LoginDenied means that the member may not log in.
	LoginDenied LoginState = "Denied"
)

// LoginReason is why a member may or may not log in.
//
// +kubebuilder:validation:Enum=Active;ForceOfflineExpired;ForcedOffline;Inactive;NotIssued;Duplicate;Deleting;NoLicense
type LoginReason string

const (
	// LoginReasonActive means allowed; nothing speaks against it.
	LoginReasonActive LoginReason = "Active"
	// LoginReasonForceOfflineExpired means allowed again since forceOfflineUntil passed.
	LoginReasonForceOfflineExpired LoginReason = "ForceOfflineExpired"
	// LoginReasonForcedOffline means denied by forceOffline or forceOfflineUntil.
	LoginReasonForcedOffline LoginReason = "ForcedOffline"
	// LoginReasonInactive means denied by active: false.
	LoginReasonInactive LoginReason = "Inactive"
	// LoginReasonNotIssued means denied because there is no valid password.
	LoginReasonNotIssued LoginReason = "NotIssued"
	// LoginReasonDuplicate means denied because another Member holds the e-mail address.
	LoginReasonDuplicate LoginReason = "Duplicate"
	// LoginReasonDeleting means denied because the Member is being deleted.
	LoginReasonDeleting LoginReason = "Deleting"
	// LoginReasonNoLicense means denied because the contact centre has licences and
	// the member holds none, or not the one that its role needs.
	LoginReasonNoLicense LoginReason = "NoLicense"
)

// MemberStatus is what the operator found and did. Only the operator writes it.
type MemberStatus struct {
	// ObservedGeneration is the metadata.generation that this status is about;
	// -1 if the operator has not looked at the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Login is Allowed or Denied: the fact that everything else enforces.
	// Whoever reads it treats an absent value as Denied.
	//
	// +optional
	Login LoginState `json:"login,omitempty"`

	// LoginReason is why: Active, ForceOfflineExpired, ForcedOffline, Inactive,
	// NotIssued, Duplicate, NoLicense or Deleting.
	//
	// +optional
	LoginReason LoginReason `json:"loginReason,omitempty"`

	// Credentials describes the current password, never the password itself.
	//
	// +optional
	Credentials *CredentialsStatus `json:"credentials,omitempty"`

	// Mail remembers what was mailed, so that nothing is mailed twice.
	//
	// +optional
	Mail *MailStatus `json:"mail,omitempty"`

	// Claims are the unique values that this Member holds in its namespace.
	//
	// +optional
	Claims *Claims `json:"claims,omitempty"`

	// SkillGroups are the groups that the member really is in, by name.
	//
	// +kubebuilder:validation:MaxItems=1000
	// +listType=map
	// +listMapKey=name
	// +optional
	SkillGroups []SkillGroupMembership `json:"skillGroups,omitempty"`

	// License is the seat that the Member holds or waits for; absent where the
	// ContactCenter has no spec.licenses, or if there is neither.
	//
	// +optional
	License *LicenseStatus `json:"license,omitempty"`

	// Role is the role that counts, where a MemberTemplate gives another one than
	// the spec has; else absent.
	//
	// +optional
	Role *Assignment `json:"role,omitempty"`

	// UserProfile is the user profile that counts.
	//
	// +optional
	UserProfile *Assignment `json:"userProfile,omitempty"`

	// DesktopProfile is the desktop profile that counts; absent for none.
	//
	// +optional
	DesktopProfile *Assignment `json:"desktopProfile,omitempty"`

	// Site is the site that the member is really at; absent for none.
	//
	// +optional
	Site *Assignment `json:"site,omitempty"`

	// Teams are the teams that the member is really in, by name.
	//
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=name
	// +optional
	Teams []Assignment `json:"teams,omitempty"`

	// Templates are the MemberTemplates that are about the Member, the strongest
	// first: what the Member has from each, and what not and why. The first 32.
	//
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=name
	// +optional
	Templates []TemplateUse `json:"templates,omitempty"`

	// Conditions are Ready, CredentialsIssued, PasswordMailed, LoginAllowed,
	// SkillGroupsJoined; PermissionsGranted where the ContactCenter has
	// spec.identity and the role has permissions; LicenseAssigned where it has
	// spec.licenses; PlacementResolved where the member has, or should have, a site,
	// teams or a profile of one's own; and, only while True, Stalled.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// CredentialsStatus describes the current password.
type CredentialsStatus struct {
	// SecretName is the name of the Secret with user name and password.
	//
	// +kubebuilder:validation:MaxLength=253
	SecretName string `json:"secretName"`

	// IssueID names the password: 128 random bits, in hexadecimal.
	//
	// +kubebuilder:validation:MaxLength=64
	IssueID string `json:"issueID"`

	// Issue counts the member's passwords, from 1.
	Issue int64 `json:"issue"`

	// IssuedAt is when the operator saw the password issued.
	IssuedAt metav1.Time `json:"issuedAt"`

	// PasswordReset is the value of spec.passwordReset last handled.
	//
	// +kubebuilder:validation:MaxLength=64
	// +optional
	PasswordReset string `json:"passwordReset,omitempty"`
}

// MailStatus remembers what was mailed.
type MailStatus struct {
	// IssueID is of the last password that counts as mailed: its letter was
	// accepted by the mail server, or it was adopted from a backup.
	//
	// +kubebuilder:validation:MaxLength=64
	// +optional
	IssueID string `json:"issueID,omitempty"`

	// MessageID is the Message-ID (RFC 5322, section 3.6.4) of that letter;
	// absent if the password was adopted from a backup.
	//
	// +kubebuilder:validation:MaxLength=400
	// +optional
	MessageID string `json:"messageID,omitempty"`

	// AcceptedAt is when the mail server accepted that letter.
	//
	// +optional
	AcceptedAt *metav1.Time `json:"acceptedAt,omitempty"`

	// Attempts is how often the letter with the current password was tried.
	//
	// +optional
	Attempts int32 `json:"attempts,omitempty"`

	// NextAttemptAt is when it is tried again at the earliest; absent if that
	// depends on the mail server alone.
	//
	// +optional
	NextAttemptAt *metav1.Time `json:"nextAttemptAt,omitempty"`

	// LastError is what went wrong at the last attempt; absent after success.
	//
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	LastError string `json:"lastError,omitempty"`

	// Settings is a hash of the mail settings, and of the resourceVersions of
	// what they refer to, as of the last attempt.
	//
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Settings string `json:"settings,omitempty"`
}

// Claims are unique values of a namespace.
type Claims struct {
	// Email is the e-mail address held, in lower case.
	//
	// +kubebuilder:validation:MaxLength=254
	// +optional
	Email string `json:"email,omitempty"`

	// AgentID is the agent ID held.
	//
	// +kubebuilder:validation:MaxLength=32
	// +optional
	AgentID string `json:"agentID,omitempty"`

	// Extension is the extension held.
	//
	// +kubebuilder:validation:MaxLength=6
	// +optional
	Extension string `json:"extension,omitempty"`
}

// MembershipSource is who says that a member is in a group.
//
// +kubebuilder:validation:Enum=Member;SkillGroup;Selector;Template
type MembershipSource string

// The sources of a membership, the strongest first.
const (
	// MembershipFromMember: Member.spec.skillGroups names the group.
	MembershipFromMember MembershipSource = "Member"
	// MembershipFromSkillGroup: SkillGroup.spec.members names the member.
	MembershipFromSkillGroup MembershipSource = "SkillGroup"
	// MembershipFromSelector: SkillGroup.spec.selector matches the member.
	MembershipFromSelector MembershipSource = "Selector"
	// MembershipFromTemplate: a MemberTemplate that is about the member names the group.
	MembershipFromTemplate MembershipSource = "Template"
)

// SkillGroupMembership is a group that a member is in.
type SkillGroupMembership struct {
	// Name of the SkillGroup.
	//
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// Priority is the order in which the group's members are offered
	// conversations: 1 (first) to 5.
	Priority int32 `json:"priority"`

	// Source is who says so: Member, SkillGroup, Selector or Template.
	Source MembershipSource `json:"source"`
}

// Member is one person of a contact centre. The operator issues a random
// password as a Secret, mails it, and keeps memberships and the login state.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=mbr,categories=rollcall
// +kubebuilder:metadata:annotations="kustomize.toolkit.fluxcd.io/prune=disabled"
// +kubebuilder:metadata:annotations="argocd.argoproj.io/sync-options=Prune=false,Delete=false"
// +kubebuilder:selectablefield:JSONPath=`.spec.email`
// +kubebuilder:selectablefield:JSONPath=`.spec.role`
// +kubebuilder:selectablefield:JSONPath=`.spec.agentID`
// +kubebuilder:selectablefield:JSONPath=`.status.login`
// +kubebuilder:selectablefield:JSONPath=`.status.license.tier`
// +kubebuilder:selectablefield:JSONPath=`.status.userProfile.name`
// +kubebuilder:selectablefield:JSONPath=`.status.desktopProfile.name`
// +kubebuilder:selectablefield:JSONPath=`.status.site.name`
// +kubebuilder:printcolumn:name="Nickname",type=string,JSONPath=`.spec.nickname`
// +kubebuilder:printcolumn:name="Email",type=string,JSONPath=`.spec.email`
// +kubebuilder:printcolumn:name="Role",type=string,JSONPath=`.spec.role`
// +kubebuilder:printcolumn:name="Login",type=string,JSONPath=`.status.login`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Agent ID",type=string,priority=1,JSONPath=`.spec.agentID`
// +kubebuilder:printcolumn:name="Extension",type=string,priority=1,JSONPath=`.spec.extension`
// +kubebuilder:printcolumn:name="Mail",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="PasswordMailed")].reason`
// +kubebuilder:printcolumn:name="Reason",type=string,priority=1,JSONPath=`.status.loginReason`
// +kubebuilder:printcolumn:name="License",type=string,priority=1,JSONPath=`.status.license.tier`
// +kubebuilder:printcolumn:name="Site",type=string,priority=1,JSONPath=`.status.site.name`
// +kubebuilder:printcolumn:name="User Profile",type=string,priority=1,JSONPath=`.status.userProfile.name`
// +kubebuilder:validation:XValidation:rule="self.metadata.name != 'super-admin' || self.spec.role == 'SuperAdmin'",message="the name super-admin is kept for the Super Admin, whom the operator makes from ContactCenter.spec.superAdmin: choose another metadata.name, and leave the role of super-admin itself as it is",fieldPath=".spec.role"
// +kubebuilder:validation:XValidation:rule="self.spec.role != 'SuperAdmin' || self.metadata.name == 'super-admin'",message="the role SuperAdmin belongs to the Member super-admin alone, whom the operator makes from ContactCenter.spec.superAdmin: choose DeskAdmin, Supervisor or DeskStaff",fieldPath=".spec.role"
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",message="metadata.name must have at most 63 characters, since it becomes a label value: choose a shorter name"
type Member struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what an administrator asks for.
	//
	// +required
	Spec MemberSpec `json:"spec"`

	// Status is what the operator found and did.
	//
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status MemberStatus `json:"status,omitempty,omitzero"`
}

// MemberList is a list of Members.
//
// +kubebuilder:object:root=true
type MemberList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Member `json:"items"`
}

// CredentialsSecretName is the name of the Secret with the Member's user name
// and password.
func (m *Member) CredentialsSecretName() string {
	return m.Name + CredentialsSecretSuffix
}

// RoleBindingName is the name of the RoleBinding that gives the Member the
// permissions of its role.
func (m *Member) RoleBindingName() string {
	return RoleBindingPrefix + m.Name
}

// DeniesLogin is why the Member itself denies login at a time: Deleting,
// ForcedOffline or Inactive; empty if it does not. It counts before the operator
// has written any of it into the status.
func (m *Member) DeniesLogin(now time.Time) LoginReason {
	if m.DeletionTimestamp != nil {
		return LoginReasonDeleting
	}
	return m.Spec.DeniesLogin(now)
}

// DeniesLogin is why the spec denies login at a time: ForcedOffline or Inactive;
// empty if it does not.
func (s *MemberSpec) DeniesLogin(now time.Time) LoginReason {
	switch {
	case s.ForceOffline, s.ForceOfflineUntil != nil && s.ForceOfflineUntil.After(now):
		return LoginReasonForcedOffline
	case s.Active != nil && !*s.Active:
		return LoginReasonInactive
	default:
		return ""
	}
}

// EffectiveRole is the role that counts: the spec's, but for a Supervisor's that a
// MemberTemplate gives to Desk Staff.
func (m *Member) EffectiveRole() Role {
	if m.Status.Role != nil && m.Spec.Role == RoleDeskStaff && m.Status.Role.Name == string(RoleSupervisor) {
		return RoleSupervisor
	}
	return m.Spec.Role
}

// IsAdministrator is whether the role administers the contact centre. An
// administrator needs no licence to log in.
func (r Role) IsAdministrator() bool { return r == RoleSuperAdmin || r == RoleDeskAdmin }

// ClusterRole is the name of the ClusterRole that says what a role may do at the
// API server; empty for a role that may do nothing there.
func (r Role) ClusterRole() string {
	switch r {
	case RoleSuperAdmin:
		return SuperAdminClusterRole
	case RoleDeskAdmin:
		return DeskAdminClusterRole
	case RoleSupervisor:
		return SupervisorClusterRole
	case RoleDeskStaff:
		return ""
	default:
		return ""
	}
}
