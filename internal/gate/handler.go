package gate

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"rollcall.dev/rollcall/internal/password"
)

// Options are what a handler works with. All but TrustedProxies, AuditProblem and
// Observe are required.
type Options struct {
	// Directory knows who may log in.
	Directory Directory
	// Keys returns the session keys, the oldest first; none if there are none yet.
	// It is called for every session, and by many at a time.
	Keys func() []Key
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Now is the clock.
	Now func() time.Time
	// Random is where nonces come from.
	Random io.Reader
	// Audit gets a line of JSON for each decision, each in one call.
	Audit io.Writer
	// AuditProblem returns why decisions cannot be written down at the moment, and
	// nil if they can; may be nil. Nobody is let in without a line about it.
	AuditProblem func() error
	// Observe is told of each decision and how long it took; may be nil.
	Observe func(Decision, time.Duration)
}

// handler answers the gate's requests.
type handler struct {
	Options

	throttle *throttle
	// sessions and forms seal with the same keys, each for its own purpose.
	sessions, forms *sealer
	// reading has an element for each form that is being read.
	reading chan struct{}
	audit   slog.Handler
	// checksum is password.Checksum; tests count its calls.
	checksum func(issueID, username, password string) string
}

// The first segments of the paths that there are.
const (
	endpointVerify = "verify"
	endpointLogin  = "login"
	endpointLogout = "logout"
	endpointWhoami = "whoami"
)

// NewHandler returns the handler for all of the gate's paths. It fails if a required
// option is missing.
func NewHandler(o Options) (http.Handler, error) {
	if o.Directory == nil || o.Keys == nil || o.Now == nil || o.Random == nil || o.Audit == nil {
		return nil, errors.New("the gate's handler lacks a directory, keys, a clock, a random source or an audit log")
	}
	o.TrustedProxies = unmapped(o.TrustedProxies)
	return &handler{
		Options:  o,
		throttle: newThrottle(maxPairs),
		sessions: &sealer{purpose: "rollcall-session", keys: o.Keys, now: o.Now, random: o.Random},
		forms:    &sealer{purpose: "rollcall-form", keys: o.Keys, now: o.Now, random: o.Random},
		reading:  make(chan struct{}, maxFormsAtATime),
		audit:    slog.NewJSONHandler(o.Audit, nil),
		checksum: password.Checksum,
	}, nil
}

// knows tells whether the gate can decide about a namespace, and say so in the audit
// log.
func (h *handler) knows(namespace string) bool {
	return h.Directory.Fresh(namespace) == nil && (h.AuditProblem == nil || h.AuditProblem() == nil)
}

// ServeHTTP sends a request to its endpoint.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asked, ok := parsePath(r.URL.EscapedPath())
	if !ok {
		h.reject(w, r, Decision{}.as(OutcomeNotFound, http.StatusNotFound, reasonUnknownPath))
		return
	}
	switch asked.endpoint {
	case endpointVerify:
		h.verify(w, r, asked.namespace, asked.policy)
	case endpointLogin:
		if h.allowsMethod(w, r, asked, http.MethodGet, http.MethodHead, http.MethodPost) {
			h.login(w, r, asked.namespace)
		}
	case endpointLogout:
		if h.allowsMethod(w, r, asked, http.MethodPost) {
			h.logout(w, r, asked.namespace)
		}
	case endpointWhoami:
		if h.allowsMethod(w, r, asked, http.MethodGet, http.MethodHead) {
			h.whoami(w, r, asked.namespace)
		}
	}
}

// allowsMethod tells whether the method is one of those allowed, and answers if not.
func (h *handler) allowsMethod(w http.ResponseWriter, r *http.Request, asked target, allowed ...string) bool {
	if slices.Contains(allowed, r.Method) {
		return true
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	d := Decision{Namespace: asked.namespace, Policy: asked.endpoint}
	h.reject(w, r, d.as(OutcomeRejected, http.StatusMethodNotAllowed, reasonMethodNotAllowed))
	return false
}

// reject answers a request that no endpoint is asked.
func (h *handler) reject(w http.ResponseWriter, r *http.Request, d Decision) {
	started := h.Now()
	d.Client = h.clientAddress(r)
	h.refuse(w, r, Center{}, false, d)
	h.note(r, d, started)
}

// target is what a path asks for.
type target struct {
	endpoint, namespace string
	// policy is of verify only.
	policy string
}

// parsePath reads the path of a request as it was sent, escapes and all. It is read
// by hand since http.ServeMux would tidy up dots and slashes first, and so make
// something else of what a proxy has fixed. What follows the policy is the client's
// and is not looked at.
func parsePath(escaped string) (target, bool) {
	rest, rooted := strings.CutPrefix(escaped, "/")
	endpoint, rest, _ := strings.Cut(rest, "/")
	switch endpoint {
	case endpointVerify:
		namespace, rest, _ := strings.Cut(rest, "/")
		policy, _, _ := strings.Cut(rest, "/")
		return target{endpoint, namespace, policy}, rooted && isLabel(namespace) && isLabel(policy)
	case endpointLogin, endpointLogout, endpointWhoami:
		return target{endpoint: endpoint, namespace: rest}, rooted && isLabel(rest)
	default:
		return target{}, false
	}
}

// isLabel tells whether a text is a DNS label (RFC 1123), as the names of namespaces
// and policies are.
func isLabel(text string) bool {
	if text == "" || len(text) > 63 || text[0] == '-' || text[len(text)-1] == '-' {
		return false
	}
	for _, c := range []byte(text) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
