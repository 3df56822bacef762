package gate

import (
	"net/http"
	"net/netip"
	"time"
)

// Outcome is the result of a request in one word.
type Outcome string

// The outcomes of requests.
const (
	// OutcomeAllowed is 200, or a completed login or logout.
	OutcomeAllowed Outcome = "Allowed"
	// OutcomeUnauthenticated is 401: no valid session or password.
	OutcomeUnauthenticated Outcome = "Unauthenticated"
	// OutcomeForbidden is 403: an authenticated member whom the gate refuses.
	OutcomeForbidden Outcome = "Forbidden"
	// OutcomeLocked is 429: too many wrong passwords.
	OutcomeLocked Outcome = "Locked"
	// OutcomeUnavailable is 503: the gate cannot decide at the moment.
	OutcomeUnavailable Outcome = "Unavailable"
	// OutcomeNotFound is 404: no such path, policy, or contact center.
	OutcomeNotFound Outcome = "NotFound"
	// OutcomeRejected is a malformed or forged request.
	OutcomeRejected Outcome = "Rejected"
)

// verdict is an outcome with the HTTP status and the reason that belong to it.
type verdict struct {
	outcome Outcome
	status  int
	// reason is a stable code for programs and logs; empty if allowed.
	reason string
}

// All verdicts; login denied by the Directory is loginDenied.
var (
	allowed    = verdict{OutcomeAllowed, http.StatusOK, ""}
	redirected = verdict{OutcomeAllowed, http.StatusSeeOther, ""}

	noCredentials        = verdict{OutcomeUnauthenticated, http.StatusUnauthorized, "NoCredentials"}
	malformedCredentials = verdict{OutcomeUnauthenticated, http.StatusUnauthorized, "MalformedCredentials"}
	// wrongCredentials hides from attackers whether the e-mail address or the
	// password is wrong.
	wrongCredentials = verdict{OutcomeUnauthenticated, http.StatusUnauthorized, "WrongCredentials"}
	sessionInvalid   = verdict{OutcomeUnauthenticated, http.StatusUnauthorized, "SessionInvalid"}
	sessionExpired   = verdict{OutcomeUnauthenticated, http.StatusUnauthorized, "SessionExpired"}
	// sessionEnded is for a deleted member, a new password, or a denial since login.
	sessionEnded = verdict{OutcomeUnauthenticated, http.StatusUnauthorized, "SessionEnded"}

	policyNotMet   = verdict{OutcomeForbidden, http.StatusForbidden, "PolicyNotMet"}
	unsafeIdentity = verdict{OutcomeForbidden, http.StatusForbidden, "UnsafeIdentity"}

	tooManyAttempts = verdict{OutcomeLocked, http.StatusTooManyRequests, "TooManyAttempts"}

	notReady = verdict{OutcomeUnavailable, http.StatusServiceUnavailable, "NotReady"}
	tooBusy  = verdict{OutcomeUnavailable, http.StatusServiceUnavailable, "TooBusy"}

	unknownPath   = verdict{OutcomeNotFound, http.StatusNotFound, "UnknownPath"}
	unknownPolicy = verdict{OutcomeNotFound, http.StatusNotFound, "UnknownPolicy"}

	methodNotAllowed = verdict{OutcomeRejected, http.StatusMethodNotAllowed, "MethodNotAllowed"}
	notAForm         = verdict{OutcomeRejected, http.StatusUnsupportedMediaType, "NotAForm"}
	formTooLarge     = verdict{OutcomeRejected, http.StatusRequestEntityTooLarge, "FormTooLarge"}
	malformedForm    = verdict{OutcomeRejected, http.StatusBadRequest, "MalformedForm"}
	crossOrigin      = verdict{OutcomeRejected, http.StatusForbidden, "CrossOrigin"}
	formExpired      = verdict{OutcomeRejected, http.StatusForbidden, "FormExpired"}
)

// loginDenied returns the verdict for a denial of the Directory, such as ForcedOffline.
func loginDenied(reason string) verdict {
	return verdict{OutcomeForbidden, http.StatusForbidden, reason}
}

// retryWhenUnavailable is when a client may try again while the gate cannot decide.
const retryWhenUnavailable = 5 * time.Second

// Via tells what the client authenticated with.
type Via string

// The means of authentication.
const (
	// ViaNothing is a request without credentials, or one refused before they are read.
	ViaNothing Via = ""
	ViaBasic   Via = "Basic"
	ViaSession Via = "Session"
	ViaForm    Via = "Form"
)

// Decision is the gate's answer to one request, and why. It holds no secret.
type Decision struct {
	// Namespace is the namespace of the contact center; empty if the path has none.
	Namespace string
	// Policy is the requested policy, or login, logout, or whoami.
	Policy string
	// Via is the means of authentication.
	Via Via
	// Member is the name of the Member with the given e-mail address or session, even
	// if the password is wrong; empty if there is none.
	Member string
	// Email is the given e-mail address, if it is a member's or looks like one.
	Email string
	// Outcome is the result.
	Outcome Outcome
	// Reason is a code for why the gate refuses; empty if allowed.
	Reason string
	// Status is the HTTP status.
	Status int
	// Client is the address of the client; the zero Addr if unknown.
	Client netip.Addr
	// RetryAfter is how long to wait before another attempt; 0 if waiting does not
	// help.
	RetryAfter time.Duration
}

// as returns the decision with a verdict.
func (d Decision) as(v verdict) Decision {
	d.Outcome, d.Status, d.Reason = v.outcome, v.status, v.reason
	if v.outcome == OutcomeUnavailable {
		d.RetryAfter = retryWhenUnavailable
	}
	return d
}

// of returns the decision about a member.
func (d Decision) of(m Member) Decision {
	d.Member, d.Email = m.Name, m.Email
	return d
}
