package gate

import (
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strings"
)

const (
	// maxEmailBytes is how long an e-mail address can be (RFC 5321, section
	// 4.5.3.1.3, less the angle brackets).
	maxEmailBytes = 254
	// maxPasswordBytes bounds how much is hashed for one attempt.
	maxPasswordBytes = 1024
)

// noCredentials stand in for those that there are not, so that checking them takes
// as long as for a member: an issue ID and a checksum of the usual length. No
// password is known to have this checksum, and none that had would be let in.
var noCredentials = Credentials{
	IssueID:  strings.Repeat("0", 32),
	Checksum: strings.Repeat("0", 64),
}

// authenticate returns who an e-mail address and a password belong to, for a client
// address. The decision is Allowed, Unauthenticated, Forbidden (a right password,
// but login is denied) or Locked.
func (h *handler) authenticate(namespace, email, password string, client netip.Addr) (Member, Decision) {
	d := Decision{Namespace: namespace, Client: client}
	m, known := h.memberByEmail(namespace, email)
	// Under which name attempts are counted must not depend on the spelling.
	counted := strings.ToLower(email)
	if known {
		d, counted = d.of(m), strings.ToLower(m.Email)
	} else if looksLikeMailbox(email) {
		d.Email = email
	}
	var right bool
	wait := h.throttle.attempt(h.throttle.pair(namespace, counted, client), h.Now(), func() bool {
		right = h.rightPassword(m.Credentials, email, password)
		return right
	})
	switch {
	case wait > 0:
		d.RetryAfter = wait
		return Member{}, d.as(OutcomeLocked, http.StatusTooManyRequests, reasonTooManyAttempts)
	case !right:
		return Member{}, d.as(OutcomeUnauthenticated, http.StatusUnauthorized, reasonWrongCredentials)
	case m.Denial != "":
		return m, d.as(OutcomeForbidden, http.StatusForbidden, m.Denial)
	default:
		return m, d.as(OutcomeAllowed, http.StatusOK, "")
	}
}

// memberByEmail asks the Directory, unless nobody can have such an address.
func (h *handler) memberByEmail(namespace, email string) (Member, bool) {
	if len(email) > maxEmailBytes {
		return Member{}, false
	}
	return h.Directory.MemberByEmail(namespace, email)
}

// rightPassword tells whether a password is the one of the credentials. It hashes
// as much, and takes as long, when there are none (the zero Credentials, of nobody)
// as when the password is wrong.
func (h *handler) rightPassword(c Credentials, email, password string) bool {
	valid := c.IssueID != ""
	if !valid {
		c = noCredentials
		c.Username = email[:min(len(email), maxEmailBytes)]
	}
	if len(password) > maxPasswordBytes {
		valid, password = false, password[:maxPasswordBytes]
	}
	sum := h.checksum(c.IssueID, c.Username, password)
	return subtle.ConstantTimeCompare([]byte(sum), []byte(c.Checksum)) == 1 && valid
}

// looksLikeMailbox tells whether a text may be an e-mail address, so may be logged
// although nobody has it. People type passwords into the wrong field: generated ones
// have no dot, and what has none behind the @ is not logged.
func looksLikeMailbox(text string) bool {
	local, domain, found := strings.Cut(text, "@")
	if !found || local == "" || len(text) > maxEmailBytes || !strings.Contains(strings.Trim(domain, "."), ".") {
		return false
	}
	for _, c := range []byte(local) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	for _, c := range []byte(domain) {
		if !isLetterOrDigit(c) && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// isLetterOrDigit tells whether a byte is an ASCII letter or digit.
func isLetterOrDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
