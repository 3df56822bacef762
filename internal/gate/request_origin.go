package gate

import (
	"net/http"
	"net/url"
)

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
