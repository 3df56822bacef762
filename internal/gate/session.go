package gate

import (
	"net/http"
	"time"
)

const (
	// sessionLifetime is a long shift.
	sessionLifetime = 12 * time.Hour
	// maxSessionCookies is how many cookies of one name are looked at. A browser
	// sends one; more come from somebody who wants to keep the gate busy.
	maxSessionCookies = 8
)

// sessionClaims are what a session cookie says. Nothing else is remembered of a
// session: it is good for as long as the Directory agrees with what is in here.
type sessionClaims struct {
	Namespace string `json:"namespace"`
	UID       string `json:"uid"`
	// IssueID is of the password that was used to log in.
	IssueID      string `json:"issueID"`
	AllowedSince int64  `json:"allowedSince"`
	// Issued is when the session was made, in milliseconds since 1970.
	Issued int64 `json:"issued"`
	// Expires is in seconds since 1970.
	Expires int64 `json:"expires"`
}

// sessionCookieName is the name of a contact centre's session cookie. Browsers keep
// names with this prefix to one host, and to HTTPS (RFC 6265bis, section 4.1.3.2).
func sessionCookieName(namespace string) string {
	return "__Host-rollcall-" + namespace
}

// newSession returns the cookie that lets a member in from now on. It fails while
// there is no session key.
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
	return &http.Cookie{
		Name: sessionCookieName(namespace), Value: token,
		Path: "/", MaxAge: int(sessionLifetime / time.Second),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}, nil
}

// session returns who is logged in by cookie. The decision is Allowed, Forbidden
// (the member's login is denied) or Unauthenticated.
func (h *handler) session(r *http.Request, namespace string) (Member, Decision) {
	none := Decision{Namespace: namespace}.as(OutcomeUnauthenticated, http.StatusUnauthorized, reasonNoCredentials)
	member, best := Member{}, none
	for i, cookie := range r.CookiesNamed(sessionCookieName(namespace)) {
		if i == maxSessionCookies {
			break
		}
		m, d := h.openSession(cookie.Value, namespace)
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

// openSession returns whose session a token is. Each check has its place: whether
// login is denied now is told only to somebody whose session was good before.
func (h *handler) openSession(token, namespace string) (Member, Decision) {
	d := Decision{Namespace: namespace, Via: viaSession}
	unauthenticated := func(reason string) (Member, Decision) {
		return Member{}, d.as(OutcomeUnauthenticated, http.StatusUnauthorized, reason)
	}
	var claims sessionClaims
	if err := h.sessions.open(token, &claims); err != nil || claims.Namespace != namespace {
		return unauthenticated(reasonSessionInvalid)
	}
	if h.Now().Unix() >= claims.Expires {
		return unauthenticated(reasonSessionExpired)
	}
	m, ok := h.Directory.MemberByUID(namespace, claims.UID)
	if !ok {
		return unauthenticated(reasonSessionEnded)
	}
	d = d.of(m)
	if claims.IssueID == "" || claims.IssueID != m.Credentials.IssueID {
		return unauthenticated(reasonSessionEnded)
	}
	if m.Denial != "" {
		return m, d.as(OutcomeForbidden, http.StatusForbidden, m.Denial)
	}
	if claims.AllowedSince != m.AllowedSince || claims.Issued <= m.SessionsAfter {
		return unauthenticated(reasonSessionEnded)
	}
	return m, d.as(OutcomeAllowed, http.StatusOK, "")
}
