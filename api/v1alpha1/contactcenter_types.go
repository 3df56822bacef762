package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Locale is the language of the mail that a member gets, as a BCP 47 tag.
//
// +kubebuilder:validation:Enum=en;zh-CN;fr;id
type Locale string

// The languages that Rollcall has letters in.
const (
	// LocaleEnglish is English.
	LocaleEnglish Locale = "en"
	// LocaleChinese is Chinese in simplified characters.
	LocaleChinese Locale = "zh-CN"
	// LocaleFrench is French.
	LocaleFrench Locale = "fr"
	// LocaleIndonesian is Indonesian.
	LocaleIndonesian Locale = "id"
)

// TLSMode is how the connection to the mail server is protected.
//
// +kubebuilder:validation:Enum=StartTLS;Implicit;None
type TLSMode string

const (
	// TLSStartTLS upgrades the connection with STARTTLS (RFC 3207) and gives up
	// when the server does not offer it.
	TLSStartTLS TLSMode = "StartTLS"
	// TLSImplicit begins with TLS (RFC 8314).
	TLSImplicit TLSMode = "Implicit"
	// TLSNone sends in the clear.
	TLSNone TLSMode = "None"
)

// ContactCenterSpec is what an administrator asks for.
type ContactCenterSpec struct {
	// DisplayName is the contact centre's name as members see it in mail:
	// 1 to 80 characters, without control characters.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=80
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]')`,message="displayName must not contain control characters, line breaks or direction overrides: write it as one line of plain text"
	// +required
	DisplayName string `json:"displayName"`

	// LoginURL is the address at which members log in, put in the mail. An
	// absolute http or https URL of at most 2048 characters, without spaces, control
	// characters, double quotes and angle brackets, which URLs write as %-escapes (RFC 3986).
	//
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Cf}\p{Z}<>"]')`,message="loginURL must not contain spaces, control characters, double quotes or angle brackets: write them as %-escapes, such as %20"
	// +kubebuilder:validation:XValidation:rule=`isURL(self) && url(self).getScheme() in ['http', 'https'] && url(self).getHost() != ''`,message="loginURL must be an absolute http or https URL, for example https://desk.example.com/login"
	// +required
	LoginURL string `json:"loginURL"`

	// Locale is the language of mail, unless a Member has its own: en (the
	// default), zh-CN, fr or id.
	//
	// +kubebuilder:default=en
	// +optional
	Locale Locale `json:"locale,omitempty"`

	// SuperAdmin is the person with the role SuperAdmin. The operator makes and
	// owns the Member super-admin from it.
	//
	// +required
	SuperAdmin SuperAdmin `json:"superAdmin"`

	// Passwords says what generated passwords look like.
	//
	// +kubebuilder:default={length: 20}
	// +optional
	Passwords Passwords `json:"passwords,omitempty,omitzero"`

	// Mail says how letters are sent. Absent: no mail is sent, and Ready does
	// not wait for it. Added later: current passwords that were never mailed go
	// out once MailReady is True.
	//
	// +optional
	Mail *Mail `json:"mail,omitempty"`

	// Identity says who members are at the API server, so that their roles
	// become permissions there. Absent: no member is given any.
	//
	// +optional
	Identity *Identity `json:"identity,omitempty"`

	// Gate says whom the login gate lets in where. Absent: there are only the
	// policies that exist by themselves.
	//
	// +optional
	Gate *Gate `json:"gate,omitempty"`

	// Licenses are the seats that the contact centre has. Absent: licensing is off,
	// and nobody needs a seat. Lowering a number takes no seat from who holds one.
	//
	// +optional
	Licenses *Licenses `json:"licenses,omitempty"`

	// Defaults are what Members have that say nothing, nor get anything from a
	// MemberTemplate.
	//
	// +optional
	Defaults *Defaults `json:"defaults,omitempty"`
}

