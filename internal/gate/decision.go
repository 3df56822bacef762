package gate

import (
	"net/netip"
	"time"
)

// Outcome is what came of a request, in one word.
type Outcome string

// What may come of a request.
const (
	// OutcomeAllowed is 200, or a login or logout that was done.
	OutcomeAllowed Outcome = "Allowed"
	// OutcomeUnauthenticated is 401: nobody is logged in, or the password is wrong.
	OutcomeUnauthenticated Outcome = "Unauthenticated"
	// OutcomeForbidden is 403: the gate knows who it is, and they may not in.
	OutcomeForbidden Outcome = "Forbidden"
	// OutcomeLocked is 429: too many wrong passwords.
	OutcomeLocked Outcome = "Locked"
	// OutcomeUnavailable is 503: the gate does not know at the moment.
	OutcomeUnavailable Outcome = "Unavailable"
	// OutcomeNotFound is 404: there is no such path, policy or contact centre.
	OutcomeNotFound Outcome = "NotFound"
	// OutcomeRejected is a request that is not made as it should be.
	OutcomeRejected Outcome = "Rejected"
)

// Why a request was refused. A member whose login is denied is refused with the
// reason that the Directory gives, such as ForcedOffline.
const (
	reasonNotReady             = "NotReady"
	reasonUnknownPath          = "UnknownPath"
	reasonUnknownPolicy        = "UnknownPolicy"
	reasonMethodNotAllowed     = "MethodNotAllowed"
	reasonNoCredentials        = "NoCredentials"
	reasonMalformedCredentials = "MalformedCredentials" //nolint:gosec // a word for a log, no credential
	// reasonWrongCredentials says nothing of whether the e-mail or the password
	// was wrong, since it is told to whoever asked.
	reasonWrongCredentials = "WrongCredentials"
	reasonTooManyAttempts  = "TooManyAttempts"
	reasonPolicyNotMet     = "PolicyNotMet"
	reasonUnsafeIdentity   = "UnsafeIdentity"
	reasonSessionInvalid   = "SessionInvalid"
	reasonSessionExpired   = "SessionExpired"
	// reasonSessionEnded is a session of a member who is gone, has another
	// password since, or was denied login in between.
	reasonSessionEnded = "SessionEnded"
)

// How somebody said who they are.
const (
	viaBasic   = "Basic"
	viaSession = "Session"
	viaForm    = "Form"
)

// Decision is what the gate answered to one request, and why. It holds no secret.
type Decision struct {
	// Namespace is of the contact centre; empty if the path had none.
	Namespace string
	// Policy is the policy that was asked for, or login, logout or whoami.
	Policy string
	// Via is Basic, Session or Form; empty if nobody said who they are.
	Via string
	// Member is the name of the Member whose e-mail or session was given, whether
	// or not the password was right; empty if there is none.
	Member string
	// Email is the e-mail that was given, if it is a member's or looks like one.
	Email string
	// Outcome is the answer in a word.
	Outcome Outcome
	// Reason is why, in a word; empty if allowed.
	Reason string
	// Status is the HTTP status.
	Status int
	// Client is where the request came from; the zero Addr if that is unknown.
	Client netip.Addr
	// RetryAfter is how long to wait before it makes sense to ask again; 0 if
	// waiting does not help.
	RetryAfter time.Duration
}

// as returns the decision with another outcome.
func (d Decision) as(outcome Outcome, status int, reason string) Decision {
	d.Outcome, d.Status, d.Reason = outcome, status, reason
	return d
}

// of returns the decision about a member.
func (d Decision) of(m Member) Decision {
	d.Member, d.Email = m.Name, m.Email
	return d
}
