package gate

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxReturnAddress is the longest return address that is kept, in bytes. Escaped
// again for a form, it still fits into maxLoginForm.
const maxReturnAddress = 2048

// returnAddress returns where a browser goes after login: the requested address if it
// is in the origin (RFC 6454) of the login page, and otherwise the root of that origin.
// The requested address is a URL, or a path that begins with one slash. A fragment is
// dropped.
//
// The result is absolute and printable ASCII, so that no browser, however it parses
// slashes and white space, can find another host in it.
func returnAddress(login *url.URL, requested string) *url.URL {
	home := &url.URL{Scheme: login.Scheme, Host: login.Host, Path: "/"}
	// WHATWG URL parsing treats a backslash as a slash and drops tabs and line breaks
	// everywhere.
	if len(requested) > maxReturnAddress || !utf8.ValidString(requested) || strings.ContainsFunc(requested, isAmbiguous) {
		return home
	}
	to, err := url.Parse(requested)
	if err != nil || to.Opaque != "" || to.User != nil {
		return home
	}
	rooted := strings.HasPrefix(requested, "/") && !strings.HasPrefix(requested, "//")
	if !rooted && origin(to) != origin(login) {
		return home
	}
	if to.Path != "" {
		home.Path, home.RawPath = to.Path, to.RawPath
	}
	home.RawQuery = printable(to.RawQuery)
	return home
}

// isAmbiguous reports whether browsers and url.Parse read a character differently.
func isAmbiguous(r rune) bool { return r == '\\' || unicode.IsControl(r) }

// printable escapes the characters that a query must not have (RFC 3986, section 3.4)
// and that url.URL.String does not escape.
func printable(query string) string {
	var escaped strings.Builder
	for i := range len(query) {
		c := query[i]
		if isVisible(rune(c)) && !strings.ContainsRune("\"<>`", rune(c)) {
			escaped.WriteByte(c)
		} else {
			fmt.Fprintf(&escaped, "%%%02X", c)
		}
	}
	return escaped.String()
}

// origin returns the origin of a URL as browsers write it in the Origin header
// (RFC 6454, section 6.2): in lower case, without the scheme's default port.
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

// loginAddress returns the address of the login page with a return address. It leaves
// out the root, which is the default.
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

// requestedAddress returns the path and query of the client's request: what the proxy
// put into X-Forwarded-Uri or, as Envoy does, after the policy.
func requestedAddress(r *http.Request) string {
	if uri := r.Header.Get("X-Forwarded-Uri"); uri != "" {
		return uri
	}
	// /verify/{namespace}/{policy}/{path}
	parts := strings.SplitN(r.URL.EscapedPath(), "/", 5)
	if len(parts) < 5 {
		return "/"
	}
	path := "/" + parts[4]
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	return path
}

// requestOrigin tells which page sent a request, compared with the login page.
type requestOrigin int

const (
	// unstatedOrigin is a request without such headers; the client may be no browser.
	unstatedOrigin requestOrigin = iota
	// loginOrigin is a page of the login page's origin. Pages of other sites cannot
	// forge these headers.
	loginOrigin
	// otherOrigin is a page of another origin.
	otherOrigin
)

// originOf returns the origin of a request according to the browser's Sec-Fetch-Site
// header, or Origin from older browsers.
func originOf(r *http.Request, login *url.URL) requestOrigin {
	protection := http.NewCrossOriginProtection()
	// The proxy may send another Host to the gate than the browser sees.
	if err := protection.AddTrustedOrigin(origin(login)); err != nil || protection.Check(r) != nil {
		return otherOrigin
	}
	if r.Header.Get("Sec-Fetch-Site") == "same-origin" || r.Header.Get("Origin") == origin(login) {
		return loginOrigin
	}
	return unstatedOrigin
}
