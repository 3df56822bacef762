package gate

import (
	"net/http"
	"net/url"
)

// crossOrigin tells whether a browser says that a form comes from another origin
// than the login page's (Sec-Fetch-Site, or Origin of older browsers). What says
// nothing of it may be no browser, and is not found out here.
func crossOrigin(r *http.Request, login *url.URL) bool {
	protection := http.NewCrossOriginProtection()
	// The proxy may ask the gate under another host than the browser sees.
	if err := protection.AddTrustedOrigin(origin(login)); err != nil {
		return true
	}
	return protection.Check(r) != nil
}

// sameOrigin tells whether a browser vouches for it that the request comes from a
// page of the login page's origin. Pages of other sites cannot set these headers.
func sameOrigin(r *http.Request, login *url.URL) bool {
	return !crossOrigin(r, login) &&
		(r.Header.Get("Sec-Fetch-Site") == "same-origin" || r.Header.Get("Origin") == origin(login))
}
