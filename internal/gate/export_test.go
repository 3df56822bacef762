package gate

import (
	"net/http"
	"net/netip"
	"time"

	"rollcall.dev/rollcall/internal/password"
)

// What tests of the package see of its inside.
var (
	ParsePath     = parsePath
	IsLabel       = isLabel
	SessionCookie = sessionCookieName
	NewThrottle   = newThrottle
)

// Target is what a path asks for.
type Target = target

// Parts returns what the path asks for.
func (t target) Parts() (endpoint, namespace, policy string) {
	return t.endpoint, t.namespace, t.policy
}

// Fail counts an attempt of a pair, and says how long it is locked.
func (t *throttle) Fail(namespace, email string, client netip.Addr, now time.Time) time.Duration {
	return t.attempt(t.pair(namespace, email, client), now, func() bool { return false })
}

// Succeed makes a right attempt of a pair, and says how long it is locked.
func (t *throttle) Succeed(namespace, email string, client netip.Addr, now time.Time) time.Duration {
	return t.attempt(t.pair(namespace, email, client), now, func() bool { return true })
}

// Pairs is how many pairs the throttle remembers.
func (t *throttle) Pairs() int {
	n := 0
	for i := range t.shards {
		n += len(t.shards[i].pairs)
		if n > 0 && t.shards[i].open.Len()+t.shards[i].locked.Len() != len(t.shards[i].pairs) {
			panic("the throttle has lost count")
		}
	}
	return n
}

// NewSession returns the cookie of a new session.
func NewSession(h http.Handler, namespace string, m Member) (*http.Cookie, error) {
	return h.(*handler).newSession(namespace, m)
}

// ClientAddress is where a request came from.
func ClientAddress(h http.Handler, r *http.Request) netip.Addr {
	return h.(*handler).clientAddress(r)
}

// SealFor returns a token of a purpose with claims, by the handler's keys.
func SealFor(h http.Handler, purpose string, claims any) (string, error) {
	inner := h.(*handler)
	s := &sealer{purpose: purpose, keys: inner.Keys, now: inner.Now, random: inner.Random}
	return s.seal(claims)
}

// CountHashes has the handler tell how many bytes each hashing takes.
func CountHashes(h http.Handler, counted func(bytes int)) {
	h.(*handler).checksum = func(issueID, username, plain string) string {
		counted(len(issueID) + len(username) + len(plain))
		return password.Checksum(issueID, username, plain)
	}
}
