package gate

import (
	"crypto/subtle"
	"strings"
)

const (
	// maxEmailBytes is the maximum length of an e-mail address (RFC 5321, section
	// 4.5.3.1.3, less the angle brackets).
	maxEmailBytes = 254
	// maxPasswordBytes limits how much is hashed for one attempt.
	maxPasswordBytes = 1024
)

// dummyCredentials stand in for missing ones, so that a check takes as long as for a
// member: an issue ID and a checksum of the usual length. No password is known to
// have this checksum, and the gate would refuse such a password too.
var dummyCredentials = Credentials{
	IssueID:  strings.Repeat("0", 32),
	Checksum: strings.Repeat("0", 64),
}

// authenticate returns the member with an e-mail address and a password. The decision
// is Allowed, Unauthenticated, Forbidden (the password is right, but login is denied),
// or Locked.
func (h *handler) authenticate(d Decision, email, password string) (Member, Decision) {
	m, known := h.memberByEmail(d.Namespace, email)
	// Different spellings of an address must share one count of attempts.
	counted := strings.ToLower(email)
	if known {
		d, counted = d.of(m), strings.ToLower(m.Email)
	} else if looksLikeMailbox(email) {
		d.Email = email
	}
	var right bool
	wait := h.throttle.attempt(h.throttle.pair(d.Namespace, counted, d.Client), h.Now(), func() bool {
		right = h.isRightPassword(m.Credentials, email, password)
		return right
	})
	switch {
	case wait > 0:
		d.RetryAfter = wait
		return Member{}, d.as(tooManyAttempts)
	case !right:
		return Member{}, d.as(wrongCredentials)
	case m.Denial != "":
		return m, d.as(loginDenied(m.Denial))
	default:
		return m, d.as(allowed)
	}
}

// memberByEmail asks the Directory, unless the address is too long for any member.
func (h *handler) memberByEmail(namespace, email string) (Member, bool) {
	if len(email) > maxEmailBytes {
		return Member{}, false
	}
	return h.Directory.MemberByEmail(namespace, email)
}

// isRightPassword reports whether a password belongs to credentials. With the zero
// Credentials it hashes as much, and takes as long, as with a wrong password.
func (h *handler) isRightPassword(c Credentials, email, password string) bool {
	valid := c.IssueID != ""
	if !valid {
		c = dummyCredentials
		c.Username = email[:min(len(email), maxEmailBytes)]
	}
	if len(password) > maxPasswordBytes {
		valid, password = false, password[:maxPasswordBytes]
	}
	sum := h.checksum(c.IssueID, c.Username, password)
	return subtle.ConstantTimeCompare([]byte(sum), []byte(c.Checksum)) == 1 && valid
}

// looksLikeMailbox reports whether a text may be an e-mail address, and so may be
// logged although no member has it. Users sometimes type passwords into the wrong
// field. Generated passwords have no dot, so a text without a dot after the @ is not
// logged.
func looksLikeMailbox(text string) bool {
	local, domain, found := strings.Cut(text, "@")
	return found && local != "" && len(text) <= maxEmailBytes && strings.Contains(strings.Trim(domain, "."), ".") &&
		consistsOf(local, isVisible) && consistsOf(domain, isNameCharacter)
}

// consistsOf reports whether all characters of a text satisfy a predicate.
func consistsOf(text string, satisfies func(rune) bool) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !satisfies(r) })
}

// isLabel reports whether a text is a DNS label (RFC 1123), as the names of
// namespaces and policies are.
func isLabel(text string) bool {
	return text != "" && len(text) <= 63 && text[0] != '-' && text[len(text)-1] != '-' &&
		consistsOf(text, func(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' })
}

// isAlphanumeric reports whether a character is an ASCII letter or digit.
func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// isNameCharacter reports whether the names of API objects can have a character; it
// also accepts capital letters.
func isNameCharacter(r rune) bool { return isAlphanumeric(r) || r == '-' || r == '.' }

// isVisible reports whether a character is printable ASCII other than the space.
func isVisible(r rune) bool { return ' ' < r && r <= '~' }
