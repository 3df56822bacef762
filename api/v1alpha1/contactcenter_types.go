package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Locale is the language of the e-mail that a member receives, as a BCP 47 tag.
//
// +kubebuilder:validation:Enum=en;zh-CN;fr;id
type Locale string

// Languages of e-mail.
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

// TLSMode is the way in which TLS protects the connection to the mail server.
//
// +kubebuilder:validation:Enum=StartTLS;Implicit;None
type TLSMode string

const (
	// TLSStartTLS upgrades the connection with STARTTLS (RFC 3207). The
	// connection fails if the server does not offer it.
	TLSStartTLS TLSMode = "StartTLS"
	// TLSImplicit starts the connection with TLS (RFC 8314).
	TLSImplicit TLSMode = "Implicit"
	// TLSNone sends everything in clear text.
	TLSNone TLSMode = "None"
)

// ContactCenterSpec defines the desired state of a ContactCenter.
type ContactCenterSpec struct {
	// displayName is the name of the contact center as members see it in
	// e-mail: 1 to 80 characters, without control characters.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=80
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]')`,message="displayName must not contain control characters, line breaks or direction overrides: write it as one line of plain text"
	// +required
	DisplayName string `json:"displayName"`

	// loginURL is the address at which members log in. Every e-mail contains
	// it. It is an absolute http or https URL of up to 2048 characters. Spaces,
	// control characters, double quotes and angle brackets must be
	// percent-encoded (RFC 3986).
	//
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Cf}\p{Z}<>"]')`,message="loginURL must not contain spaces, control characters, double quotes or angle brackets: percent-encode them, for example %20 for a space"
	// +kubebuilder:validation:XValidation:rule=`isURL(self) && url(self).getScheme() in ['http', 'https'] && url(self).getHost() != ''`,message="loginURL must be an absolute http or https URL, for example https://desk.example.com/login"
	// +required
	LoginURL string `json:"loginURL"`

	// locale is the language of e-mail to members that set none of their own:
	// en, zh-CN, fr or id. Defaults to en.
	//
	// +kubebuilder:default=en
	// +optional
	Locale Locale `json:"locale,omitempty"`

	// superAdmin is the person with the role SuperAdmin. The operator creates
	// and owns the Member super-admin for this person.
	//
	// +required
	SuperAdmin SuperAdmin `json:"superAdmin"`

	// passwords configures generated passwords.
	//
	// +kubebuilder:default={length: 20}
	// +optional
	Passwords Passwords `json:"passwords,omitempty,omitzero"`

	// mail configures how e-mail is sent. If absent, no e-mail is sent, and
	// members become Ready without it. If it is added later, current passwords
	// that were never e-mailed are sent as soon as the condition MailReady is
	// True.
	//
	// +optional
	Mail *Mail `json:"mail,omitempty"`

	// identity maps members to users of the API server. Members with a role
	// then get the permissions of that role. If absent, members get no
	// permissions.
	//
	// +optional
	Identity *Identity `json:"identity,omitempty"`

	// gate configures which members the login gate lets in. If absent, only the
	// built-in policies exist.
	//
	// +optional
	Gate *Gate `json:"gate,omitempty"`

	// licenses sets the number of seats. If absent, licensing is off and
	// members need no seat. Lowering a number takes no seat away from a member
	// that holds one.
	//
	// +optional
	Licenses *Licenses `json:"licenses,omitempty"`

	// defaults apply to Members that set no value of their own and get none
	// from a MemberTemplate.
	//
	// +optional
	Defaults *Defaults `json:"defaults,omitempty"`
}

// Defaults apply to Members that set no value of their own and get none from a
// MemberTemplate.
type Defaults struct {
	// site is the name of a Site.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="must be the name of an object as kubectl get shows it: lowercase letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	Site string `json:"site,omitempty"`

	// userProfile is the name of a user profile. It applies to Supervisors and
	// Desk Staff only. Administrators keep the profile that follows from their
	// role, so that a default cannot take permissions from all of them at once.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="must be the name of an object as kubectl get shows it: lowercase letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	UserProfile string `json:"userProfile,omitempty"`

	// desktopProfile is the name of a DesktopProfile.
	//
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="must be the name of an object as kubectl get shows it: lowercase letters, digits, - and ., with a letter or digit at both ends"
	// +optional
	DesktopProfile string `json:"desktopProfile,omitempty"`
}

// Gate configures which members the login gate lets in.
type Gate struct {
	// policies are the policies that a proxy can ask for by name, up to 32.
	// Three more are built in: any (every member whose login is allowed),
	// console (SuperAdmin and DeskAdmin) and workbench (Supervisor and
	// DeskStaff).
	//
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=name
	// +optional
	Policies []GatePolicy `json:"policies,omitempty"`
}

