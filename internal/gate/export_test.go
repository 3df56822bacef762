package gate

import (
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"rollcall.dev/rollcall/internal/password"
)

// These names give the external tests access to internals.
var (
	ParsePath     = parsePath
	IsLabel       = isLabel
	SessionCookie = sessionCookieName
	FormCookie    = formCookieName
	NewThrottle   = newThrottle
	Languages     = languages
	LoginAddress  = loginAddress
	AcceptsHTML   = acceptsHTML
	Catalogs      = catalogs
)

const (
	MaxReturnAddress   = maxReturnAddress
	MaxLoginForm       = maxLoginForm
	MaxConcurrentForms = maxConcurrentForms
	UnknownReason      = unknownReason
)

// Target is a parsed path.
type Target = target

// Parts returns the parts of the parsed path.
func (t target) Parts() (endpoint, namespace, policy string) {
	return t.endpoint, t.namespace, t.policy
}

// Fail attempts a wrong password for a pair, and returns how long the pair is locked.
func (t *throttle) Fail(namespace, email string, client netip.Addr, now time.Time) time.Duration {
	return t.attempt(t.pair(namespace, email, client), now, func() bool { return false })
}

// FailTimes attempts a wrong password for a pair n times.
func (t *throttle) FailTimes(n int, namespace, email string, client netip.Addr, now time.Time) {
	for range n {
		t.Fail(namespace, email, client, now)
	}
}

// Succeed attempts the right password for a pair, and returns how long the pair is
// locked.
func (t *throttle) Succeed(namespace, email string, client netip.Addr, now time.Time) time.Duration {
	return t.attempt(t.pair(namespace, email, client), now, func() bool { return true })
}

// Pairs returns how many pairs the throttle remembers.
func (t *throttle) Pairs() int {
	n := 0
	for i := range t.shards {
		n += len(t.shards[i].pairs)
		if n > 0 && t.shards[i].free.Len()+t.shards[i].locked.Len() != len(t.shards[i].pairs) {
			panic("the lists and the map of the throttle differ in length")
		}
	}
	return n
}

// NewSession returns the cookie of a new session.
func NewSession(h http.Handler, namespace string, m Member) (*http.Cookie, error) {
	return h.(*handler).newSession(namespace, m)
}

// ClientAddress returns the address that a request came from.
func ClientAddress(h http.Handler, r *http.Request) netip.Addr {
	return h.(*handler).clientAddress(r)
}

// SealFor returns a token for a purpose with claims, sealed with the handler's keys.
func SealFor(h http.Handler, purpose string, claims any) (string, error) {
	inner := h.(*handler)
	s := &sealer{purpose: purpose, keys: inner.Keys, now: inner.Now, random: inner.Random}
	return s.seal(claims)
}

// CountHashes makes the handler report how many bytes each password check hashes.
func CountHashes(h http.Handler, report func(bytes int)) {
	h.(*handler).checksum = func(issueID, username, plain string) string {
		report(len(issueID) + len(username) + len(plain))
		return password.Checksum(issueID, username, plain)
	}
}

// ReturnAddress returns where a browser goes after login.
func ReturnAddress(login *url.URL, requested string) string {
	return returnAddress(login, requested).String()
}

// Wait returns a time in the words of a language.
func Wait(tag string, d time.Duration) string { return catalogs[tag].wait(d) }

// LanguageFor returns the language of the answer to a request.
func LanguageFor(r *http.Request, locale string) string { return messagesFor(r, locale).Language }