// Defaults are what Members have that say nothing, nor get anything from a
// MemberTemplate.
type Defaults struct {
	// Site is the name of a Site.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="write the name of the object as kubectl get shows it: lower-case letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	Site string `json:"site,omitempty"`

	// UserProfile is the name of a user profile. It is for Supervisors and Desk
	// Staff: administrators keep the one that follows from their role, so that a
	// default takes nothing from all of them at once.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="write the name of the object as kubectl get shows it: lower-case letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	UserProfile string `json:"userProfile,omitempty"`

	// DesktopProfile is the name of a DesktopProfile.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="write the name of the object as kubectl get shows it: lower-case letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	DesktopProfile string `json:"desktopProfile,omitempty"`
}

// Gate says whom the login gate lets in where.
type Gate struct {
	// Policies are whom proxies can ask for by name, beside the three that exist
	// by themselves: any (everybody whose login is allowed), console (SuperAdmin
	// and DeskAdmin) and workbench (Supervisor and DeskStaff). At most 32.
	//
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=name
	// +optional
	Policies []GatePolicy `json:"policies,omitempty"`
}

// GatePolicy lets in members whose login is allowed and who have one of its roles
// and are in one of its skill groups.
//
// +kubebuilder:validation:XValidation:rule=`(has(self.roles) && size(self.roles) > 0) || (has(self.skillGroups) && size(self.skillGroups) > 0)`,message="a policy needs roles or skillGroups, or both: for everybody there is the policy any, which exists by itself"
type GatePolicy struct {
	// Name is what a proxy puts into the address that it asks,
	// /verify/<namespace>/<name>: a DNS label (RFC 1123) of 1 to 63 characters.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')`,message="name must be lower-case letters, digits and hyphens, beginning and ending with a letter or digit, since it is part of an address"
	// +kubebuilder:validation:XValidation:rule=`!(self in ['any', 'console', 'workbench'])`,message="any, console and workbench exist by themselves and cannot be changed: choose another name"
	// +required
	Name string `json:"name"`

	// Roles are the roles that may in, each at most once. Empty: any role.
	//
	// +kubebuilder:validation:MaxItems=4
	// +listType=set
	// +optional
	Roles []Role `json:"roles,omitempty"`

	// SkillGroups are the names of the SkillGroups whose members may in, whichever
	// way they are members; at most 64. A group may come later. Empty: no group is
	// asked for.
	//
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +listType=set
	// +optional
	SkillGroups []string `json:"skillGroups,omitempty"`
}

// Identity says who members are at the API server.
type Identity struct {
	// UsernamePrefix, followed by the e-mail address, is a member's user name at
	// the API server: the prefix that the API server puts before the user names
	// of one OpenID Connect issuer, and of nothing else, for example "oidc:":
	// whoever can get a user name that begins with it can be any member. 1 to 253
	// characters without spaces or control characters. It must not begin with
	// "system:", since such names belong to Kubernetes. The address counts
	// exactly as spelt in the Member: RBAC regards case.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule=`!self.startsWith('system:')`,message="usernamePrefix must not begin with system: such user names belong to Kubernetes; take the prefix that the API server puts before the user names of your issuer, for example oidc:"
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zs}\p{Zl}\p{Zp}\p{Cf}]')`,message="usernamePrefix must not contain spaces, control characters or invisible characters: take the prefix that the API server puts before the user names of your issuer, for example oidc:"
	// +required
	UsernamePrefix string `json:"usernamePrefix"`
}

// Username is the user name of a member at the API server.
func (i Identity) Username(member *Member) string { return i.UsernamePrefix + member.Spec.Email }

