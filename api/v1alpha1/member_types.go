package v1alpha1

import (
	"cmp"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Role is what a member does in the contact center: SuperAdmin, DeskAdmin,
// Supervisor or DeskStaff.
//
// +kubebuilder:validation:Enum=SuperAdmin;DeskAdmin;Supervisor;DeskStaff
type Role string

// Roles.
const (
	// RoleSuperAdmin has every permission. Only the Member super-admin has this
	// role.
	RoleSuperAdmin Role = "SuperAdmin"
	// RoleDeskAdmin manages members.
	RoleDeskAdmin Role = "DeskAdmin"
	// RoleSupervisor views members and groups.
	RoleSupervisor Role = "Supervisor"
	// RoleDeskStaff answers customers.
	RoleDeskStaff Role = "DeskStaff"
)

// MemberSpec defines the desired state of a Member.
//
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.agentID) || (has(self.agentID) && self.agentID == oldSelf.agentID)",message="agentID cannot be changed or removed once it is set: delete the member and add it again"
// +kubebuilder:validation:XValidation:rule="!(has(self.role) && self.role == 'Supervisor' && has(self.license) && self.license == 'Standard')",message="a Supervisor needs a Premium license: set license: Premium, or remove it so that a MemberTemplate can give one",fieldPath=".license"
type MemberSpec struct {
	// name is the full name, up to 64 characters, without control characters.
	// If empty, it is the part of the e-mail address before the @.
	//
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]')`,message="name must not contain control characters, line breaks or direction overrides: write it as one line of plain text"
	// +optional
	Name string `json:"name,omitempty"`

	// nickname is the name that customers see, up to 32 characters, without
	// control characters. If empty, customers see the full name.
	//
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]')`,message="nickname must not contain control characters, line breaks or direction overrides: write it as one line of plain text"
	// +optional
	Nickname string `json:"nickname,omitempty"`

	// email is the e-mail address that passwords are sent to. It is also the
	// user name at login. It is a mailbox as defined in RFC 5321 section 4.1.2,
	// up to 254 characters. It cannot be changed. It is unique in the
	// namespace, ignoring case: a second Member with the same address is denied
	// login until the first one is deleted.
	//
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=254
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[A-Za-z0-9!#$%&\x27*+/=?^_\x60{|}~-]+([.][A-Za-z0-9!#$%&\x27*+/=?^_\x60{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$') && self.indexOf('@') <= 64 && self.substring(self.indexOf('@') + 1).split('.').all(label, label.size() <= 63)`,message="email must be a mailbox of RFC 5321 such as ana@example.com: no spaces, quotes or non-ASCII characters, and at most 64 characters before the @"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="email cannot be changed: delete the member and add it again"
	// +required
	Email string `json:"email"`

	// agentID is the agent (staff) number: 1 to 32 letters, digits, _ and -.
	// Once set, it cannot be changed or removed. It is unique in the namespace:
	// a second Member with the same number becomes Stalled, but is not denied
	// login.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[A-Za-z0-9_-]+$')`,message="agentID can contain only letters A to Z, digits, _ and -: remove spaces and other characters"
	// +optional
	AgentID string `json:"agentID,omitempty"`

	// extension is the telephone extension: 4 to 6 digits, the first from 1 to
	// 8. It is unique in the namespace: a second Member with the same extension
	// becomes Stalled, but is not denied login.
	//
	// +kubebuilder:validation:MaxLength=6
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[1-8][0-9]{3,5}$')`,message="extension must have 4 to 6 digits, the first 1 to 8, for example 1024: choose a number that does not begin with 0 or 9, and write it in quotes"
	// +optional
	Extension string `json:"extension,omitempty"`

	// phone is the telephone number in E.164 format: +, the country code and
	// the number, up to 15 digits in total.
	//
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[+][1-9][0-9]{1,14}$')`,message="phone must be an E.164 number, for example +14155550123: start with + and the country code, use only digits, and write it in quotes"
	// +optional
	Phone string `json:"phone,omitempty"`

	// role is SuperAdmin, DeskAdmin, Supervisor or DeskStaff. Defaults to
	// DeskStaff. The Member named super-admin has the role SuperAdmin, and no
	// other Member can have it.
	//
	// +kubebuilder:default=DeskStaff
	// +optional
	Role Role `json:"role,omitempty"`

	// skillGroups are the skill groups that the member belongs to, up to 64. An
	// entry here overrides what a SkillGroup says about the member. A
	// SkillGroup can be created later.
	//
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=name
	// +optional
	SkillGroups []SkillGroupReference `json:"skillGroups,omitempty"`

	// active, when false, denies login and keeps everything else: the password,
	// the memberships, and e-mail that is still to be sent. Defaults to true.
	//
	// +kubebuilder:default=true
	// +optional
	Active *bool `json:"active,omitempty"`

	// forceOffline, when true, denies login until it is set to false or
	// removed, which restores the member. The password and the memberships
	// stay. Defaults to false.
	//
	// +optional
	ForceOffline bool `json:"forceOffline,omitempty"`

	// The format check of the API server accepts times that Go programs cannot
	// parse. One such Member would make every list of Members fail, so a rule
	// checks the time too.

	// forceOfflineUntil denies login until this time. After it, login is
	// allowed again automatically. It is an RFC 3339 time from 1970 to 9999,
	// with an uppercase T and Z. It is independent of forceOffline: each of
	// them denies login.
	//
	// +kubebuilder:validation:XValidation:rule="self >= timestamp('1970-01-01T00:00:00Z') && self <= timestamp('9999-12-31T23:59:59Z')",message="forceOfflineUntil must be an RFC 3339 time between the years 1970 and 9999, for example 2026-03-01T18:00:00Z: to deny login permanently, set forceOffline: true"
	// +optional
	ForceOfflineUntil *metav1.Time `json:"forceOfflineUntil,omitempty"`

	// forceOfflineReason is free text of up to 256 characters. The member's
	// status shows it to administrators.
	//
	// +kubebuilder:validation:MaxLength=256
	// +optional
	ForceOfflineReason string `json:"forceOfflineReason,omitempty"`

	// passwordReset requests a new password: any string of up to 64 characters,
	// such as a date or a ticket number. Each new value that is not empty
	// issues a new password once. The old password becomes invalid, and the new
	// one is sent by e-mail. Removing the value has no effect. The value that
	// is present when the first password is issued counts as handled.
	//
	// +kubebuilder:validation:MaxLength=64
	// +optional
	PasswordReset string `json:"passwordReset,omitempty"`

	// locale is the language of e-mail to this member: en, zh-CN, fr or id. If
	// empty, the locale of the ContactCenter applies.
	//
	// +optional
	Locale Locale `json:"locale,omitempty"`

	// license is Standard, Premium (required for a Supervisor) or None. If
	// empty, MemberTemplates decide. It applies only if the ContactCenter sets
	// spec.licenses. In that case, a member without a seat is denied login,
	// unless the member is an administrator.
	//
	// +optional
	License License `json:"license,omitempty"`

	// userProfile is the name of a UserProfile, or of a built-in profile:
	// standard-agent, premium-agent, supervisor, administrator or
	// administrator-only. It restricts the permissions of the role at the API
	// server and never extends them. If empty, MemberTemplates or spec.defaults
	// of the ContactCenter decide, and otherwise the role and the license.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="must be the name of an object as kubectl get shows it: lowercase letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	UserProfile string `json:"userProfile,omitempty"`

	// desktopProfile is the name of a DesktopProfile. If empty, MemberTemplates
	// or spec.defaults of the ContactCenter decide.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="must be the name of an object as kubectl get shows it: lowercase letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	DesktopProfile string `json:"desktopProfile,omitempty"`

	// site is the name of the Site where the member works. If empty,
	// MemberTemplates or spec.defaults of the ContactCenter decide.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="must be the name of an object as kubectl get shows it: lowercase letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	Site string `json:"site,omitempty"`

	// teams are the names of the Teams that the member belongs to, up to 64.
	// Only teams at the member's site count. If empty, MemberTemplates decide.
	//
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +kubebuilder:validation:items:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="must be the name of an object as kubectl get shows it: lowercase letters, digits, - and ., with a letter or digit at both ends"
	// +listType=set
	// +optional
	Teams []string `json:"teams,omitempty"`
}

