package gate

import "net/http"

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