// SuperAdmin is the person with the role SuperAdmin.
type SuperAdmin struct {
	// Name is the full name, at most 64 characters, without control characters.
	// Absent: the part of the e-mail address before the @.
	//
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]')`,message="name must not contain control characters, line breaks or direction overrides: write it as one line of plain text"
	// +optional
	Name string `json:"name,omitempty"`

	// Email is the Super Admin's e-mail address and user name: a mailbox of
	// RFC 5321 (section 4.1.2), at most 254 characters. Another address replaces
	// the Member super-admin by a new one.
	//
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=254
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[A-Za-z0-9!#$%&\x27*+/=?^_\x60{|}~-]+([.][A-Za-z0-9!#$%&\x27*+/=?^_\x60{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$') && self.indexOf('@') <= 64 && self.substring(self.indexOf('@') + 1).split('.').all(label, label.size() <= 63)`,message="email must be a mailbox of RFC 5321 such as ana@example.com: no spaces, quotes or non-ASCII characters, and at most 64 characters before the @"
	// +required
	Email string `json:"email"`

	// PasswordReset asks for a new password: any string of at most 64
	// characters. A value that is not empty and is not the one last handled
	// issues a new password, makes the old one invalid and mails the new one, once.
	//
	// +kubebuilder:validation:MaxLength=64
	// +optional
	PasswordReset string `json:"passwordReset,omitempty"`
}

// Passwords says what generated passwords look like.
type Passwords struct {
	// Length is the number of characters of a generated password: 12 to 64,
	// by default 20.
	//
	// +kubebuilder:validation:Minimum=12
	// +kubebuilder:validation:Maximum=64
	// +kubebuilder:default=20
	// +optional
	Length int32 `json:"length,omitempty"`
}

// Mail says how letters are sent.
type Mail struct {
	// From is the sender: an address of RFC 5322 (section 3.4), with or without
	// a display name, for example "Acme Support <rollcall@example.com>".
	//
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=384
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([^\p{Cc}<>]*<[^\p{Cc}<>@ ]+@[^\p{Cc}<>@ ]+>|[^\p{Cc}<>@ ]+@[^\p{Cc}<>@ ]+)$')`,message="from must be one address of RFC 5322, for example rollcall@example.com or Acme Support <rollcall@example.com>"
	// +required
	From string `json:"from"`

	// ReplyTo is where answers to a letter go, as From. Absent: to From.
	//
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=384
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([^\p{Cc}<>]*<[^\p{Cc}<>@ ]+@[^\p{Cc}<>@ ]+>|[^\p{Cc}<>@ ]+@[^\p{Cc}<>@ ]+)$')`,message="replyTo must be one address of RFC 5322, for example help@example.com or Acme Help Desk <help@example.com>"
	// +optional
	ReplyTo string `json:"replyTo,omitempty"`

	// SMTP is the mail server.
	//
	// +required
	SMTP SMTP `json:"smtp"`

	// Templates are letters of one's own, in place of the ones that Rollcall has.
	//
	// +optional
	Templates *Templates `json:"templates,omitempty"`
}

// SMTP is a mail server and how to talk to it.
//
// +kubebuilder:validation:XValidation:rule=`self.tls != 'None' || !has(self.authSecretRef) || self.host == 'localhost' || self.host == '::1' || self.host.matches(r'^127[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}$')`,message="authSecretRef with tls: None would send the mail server's password in the clear: set tls to StartTLS or Implicit, or use a loopback host"
type SMTP struct {
	// Host is the mail server's DNS name or IP address, at most 253 characters.
	// With TLS it must be a name in the server's certificate.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$') || isIP(self)`,message="host must be a DNS name or an IP address without a port, for example smtp.example.com: the port has a field of its own"
	// +required
	Host string `json:"host"`

	// Port is the mail server's TCP port. Absent: 587 with StartTLS, 465 with
	// Implicit, 25 with None.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	// +optional
	Port int32 `json:"port,omitempty"`

	// TLS is StartTLS (the default: required, never falls back to clear text),
	// Implicit, or None.
	//
	// +kubebuilder:default=StartTLS
	// +optional
	TLS TLSMode `json:"tls,omitempty"`

	// AuthSecretRef names a Secret of type kubernetes.io/basic-auth in the same
	// namespace, with the user name and password for SMTP AUTH (RFC 4954).
	// Absent: no AUTH.
	//
	// +optional
	AuthSecretRef *ObjectReference `json:"authSecretRef,omitempty"`

	// CASecretRef names a Secret in the same namespace whose key ca.crt has the
	// PEM certificates that the mail server's certificate is checked against.
	// Absent: the system's roots.
	//
	// +optional
	CASecretRef *ObjectReference `json:"caSecretRef,omitempty"`

	// MaxPerMinute is the most letters handed to the mail server in a minute.
	// Absent: no limit.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100000
	// +optional
	MaxPerMinute int32 `json:"maxPerMinute,omitempty"`
}

