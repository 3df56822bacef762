package gate

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxReturnAddress is the longest return address that is kept, in bytes. Escaped
// again for a form it still fits into maxLoginForm.
const maxReturnAddress = 2048

// returnAddress returns where a browser goes after login: what was asked for if
// that is in the origin (RFC 6454) of the login address, and otherwise the root of
// that origin. Asked for is a URL of that origin, or a path that begins with one
// slash, with or without a query; a fragment is dropped.
//
// The result is absolute and printable ASCII, so that no browser, however it reads
// slashes and white space, can find another host in it.
func returnAddress(login *url.URL, asked string) *url.URL {
	home := &url.URL{Scheme: login.Scheme, Host: login.Host, Path: "/"}
	// WHATWG URL parsing takes a backslash for a slash and drops tabs and line
	// breaks, wherever they are.
	if len(asked) > maxReturnAddress || !utf8.ValidString(asked) || strings.ContainsFunc(asked, misleads) {
		return home
	}
	to, err := url.Parse(asked)
	if err != nil || to.Opaque != "" || to.User != nil {
		return home
	}
	rooted := strings.HasPrefix(asked, "/") && !strings.HasPrefix(asked, "//")
	if !rooted && origin(to) != origin(login) {
		return home
	}
	if to.Path != "" {
		home.Path, home.RawPath = to.Path, to.RawPath
	}
	home.RawQuery = printable(to.RawQuery)
	return home
}

// misleads reports characters that browsers and url.Parse read differently.
func misleads(r rune) bool { return r == '\\' || unicode.IsControl(r) }

// printable escapes what a query must not have (RFC 3986, section 3.4), and which
// url.URL.String leaves in it.
func printable(query string) string {
	var escaped strings.Builder
	for i := range len(query) {
		c := query[i]
		if c > ' ' && c < 0x7f && !strings.ContainsRune("\"<>`", rune(c)) {
			escaped.WriteByte(c)
			continue
		}
		const digits = "0123456789ABCDEF"
		escaped.Write([]byte{'%', digits[c>>4], digits[c&0xf]})
	}
	return escaped.String()
}

// origin returns the origin of a URL as browsers write it in the Origin header
// (RFC 6454, section 6.2): in lower case, without the scheme's own port.
func origin(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	return scheme + "://" + host
}

// loginAddress returns the address of the login page, for people who want to go
// on to the return address from there; without it if it is the root, which is
// where they go anyway.
func loginAddress(login, back *url.URL) string {
	page := &url.URL{Scheme: login.Scheme, Host: login.Host, Path: login.Path, RawPath: login.RawPath}
	query := login.Query()
	query.Del(returnField)
	if back != nil && back.RequestURI() != "/" {
		query.Set(returnField, back.RequestURI())
	}
	page.RawQuery = query.Encode()
	return page.String()
}

// askedAddress is the path and query that a proxy is asking about, as it says in
// X-Forwarded-Uri, or else in what it put behind the policy, as Envoy does.
func askedAddress(r *http.Request) string {
	if asked := r.Header.Get("X-Forwarded-Uri"); asked != "" {
		return asked
	}
	// /verify/{namespace}/{policy}/{asked}
	parts := strings.SplitN(r.URL.EscapedPath(), "/", 5)
	if len(parts) < 5 {
		return "/"
	}
	asked := "/" + parts[4]
	if r.URL.RawQuery != "" {
		asked += "?" + r.URL.RawQuery
	}
	return asked
}
