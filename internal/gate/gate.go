// Package gate is the HTTP side of the login gate: it answers the forward-auth
// question of reverse proxies, has a login page for browsers, and tells a desktop
// application who its user is. It knows nothing of Kubernetes: who members are and
// whether they may in, it asks a Directory.
package gate

import (
	"net/url"
	"time"
)

// Directory knows who may log in. It answers from memory, so at once, and can be
// asked by many at a time.
type Directory interface {
	// Fresh returns nil while what the Directory says of a namespace can be relied
	// on, and otherwise why it cannot. It is nil for a namespace that is not served,
	// of which it knows nobody.
	Fresh(namespace string) error
	// Center returns the contact centre of a namespace, and false where there is
	// none.
	Center(namespace string) (Center, bool)
	// MemberByEmail returns the member who logs in with an e-mail address,
	// whatever its case, and false if nobody does.
	MemberByEmail(namespace, email string) (Member, bool)
	// MemberByUID returns the member with a UID, and false if there is none.
	MemberByUID(namespace, uid string) (Member, bool)
	// Complete is as Fresh, for what Whoami tells. It says nothing of who may log in:
	// with an error from it and none from Fresh, all but Whoami can be relied on.
	Complete(namespace string) error
	// Whoami returns what there is to tell the member with a UID, and false if there
	// is none.
	Whoami(namespace, uid string) (Whoami, bool)
}

// Center is a contact centre.
type Center struct {
	// DisplayName is shown on the login page.
	DisplayName string
	// LoginURL is where members log in; nobody is sent anywhere but to its origin.
	// Never nil.
	LoginURL *url.URL
	// Locale is the language of members who do not ask for one that the gate has:
	// a BCP 47 tag.
	Locale string
	// Policies are the contact centre's own, by name.
	Policies map[string]Policy
}

// Policy says whom a proxy lets in.
type Policy struct {
	// Roles are the roles that may in; empty for any.
	Roles []string
	// SkillGroups are the groups of which a member has to be in one; empty for no
	// such demand.
	SkillGroups []string
}

// Member is a person as the gate sees them at one moment.
type Member struct {
	// UID is this Member's and no later one's of the same name.
	UID string
	// Name is the name of the Member, unique in the namespace.
	Name string
	// Email is the user name, spelt as in the Member.
	Email string
	// AgentID is the agent (staff) number; empty for none.
	AgentID string
	// Role is the role that counts, one of SuperAdmin, DeskAdmin, Supervisor and
	// DeskStaff.
	Role string
	// SkillGroups are the groups that the member is in.
	SkillGroups []string
	// Credentials are what the member logs in with.
	Credentials Credentials
	// Denial is why login is denied now, a loginReason of the Member's status such
	// as ForcedOffline; empty if it is allowed.
	Denial string
	// AllowedSince is when login was last allowed after it had been denied, in
	// seconds since 1970; sessions from before are over.
	AllowedSince int64
	// SessionsAfter is when the Directory last saw login denied, in milliseconds
	// since 1970, or 0: sessions that were not made after it are over, also if
	// AllowedSince has not changed.
	SessionsAfter int64
}

// Credentials are what one password can be checked with, without the password.
type Credentials struct {
	// IssueID names the password; empty if there is none that is valid.
	IssueID string
	// Username is what the password was issued to.
	Username string
	// Checksum is password.Checksum over the three.
	Checksum string
}

// Key encrypts and authenticates sessions.
type Key struct {
	// ID names the key; it is in the cookie.
	ID string
	// Secret is 32 random bytes.
	Secret []byte
	// From is when new sessions begin to use the key; until then, and once a newer
	// one has begun, it only opens sessions that others have made with it.
	From time.Time
}