// GatePolicy lets in the members whose login is allowed, that have one of its
// roles, and that belong to one of its skill groups.
//
// +kubebuilder:validation:XValidation:rule=`(has(self.roles) && size(self.roles) > 0) || (has(self.skillGroups) && size(self.skillGroups) > 0)`,message="a policy needs roles or skillGroups, or both: to let in every member whose login is allowed, use the built-in policy any"
type GatePolicy struct {
	// name identifies the policy in the URL that a proxy requests,
	// /verify/<namespace>/<name>. It is a DNS label (RFC 1123) of 1 to 63
	// characters.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')`,message="name must consist of lowercase letters, digits and hyphens, and begin and end with a letter or digit, because it is part of a URL"
	// +kubebuilder:validation:XValidation:rule=`!(self in ['any', 'console', 'workbench'])`,message="any, console and workbench are built-in policies and cannot be changed: choose another name"
	// +required
	Name string `json:"name"`

	// roles are the roles that the policy lets in, each at most once. If empty,
	// it lets in every role.
	//
	// +kubebuilder:validation:MaxItems=4
	// +listType=set
	// +optional
	Roles []Role `json:"roles,omitempty"`

	// skillGroups are the names of the SkillGroups whose members the policy
	// lets in, up to 64. All kinds of membership count. A SkillGroup can be
	// created later. If empty, membership does not matter.
	//
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +listType=set
	// +optional
	SkillGroups []string `json:"skillGroups,omitempty"`
}

// Identity maps members to users of the API server.
type Identity struct {
	// usernamePrefix, followed by the e-mail address, is a member's user name
	// at the API server. Use the prefix that the API server puts before the
	// user names of one OpenID Connect issuer and of nothing else, for example
	// "oidc:". A user whose name begins with this prefix can act as any member.
	// It has 1 to 253 characters, without spaces or control characters. It must
	// not begin with "system:", which is reserved for Kubernetes. The case of
	// the e-mail address matters, because RBAC is case-sensitive.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule=`!self.startsWith('system:')`,message="usernamePrefix must not begin with system:, which is reserved for Kubernetes: use the prefix that the API server puts before the user names of your issuer, for example oidc:"
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zs}\p{Zl}\p{Zp}\p{Cf}]')`,message="usernamePrefix must not contain spaces, control characters or invisible characters: use the prefix that the API server puts before the user names of your issuer, for example oidc:"
	// +required
	UsernamePrefix string `json:"usernamePrefix"`
}

// Username returns the user name of a member at the API server.
func (i Identity) Username(member *Member) string { return i.UsernamePrefix + member.Spec.Email }

// SuperAdmin is the person with the role SuperAdmin.
type SuperAdmin struct {
	// name is the full name, up to 64 characters, without control characters.
	// If empty, it is the part of the e-mail address before the @.
	//
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]')`,message="name must not contain control characters, line breaks or direction overrides: write it as one line of plain text"
	// +optional
	Name string `json:"name,omitempty"`

	// email is the e-mail address and user name of the Super Admin. It is a
	// mailbox as defined in RFC 5321 section 4.1.2, up to 254 characters.
	// Changing it replaces the Member super-admin with a new one.
	//
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=254
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[A-Za-z0-9!#$%&\x27*+/=?^_\x60{|}~-]+([.][A-Za-z0-9!#$%&\x27*+/=?^_\x60{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$') && self.indexOf('@') <= 64 && self.substring(self.indexOf('@') + 1).split('.').all(label, label.size() <= 63)`,message="email must be a mailbox of RFC 5321 such as ana@example.com: no spaces, quotes or non-ASCII characters, and at most 64 characters before the @"
	// +required
	Email string `json:"email"`

	// passwordReset requests a new password: any string of up to 64 characters.
	// Each new value that is not empty issues a new password once. The old
	// password becomes invalid, and the new one is sent by e-mail.
	//
	// +kubebuilder:validation:MaxLength=64
	// +optional
	PasswordReset string `json:"passwordReset,omitempty"`
}

// Passwords configures generated passwords.
type Passwords struct {
	// length is the number of characters of a generated password: 12 to 64.
	// Defaults to 20.
	//
	// +kubebuilder:validation:Minimum=12
	// +kubebuilder:validation:Maximum=64
	// +kubebuilder:default=20
	// +optional
	Length int32 `json:"length,omitempty"`
}

// Mail configures how e-mail is sent.
type Mail struct {
	// from is the sender: an address as defined in RFC 5322 section 3.4, with
	// or without a display name, for example "Acme Support
	// <rollcall@example.com>". It has 3 to 384 characters.
	//
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=384
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([^\p{Cc}<>]*<[^\p{Cc}<>@ ]+@[^\p{Cc}<>@ ]+>|[^\p{Cc}<>@ ]+@[^\p{Cc}<>@ ]+)$')`,message="from must be one RFC 5322 address, for example rollcall@example.com or Acme Support <rollcall@example.com>"
	// +required
	From string `json:"from"`

	// replyTo is the address that replies go to, in the format of from. If
	// empty, replies go to from.
	//
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=384
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([^\p{Cc}<>]*<[^\p{Cc}<>@ ]+@[^\p{Cc}<>@ ]+>|[^\p{Cc}<>@ ]+@[^\p{Cc}<>@ ]+)$')`,message="replyTo must be one RFC 5322 address, for example help@example.com or Acme Help Desk <help@example.com>"
	// +optional
	ReplyTo string `json:"replyTo,omitempty"`

	// smtp is the mail server.
	//
	// +required
	SMTP SMTP `json:"smtp"`

	// templates replace the built-in e-mail texts with custom ones.
	//
	// +optional
	Templates *Templates `json:"templates,omitempty"`
}

