package gate

import (
	"cmp"
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

// Options configure a handler. All except TrustedProxies, AuditProblem, and Observe
// are required.
type Options struct {
	// Directory tells which members may log in.
	Directory Directory
	// Keys returns the session keys, oldest first; none if there are none yet. It is
	// called for every session and must be safe for concurrent use.
	Keys func() []Key
	// TrustedProxies are the networks whose X-Forwarded-For the gate believes.
	TrustedProxies []netip.Prefix
	// Now is the clock.
	Now func() time.Time
	// Random is the source of nonces.
	Random io.Reader
	// Audit receives one line of JSON for each decision, each in one call.
	Audit io.Writer
	// AuditProblem returns why the audit log cannot be written at the moment, or nil;
	// it may be nil. The gate lets no member in without an audit line.
	AuditProblem func() error
	// Observe receives each decision and its duration; it may be nil.
	Observe func(Decision, time.Duration)
}

// handler answers the gate's requests.
type handler struct {
	Options

	throttle *throttle
	// sessions and forms seal with the same keys, each for its own purpose.
	sessions, forms *sealer
	// formReads holds one element for each form that is being read.
	formReads chan struct{}
	audit     slog.Handler
	// checksum is password.Checksum; tests count its calls.
	checksum func(issueID, username, password string) string
}

// exchange is one request with the facts that every answer to it needs.
type exchange struct {
	w       http.ResponseWriter
	r       *http.Request
	started time.Time
	// asked has the namespace, policy, and client, and no outcome yet.
	asked Decision
	// center is the namespace's contact center; the zero Center unless hasCenter.
	center    Center
	hasCenter bool
}

// The first segments of the gate's paths.
const (
	endpointVerify = "verify"
	endpointLogin  = "login"
	endpointLogout = "logout"
	endpointWhoami = "whoami"
)

// allowedMethods are the methods of each endpoint that does not take all of them.
var allowedMethods = map[string][]string{
	endpointLogin:  {http.MethodGet, http.MethodHead, http.MethodPost},
	endpointLogout: {http.MethodPost},
	endpointWhoami: {http.MethodGet, http.MethodHead},
}

// NewHandler returns the handler for all of the gate's paths. It fails if a required
// option is missing.
func NewHandler(o Options) (http.Handler, error) {
	if o.Directory == nil || o.Keys == nil || o.Now == nil || o.Random == nil || o.Audit == nil {
		return nil, errors.New("the gate's handler needs a directory, keys, a clock, a random source, and an audit log")
	}
	o.TrustedProxies = unmapped(o.TrustedProxies)
	return &handler{
		Options:   o,
		throttle:  newThrottle(maxPairs),
		sessions:  &sealer{purpose: "rollcall-session", keys: o.Keys, now: o.Now, random: o.Random},
		forms:     &sealer{purpose: "rollcall-form", keys: o.Keys, now: o.Now, random: o.Random},
		formReads: make(chan struct{}, maxConcurrentForms),
		audit:     slog.NewJSONHandler(o.Audit, nil),
		checksum:  password.Checksum,
	}, nil
}

// canDecide reports whether the gate can decide about a namespace and write the
// decision to the audit log.
func (h *handler) canDecide(namespace string) bool {
	return h.Directory.Fresh(namespace) == nil && (h.AuditProblem == nil || h.AuditProblem() == nil)
}

// ServeHTTP sends a request to its endpoint.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{w: w, r: r, started: h.Now(), asked: Decision{Client: h.clientAddress(r)}}
	target, ok := parsePath(r.URL.EscapedPath())
	if !ok {
		h.note(x, x.refuse(x.asked.as(unknownPath)))
		return
	}
	x.asked.Namespace, x.asked.Policy = target.namespace, cmp.Or(target.policy, target.endpoint)
	if methods, limited := allowedMethods[target.endpoint]; limited && !slices.Contains(methods, r.Method) {
		w.Header().Set("Allow", strings.Join(methods, ", "))
		h.note(x, x.refuse(x.asked.as(methodNotAllowed)))
		return
	}
	x.center, x.hasCenter = h.Directory.Center(target.namespace)
	switch target.endpoint {
	case endpointVerify:
		h.verify(x)
	case endpointLogin:
		h.login(x)
	case endpointLogout:
		h.logout(x)
	case endpointWhoami:
		h.whoami(x)
	}
}

// target is a parsed path.
type target struct {
	endpoint, namespace string
	// policy is empty for endpoints other than verify.
	policy string
}

// parsePath parses an escaped path as the client sent it. It does not use
// http.ServeMux, which cleans dots and slashes first and so would change the path
// that a proxy has fixed. It ignores what follows the policy: that part is the
// client's.
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

// NewServer returns a server for a handler. It limits the size and duration of
// requests, so that slow or verbose clients cost little. The caller sets the address
// or listener, the certificates, and the log.
func NewServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		// Longer than proxies keep connections idle (nginx: 60 s), so that no proxy
		// sends a request into a closing connection.
		IdleTimeout:    75 * time.Second,
		MaxHeaderBytes: 16 << 10,
		HTTP2:          &http.HTTP2Config{MaxConcurrentStreams: 64},
	}
}