// Templates are letters of one's own.
type Templates struct {
	// ConfigMapRef names a ConfigMap in the same namespace with Go templates
	// under the keys subject, text and html, each optionally with a locale:
	// text.fr goes before text for French. A key that is absent leaves
	// Rollcall's own text in its place.
	//
	// +required
	ConfigMapRef ObjectReference `json:"configMapRef"`
}

// ObjectReference names an object in the same namespace.
type ObjectReference struct {
	// Name of the object.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	// +required
	Name string `json:"name"`
}

// ContactCenterStatus is what the operator found and did. Only the operator
// writes it.
type ContactCenterStatus struct {
	// ObservedGeneration is the metadata.generation that this status is about;
	// -1 if the operator has not looked at the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Conditions are Ready and MailReady.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// Members counts the Members of the namespace. It follows changes within
	// seconds.
	//
	// +optional
	Members *MemberCounts `json:"members,omitempty"`

	// Licenses counts the seats; absent while spec.licenses is. It follows changes
	// within seconds.
	//
	// +optional
	Licenses *LicensesStatus `json:"licenses,omitempty"`
}

// MemberCounts counts the Members of a contact centre.
type MemberCounts struct {
	// Total is the number of Members.
	Total int32 `json:"total"`
	// LoginAllowed is how many of them may log in.
	LoginAllowed int32 `json:"loginAllowed"`
	// ForcedOffline is how many are denied login by forceOffline or
	// forceOfflineUntil.
	ForcedOffline int32 `json:"forcedOffline"`
	// MailPending is how many have a current password that is still to be
	// mailed; letters held for members who are denied login do not count.
	MailPending int32 `json:"mailPending"`
	// MailRejected is how many have a letter that the mail server refused.
	MailRejected int32 `json:"mailRejected"`
}

// ContactCenter switches the contact centre of its namespace on. Its name is
// always default. Whoever may write it decides where passwords are mailed.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=rollcall
// +kubebuilder:metadata:annotations="kustomize.toolkit.fluxcd.io/prune=disabled"
// +kubebuilder:metadata:annotations="argocd.argoproj.io/sync-options=Prune=false,Delete=false"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Mail",type=string,JSONPath=`.status.conditions[?(@.type=="MailReady")].reason`
// +kubebuilder:printcolumn:name="Members",type=integer,JSONPath=`.status.members.total`
// +kubebuilder:printcolumn:name="Allowed",type=integer,JSONPath=`.status.members.loginAllowed`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name == 'default'",message="a namespace has one ContactCenter and its name is default: set metadata.name to default, and use another namespace for another contact centre"
type ContactCenter struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what an administrator asks for.
	//
	// +required
	Spec ContactCenterSpec `json:"spec"`

	// Status is what the operator found and did.
	//
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status ContactCenterStatus `json:"status,omitempty,omitzero"`
}

// ContactCenterList is a list of ContactCenters.
//
// +kubebuilder:object:root=true
type ContactCenterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ContactCenter `json:"items"`
}

// SMTPPort is the port of the mail server, with the default for its TLS mode.
func (s *SMTP) SMTPPort() int {
	switch {
	case s.Port != 0:
		return int(s.Port)
	case s.TLS == TLSImplicit:
		return 465
	case s.TLS == TLSNone:
		return 25
	default:
		return 587
	}
}

// AuthSecretType is the type that the Secret of SMTP.AuthSecretRef must have,
// and the type of the Secrets that Rollcall makes.
const AuthSecretType = corev1.SecretTypeBasicAuth