// SMTP configures the connection to a mail server.
//
// +kubebuilder:validation:XValidation:rule=`self.tls != 'None' || !has(self.authSecretRef) || self.host == 'localhost' || self.host == '::1' || self.host.matches(r'^127[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}$')`,message="authSecretRef with tls: None would send the mail server's password in clear text: set tls to StartTLS or Implicit, or use a loopback host"
type SMTP struct {
	// host is the DNS name or IP address of the mail server, up to 253
	// characters. With TLS, it must match the server's certificate.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$') || isIP(self)`,message="host must be a DNS name or an IP address without a port, for example smtp.example.com: set the port in the field port"
	// +required
	Host string `json:"host"`

	// port is the TCP port of the mail server. Defaults to 587 with StartTLS,
	// 465 with Implicit, and 25 with None.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	// +optional
	Port int32 `json:"port,omitempty"`

	// tls is StartTLS (required, without fallback to clear text), Implicit or
	// None. Defaults to StartTLS.
	//
	// +kubebuilder:default=StartTLS
	// +optional
	TLS TLSMode `json:"tls,omitempty"`

	// authSecretRef names a Secret of type kubernetes.io/basic-auth in the same
	// namespace. It holds the user name and password for SMTP AUTH (RFC 4954).
	// If absent, the operator does not authenticate.
	//
	// +optional
	AuthSecretRef *ObjectReference `json:"authSecretRef,omitempty"`

	// caSecretRef names a Secret in the same namespace. Its key ca.crt holds
	// the PEM certificates that verify the mail server's certificate. If
	// absent, the system's root certificates apply.
	//
	// +optional
	CASecretRef *ObjectReference `json:"caSecretRef,omitempty"`

	// maxPerMinute is the maximum number of e-mails sent to the mail server per
	// minute: 1 to 100000. If absent, there is no limit.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100000
	// +optional
	MaxPerMinute int32 `json:"maxPerMinute,omitempty"`
}

// Templates configures custom e-mail texts.
type Templates struct {
	// configMapRef names a ConfigMap in the same namespace with Go templates
	// under the keys subject, text and html. A suffix limits a key to one
	// language: for French, text.fr overrides text. The built-in text replaces
	// each missing key.
	//
	// +required
	ConfigMapRef ObjectReference `json:"configMapRef"`
}

// ObjectReference names an object in the same namespace.
type ObjectReference struct {
	// name is the name of the object.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	// +required
	Name string `json:"name"`
}

// ContactCenterStatus is the observed state of a ContactCenter. Only the
// operator writes it.
type ContactCenterStatus struct {
	// observedGeneration is the metadata.generation that this status describes.
	// It is -1 if the operator has not processed the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions are Ready and MailReady.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// members counts the Members of the namespace. It follows changes within
	// seconds.
	//
	// +optional
	Members *MemberCounts `json:"members,omitempty"`

	// licenses counts the seats. It is absent while spec.licenses is absent. It
	// follows changes within seconds.
	//
	// +optional
	Licenses *LicensesStatus `json:"licenses,omitempty"`
}

// MemberCounts counts the Members of a contact center.
type MemberCounts struct {
	// total is the number of Members.
	Total int32 `json:"total"`
	// loginAllowed is the number of Members whose login is allowed.
	LoginAllowed int32 `json:"loginAllowed"`
	// forcedOffline is the number of Members whose login is denied by
	// forceOffline or forceOfflineUntil.
	ForcedOffline int32 `json:"forcedOffline"`
	// mailPending is the number of Members whose current password is still to
	// be e-mailed. It does not count e-mails that are held because login is
	// denied.
	MailPending int32 `json:"mailPending"`
	// mailRejected is the number of Members whose e-mail the mail server
	// rejected.
	MailRejected int32 `json:"mailRejected"`
}

// ContactCenter activates the contact center in its namespace. Its name is
// always default. A user that can write it decides where passwords are sent.
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
// +kubebuilder:validation:XValidation:rule="self.metadata.name == 'default'",message="a namespace has one ContactCenter and its name is default: set metadata.name to default, and use another namespace for another contact center"
type ContactCenter struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state of the contact center.
	//
	// +required
	Spec ContactCenterSpec `json:"spec"`

	// status is the observed state of the contact center. Only the operator
	// writes it.
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

// SMTPPort returns the port of the mail server, or the default of its TLS mode.
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

// AuthSecretType is the type of the Secret in SMTP.AuthSecretRef, and of the
// credentials Secrets that Rollcall creates.
const AuthSecretType = corev1.SecretTypeBasicAuth