// SkillGroupReference is a membership that a Member or a MemberTemplate
// declares.
type SkillGroupReference struct {
	// name is the name of the SkillGroup.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	// +required
	Name string `json:"name"`

	// priority is the order in which the members of the group are offered
	// conversations: 1 (first) to 5 (last). Defaults to 3.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5
	// +kubebuilder:default=3
	// +optional
	Priority int32 `json:"priority,omitempty"`
}

// LoginState is the login state of a member: Allowed or Denied.
//
// +kubebuilder:validation:Enum=Allowed;Denied
type LoginState string

const (
	// LoginAllowed means that the member can log in.
	LoginAllowed LoginState = "Allowed"
	// LoginDenied means that the member cannot log in.
	LoginDenied LoginState = "Denied"
)

// LoginReason explains a LoginState.
//
// +kubebuilder:validation:Enum=Active;ForceOfflineExpired;ForcedOffline;Inactive;NotIssued;Duplicate;Deleting;NoLicense
type LoginReason string

const (
	// LoginReasonActive means that login is allowed.
	LoginReasonActive LoginReason = "Active"
	// LoginReasonForceOfflineExpired means that login is allowed again, because
	// forceOfflineUntil has passed.
	LoginReasonForceOfflineExpired LoginReason = "ForceOfflineExpired"
	// LoginReasonForcedOffline means that forceOffline or forceOfflineUntil
	// denies login.
	LoginReasonForcedOffline LoginReason = "ForcedOffline"
	// LoginReasonInactive means that active: false denies login.
	LoginReasonInactive LoginReason = "Inactive"
	// LoginReasonNotIssued means that login is denied, because the Member has
	// no valid password.
	LoginReasonNotIssued LoginReason = "NotIssued"
	// LoginReasonDuplicate means that login is denied, because another Member
	// holds the e-mail address.
	LoginReasonDuplicate LoginReason = "Duplicate"
	// LoginReasonDeleting means that login is denied, because the Member is
	// being deleted.
	LoginReasonDeleting LoginReason = "Deleting"
	// LoginReasonNoLicense means that login is denied, because licensing is on
	// and the Member does not hold the license that its role needs.
	LoginReasonNoLicense LoginReason = "NoLicense"
)

