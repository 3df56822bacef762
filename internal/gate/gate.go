// Package gate is the HTTP side of the login gate. It answers the forward-auth
// requests of reverse proxies, serves a login page to browsers, and tells a desktop
// application about its user. It knows nothing of Kubernetes: a Directory tells it
// about members and their login state.
package gate

import (
	"net/url"
	"time"
)

// Directory tells which members may log in. It answers from memory, at once, and is
// safe for concurrent use.
type Directory interface {
	// Fresh returns nil while the Directory's answers about a namespace are reliable,
	// and otherwise the reason why they are not. It returns nil for a namespace that
	// is not served, in which the Directory finds no members.
	Fresh(namespace string) error
	// Center returns the contact center of a namespace, and false if there is none.
	Center(namespace string) (Center, bool)
	// MemberByEmail returns the member who logs in with an e-mail address in any
	// case, and false if there is none.
	MemberByEmail(namespace, email string) (Member, bool)
	// MemberByUID returns the member with a UID, and false if there is none.
	MemberByUID(namespace, uid string) (Member, bool)
	// Complete is Fresh for the answers of Whoami. If Complete fails and Fresh does
	// not, everything except Whoami is reliable.
	Complete(namespace string) error
	// Whoami returns the data for the member with a UID, and false if there is none.
	Whoami(namespace, uid string) (Whoami, bool)
}

// Center is a contact center.
type Center struct {
	// DisplayName is shown on the login page.
	DisplayName string
	// LoginURL is the address of the login page; the gate redirects browsers only
	// within its origin. It is never nil.
	LoginURL *url.URL
	// Locale is the BCP 47 tag of the language for browsers that do not ask for one
	// that the gate has.
	Locale string
	// Policies are the contact center's own policies, by name.
	Policies map[string]Policy
}

// Policy limits which members a proxy lets in.
type Policy struct {
	// Roles are the roles that the policy admits; empty admits every role.
	Roles []string
	// SkillGroups admit the members of any of these groups; empty admits all.
	SkillGroups []string
}

// Member is a snapshot of a member.
type Member struct {
	// UID identifies this Member; a later Member of the same name has another.
	UID string
	// Name is the name of the Member, unique in the namespace.
	Name string
	// Email is the user name, spelled as in the Member.
	Email string
	// AgentID is the agent (staff) number; empty for none.
	AgentID string
	// Role is the effective role: SuperAdmin, DeskAdmin, Supervisor, or DeskStaff.
	Role string
	// SkillGroups are the groups that the member belongs to.
	SkillGroups []string
	// Credentials check the member's password.
	Credentials Credentials
	// Denial is the reason why login is denied now, a loginReason of the Member's
	// status such as ForcedOffline; empty if login is allowed.
	Denial string
	// AllowedSince is when login was last allowed after a denial, in seconds since
	// 1970. Sessions with another value are over.
	AllowedSince int64
	// SessionsAfter is when the Directory last saw login denied, in milliseconds
	// since 1970, or 0. Sessions that are not newer are over, even if AllowedSince
	// has not changed.
	SessionsAfter int64
}

// Credentials hold what checks one password, without the password.
type Credentials struct {
	// IssueID identifies the password; empty if no password is valid.
	IssueID string
	// Username is the user name that the password was issued to.
	Username string
	// Checksum is password.Checksum of the issue ID, user name, and password.
	Checksum string
}

// Key encrypts and authenticates sessions.
type Key struct {
	// ID identifies the key; it is part of the cookie.
	ID string
	// Secret is 32 random bytes.
	Secret []byte
	// From is when new sessions start to use the key. Before that, and after a newer
	// key has started, the key only opens existing sessions.
	From time.Time
}
