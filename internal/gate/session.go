package gate

import (
	"net/http"
	"time"
)

// sessionLifetime is a long shift.
const sessionLifetime = 12 * time.Hour

// sessionClaims are the content of a session cookie. The gate stores nothing else
// about a session: it is valid as long as the Directory agrees with these claims.
type sessionClaims struct {
	Namespace string `json:"namespace"`
	UID       string `json:"uid"`
	// IssueID identifies the password of the login.
	IssueID      string `json:"issueID"`
	AllowedSince int64  `json:"allowedSince"`
	// Issued is when the session began, in milliseconds since 1970.
	Issued int64 `json:"issued"`
	// Expires is in seconds since 1970.
	Expires int64 `json:"expires"`
}

// newSession returns the cookie of a new session of a member. It fails while there is
// no session key.
func (h *handler) newSession(namespace string, m Member) (*http.Cookie, error) {
	now := h.Now()
	token, err := h.sessions.seal(sessionClaims{
		Namespace:    namespace,
		UID:          m.UID,
		IssueID:      m.Credentials.IssueID,
		AllowedSince: m.AllowedSince,
		Issued:       now.UnixMilli(),
		Expires:      now.Add(sessionLifetime).Unix(),
	})
	if err != nil {
		return nil, err
	}
	return sessionCookie(namespace, token, int(sessionLifetime/time.Second)), nil
}

// session returns the member of a request's session cookie. The decision is Allowed,
// Forbidden (login is denied), or Unauthenticated.
func (h *handler) session(r *http.Request, asked Decision) (Member, Decision) {
	member, best := Member{}, asked.as(noCredentials)
	for i, cookie := range cookiesNamed(r, sessionCookieName(asked.Namespace)) {
		m, d := h.openSession(cookie.Value, asked)
		if d.Outcome == OutcomeAllowed {
			return m, d
		}
		// A denial says more than that a cookie is old.
		if i == 0 || d.Outcome == OutcomeForbidden {
			member, best = m, d
		}
	}
	return member, best
}

// openSession returns the member of a session token. The order of the checks matters:
// only a client with a session that was valid learns that login is denied now.
func (h *handler) openSession(token string, d Decision) (Member, Decision) {
	d.Via = ViaSession
	var claims sessionClaims
	if err := h.sessions.open(token, &claims); err != nil || claims.Namespace != d.Namespace {
		return Member{}, d.as(sessionInvalid)
	}
	if h.Now().Unix() >= claims.Expires {
		return Member{}, d.as(sessionExpired)
	}
	m, ok := h.Directory.MemberByUID(d.Namespace, claims.UID)
	if !ok {
		return Member{}, d.as(sessionEnded)
	}
	d = d.of(m)
	if claims.IssueID == "" || claims.IssueID != m.Credentials.IssueID {
		return Member{}, d.as(sessionEnded)
	}
	if m.Denial != "" {
		return m, d.as(loginDenied(m.Denial))
	}
	if claims.AllowedSince != m.AllowedSince || claims.Issued <= m.SessionsAfter {
		return Member{}, d.as(sessionEnded)
	}
	return m, d.as(allowed)
}

// maxCookies is how many cookies of one name the gate reads. A browser sends one;
// more come from a client that wants to keep the gate busy.
const maxCookies = 8

// cookiesNamed returns the first cookies of a name in a request.
func cookiesNamed(r *http.Request, name string) []*http.Cookie {
	cookies := r.CookiesNamed(name)
	return cookies[:min(len(cookies), maxCookies)]
}

// sessionCookieName returns the name of a contact center's session cookie. Browsers
// keep names with this prefix to one host, and to HTTPS (RFC 6265bis, section
// 4.1.3.2).
func sessionCookieName(namespace string) string { return "__Host-rollcall-" + namespace }

// formCookieName returns the name of the cookie with the nonce for a browser's forms.
// Namespaces have no dots, so the name differs from every session cookie's.
func formCookieName(namespace string) string { return "__Host-rollcall-form." + namespace }

// sessionCookie returns a session cookie with a lifetime in seconds; a negative one
// deletes the cookie.
func sessionCookie(namespace, token string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: sessionCookieName(namespace), Value: token, Path: "/", MaxAge: maxAge,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}