// MemberStatus is the observed state of a Member. Only the operator writes it.
type MemberStatus struct {
	// observedGeneration is the metadata.generation that this status describes.
	// It is -1 if the operator has not processed the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// login is Allowed or Denied. Everything that enforces login follows this
	// field. Clients must treat an absent value as Denied.
	//
	// +optional
	Login LoginState `json:"login,omitempty"`

	// loginReason explains login: Active, ForceOfflineExpired, ForcedOffline,
	// Inactive, NotIssued, Duplicate, NoLicense or Deleting.
	//
	// +optional
	LoginReason LoginReason `json:"loginReason,omitempty"`

	// loginAllowedSince names the current period in which login is allowed; while
	// login is denied, it names the last one. It is new after each denial, so a
	// session of an earlier period can be told from a current one. Compare it for
	// equality only: after two changes within one second, or after the clock was
	// set back, it is later than the real time. If it is absent, the transition
	// time of the condition LoginAllowed counts.
	//
	// +optional
	LoginAllowedSince *metav1.Time `json:"loginAllowedSince,omitempty"`

	// credentials describes the current password. It never contains the
	// password.
	//
	// +optional
	Credentials *CredentialsStatus `json:"credentials,omitempty"`

	// mail records what was sent, so that no password is e-mailed twice.
	//
	// +optional
	Mail *MailStatus `json:"mail,omitempty"`

	// claims are the unique values that this Member holds in its namespace.
	//
	// +optional
	Claims *Claims `json:"claims,omitempty"`

	// skillGroups are the groups that the member belongs to, sorted by name.
	//
	// +kubebuilder:validation:MaxItems=1000
	// +listType=map
	// +listMapKey=name
	// +optional
	SkillGroups []SkillGroupMembership `json:"skillGroups,omitempty"`

	// license is the seat that the Member holds or waits for. It is absent if
	// the Member does neither, or if the ContactCenter does not set
	// spec.licenses.
	//
	// +optional
	License *LicenseStatus `json:"license,omitempty"`

	// role is the role in effect, if a MemberTemplate changes it. It is absent
	// if spec.role is in effect.
	//
	// +optional
	Role *Assignment `json:"role,omitempty"`

	// userProfile is the user profile in effect.
	//
	// +optional
	UserProfile *Assignment `json:"userProfile,omitempty"`

	// desktopProfile is the desktop profile in effect. It is absent if there is
	// none.
	//
	// +optional
	DesktopProfile *Assignment `json:"desktopProfile,omitempty"`

	// site is the site in effect. It is absent if there is none.
	//
	// +optional
	Site *Assignment `json:"site,omitempty"`

	// teams are the teams that the member belongs to, sorted by name.
	//
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=name
	// +optional
	Teams []Assignment `json:"teams,omitempty"`

	// templates are the MemberTemplates that apply to the Member, the strongest
	// first, up to 32. Each entry lists what the Member gets from the template,
	// and what it does not get and why.
	//
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=name
	// +optional
	Templates []TemplateUse `json:"templates,omitempty"`

	// conditions always contains Ready, CredentialsIssued, PasswordMailed,
	// LoginAllowed and SkillGroupsJoined. PermissionsGranted is present if the
	// ContactCenter sets spec.identity and the role has permissions.
	// LicenseAssigned is present if the ContactCenter sets spec.licenses.
	// PlacementResolved is present if the member asks for a site, teams, a
	// UserProfile or a DesktopProfile. Stalled is present only while it is
	// True.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// CredentialsStatus describes the current password.
type CredentialsStatus struct {
	// secretName is the name of the Secret that holds the user name and the
	// password.
	//
	// +kubebuilder:validation:MaxLength=253
	SecretName string `json:"secretName"`

	// issueID identifies the password: 128 random bits in hexadecimal.
	//
	// +kubebuilder:validation:MaxLength=64
	IssueID string `json:"issueID"`

	// issue counts the passwords of the member, starting at 1.
	Issue int64 `json:"issue"`

	// issuedAt is the time at which the operator observed the new password.
	IssuedAt metav1.Time `json:"issuedAt"`

	// passwordReset is the last value of spec.passwordReset that was handled.
	//
	// +kubebuilder:validation:MaxLength=64
	// +optional
	PasswordReset string `json:"passwordReset,omitempty"`
}

// MailStatus is the mail record of a Member.
type MailStatus struct {
	// issueID identifies the last password that counts as e-mailed. Either the
	// mail server accepted the e-mail with it, or it was adopted from a backup.
	//
	// +kubebuilder:validation:MaxLength=64
	// +optional
	IssueID string `json:"issueID,omitempty"`

	// messageID is the Message-ID (RFC 5322 section 3.6.4) of that e-mail. It
	// is absent if the password was adopted from a backup.
	//
	// +kubebuilder:validation:MaxLength=400
	// +optional
	MessageID string `json:"messageID,omitempty"`

	// acceptedAt is the time at which the mail server accepted that e-mail.
	//
	// +optional
	AcceptedAt *metav1.Time `json:"acceptedAt,omitempty"`

	// attempts is the number of attempts to send the e-mail with the current
	// password.
	//
	// +optional
	Attempts int32 `json:"attempts,omitempty"`

	// nextAttemptAt is the earliest time of the next attempt. It is absent if
	// that depends only on the mail server.
	//
	// +optional
	NextAttemptAt *metav1.Time `json:"nextAttemptAt,omitempty"`

	// lastError describes the failure of the last attempt. It is absent after a
	// success.
	//
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	LastError string `json:"lastError,omitempty"`

	// settings is a hash of the mail settings at the last attempt, including
	// the resourceVersion of each object that they refer to.
	//
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Settings string `json:"settings,omitempty"`
}

// Claims are the unique values that a Member holds in its namespace.
type Claims struct {
	// email is the claimed e-mail address, in lowercase.
	//
	// +kubebuilder:validation:MaxLength=254
	// +optional
	Email string `json:"email,omitempty"`

	// agentID is the claimed agent ID.
	//
	// +kubebuilder:validation:MaxLength=32
	// +optional
	AgentID string `json:"agentID,omitempty"`

	// extension is the claimed extension.
	//
	// +kubebuilder:validation:MaxLength=6
	// +optional
	Extension string `json:"extension,omitempty"`
}

// MembershipSource says where a membership comes from: Member, SkillGroup,
// Selector or Template.
//
// +kubebuilder:validation:Enum=Member;SkillGroup;Selector;Template
type MembershipSource string

// Sources of a membership, the strongest first.
const (
	// MembershipFromMember: Member.spec.skillGroups names the group.
	MembershipFromMember MembershipSource = "Member"
	// MembershipFromSkillGroup: SkillGroup.spec.members names the member.
	MembershipFromSkillGroup MembershipSource = "SkillGroup"
	// MembershipFromSelector: SkillGroup.spec.selector matches the member.
	MembershipFromSelector MembershipSource = "Selector"
	// MembershipFromTemplate: a MemberTemplate that applies to the member names
	// the group.
	MembershipFromTemplate MembershipSource = "Template"
)

// SkillGroupMembership is a skill group that a member belongs to.
type SkillGroupMembership struct {
	// name is the name of the SkillGroup.
	//
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// priority is the order in which the members of the group are offered
	// conversations: 1 (first) to 5 (last).
	Priority int32 `json:"priority"`

	// source says where the membership comes from: Member, SkillGroup, Selector
	// or Template.
	Source MembershipSource `json:"source"`
}

// Member is one person in a contact center. The operator issues a random
// password in a Secret, sends it by e-mail, and maintains the memberships and
// the login state.
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
// +kubebuilder:validation:XValidation:rule="self.metadata.name != 'super-admin' || self.spec.role == 'SuperAdmin'",message="the name super-admin is reserved for the Member that the operator creates from ContactCenter.spec.superAdmin: choose another metadata.name, and do not change the role of super-admin itself",fieldPath=".spec.role"
// +kubebuilder:validation:XValidation:rule="self.spec.role != 'SuperAdmin' || self.metadata.name == 'super-admin'",message="only the Member super-admin has the role SuperAdmin, and the operator creates it from ContactCenter.spec.superAdmin: choose DeskAdmin, Supervisor or DeskStaff",fieldPath=".spec.role"
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",message="metadata.name must have at most 63 characters, because it becomes a label value: choose a shorter name"
type Member struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state of the member.
	//
	// +required
	Spec MemberSpec `json:"spec"`

	// status is the observed state of the member. Only the operator writes it.
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

// CredentialsSecretName returns the name of the Secret with the Member's user
// name and password.
func (m *Member) CredentialsSecretName() string {
	return m.Name + CredentialsSecretSuffix
}

// RoleBindingName returns the name of the RoleBinding that grants the Member
// the permissions of its role.
func (m *Member) RoleBindingName() string {
	return RoleBindingPrefix + m.Name
}

// DeniesLogin returns why the Member denies login at the given time: Deleting,
// ForcedOffline or Inactive. It returns an empty reason if the Member does not
// deny login. The result applies even before the operator writes it to the
// status.
func (m *Member) DeniesLogin(now time.Time) LoginReason {
	if m.DeletionTimestamp != nil {
		return LoginReasonDeleting
	}
	return m.Spec.DeniesLogin(now)
}

// DeniesLogin returns why the spec denies login at the given time:
// ForcedOffline or Inactive. It returns an empty reason if the spec does not
// deny login.
func (s *MemberSpec) DeniesLogin(now time.Time) LoginReason {
	switch {
	case s.ForceOffline, s.ForceOfflineUntil != nil && s.ForceOfflineUntil.After(now):
		return LoginReasonForcedOffline
	case !s.IsActive():
		return LoginReasonInactive
	default:
		return ""
	}
}

// IsActive reports whether spec.active, which defaults to true, permits login.
func (s *MemberSpec) IsActive() bool { return s.Active == nil || *s.Active }

// EffectiveName returns the full name: spec.name, or the part of the e-mail
// address before the @ if the name is empty.
func (s *MemberSpec) EffectiveName() string {
	localPart, _, _ := strings.Cut(s.Email, "@")
	return cmp.Or(s.Name, localPart)
}

// EffectiveNickname returns the name that customers see: spec.nickname, or the
// full name if the nickname is empty.
func (s *MemberSpec) EffectiveNickname() string {
	return cmp.Or(s.Nickname, s.EffectiveName())
}

// EffectiveRole returns the role in effect. It is the role of the spec, unless
// a MemberTemplate makes Desk Staff a Supervisor.
func (m *Member) EffectiveRole() Role {
	if m.Status.Role != nil && m.Spec.Role == RoleDeskStaff && m.Status.Role.Name == string(RoleSupervisor) {
		return RoleSupervisor
	}
	return m.Spec.Role
}

// IsAdministrator reports whether the role administers the contact center. An
// administrator needs no license to log in.
func (r Role) IsAdministrator() bool { return r == RoleSuperAdmin || r == RoleDeskAdmin }

// ClusterRole returns the name of the ClusterRole with the permissions of the
// role at the API server. It returns an empty name for a role without
// permissions.
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
