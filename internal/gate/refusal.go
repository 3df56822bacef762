package gate

import (
	"cmp"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// refuse answers with a refusal and returns its decision. Browsers get a page in
// their language, other clients a line of text.
func (x *exchange) refuse(d Decision) Decision { return x.refuseAs(d, acceptsHTML(x.r)) }

// refuseAs is refuse for a client that shows pages, or for one that does not. The
// headers and the page both lead a browser to the login page, because some proxies
// pass on only one of them.
func (x *exchange) refuseAs(d Decision, asPage bool) Decision {
	header := x.w.Header()
	setReason(header, d)
	switch d.Status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		setRetryAfter(header, d)
	case http.StatusUnauthorized:
		asPage = asPage && x.hasCenter
		if asPage || x.hasCenter && fromScript(x.r) {
			x.challengeCookie()
		} else {
			header.Set("WWW-Authenticate", "Basic realm="+quoted(x.center.DisplayName, x.asked.Namespace)+`, charset="UTF-8"`)
		}
	}
	if !asPage {
		writeLine(x.w, d)
		return d
	}
	p := x.notice(d)
	if p.RefreshTo != "" {
		header.Set("Location", p.RefreshTo)
	}
	writePage(x.w, d.Status, noticePage, p)
	return d
}

// notice returns the page for a refusal.
func (x *exchange) notice(d Decision) page {
	text := x.messages()
	p := page{Text: text, Center: x.center.DisplayName}
	p.Title, p.Lines = explain(text, d)
	if !x.hasCenter {
		return p
	}
	switch d.Status {
	case http.StatusUnauthorized:
		p.RefreshTo = loginAddress(x.center.LoginURL, returnAddress(x.center.LoginURL, requestedAddress(x.r)))
		p.Link = &link{p.RefreshTo, text.LogIn}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		// An empty address is the page itself.
		p.Link = &link{"", text.TryAgain}
	case http.StatusNotFound:
	default:
		p.Link = &link{loginAddress(x.center.LoginURL, nil), text.ToLogin}
		if d.Reason == policyNotMet.reason {
			p.Link.Text = text.OtherAccount
		}
	}
	return p
}

// explain returns the title and the paragraphs that say why the gate refuses, and
// what to do.
func explain(text *messages, d Decision) (title string, lines []string) {
	switch {
	case d.Status == http.StatusUnauthorized && d.Reason == wrongCredentials.reason:
		return text.LoginNeededTitle, []string{text.WrongPassword}
	case d.Status == http.StatusUnauthorized:
		return text.LoginNeededTitle, []string{text.LoginNeeded}
	case d.Outcome == OutcomeForbidden:
		return text.DeniedTitle, []string{text.reason(d.Reason), text.AskAdministrator}
	case d.Status == http.StatusForbidden:
		return text.ExpiredTitle, []string{text.ExpiredHelp}
	case d.Status == http.StatusTooManyRequests:
		return text.LockedTitle, []string{text.locked(d.RetryAfter)}
	case d.Status == http.StatusServiceUnavailable:
		return text.UnavailableTitle, []string{text.Unavailable}
	case d.Status == http.StatusNotFound:
		return text.NotFoundTitle, []string{text.NotFound}
	default:
		return text.BadRequestTitle, []string{text.BadRequest}
	}
}

// writeLine answers with one line of English: what is refused, why, and what to do.
func writeLine(w http.ResponseWriter, d Decision) {
	title, lines := explain(catalogs[fallbackLanguage], d)
	writeBody(w, d.Status, "text/plain; charset=utf-8", []byte(title+". "+strings.Join(lines, " ")+"\n"))
}

// setReason sets the header with the reason for proxies and programs. A denial's
// reason comes from outside, so it is checked to be one ASCII word.
func setReason(header http.Header, d Decision) {
	if d.Reason != "" && len(d.Reason) <= 64 && consistsOf(d.Reason, isAlphanumeric) {
		header.Set("X-Rollcall-Reason", d.Reason)
	}
}

// setRetryAfter sets the header with the time to wait.
func setRetryAfter(header http.Header, d Decision) {
	header.Set("Retry-After", strconv.FormatInt(wholeSeconds(d.RetryAfter), 10))
}

// challengeCookie tells a client that login needs a cookie, and where to get it
// (draft-broyer-http-cookie-auth). Unlike a Basic challenge, it does not make
// browsers prompt for a password.
func (x *exchange) challengeCookie() {
	x.w.Header().Set("WWW-Authenticate", "Cookie realm="+quoted(x.center.DisplayName, x.asked.Namespace)+
		", form-action="+quoted(loginAddress(x.center.LoginURL, nil), "/")+
		", cookie-name="+quoted(sessionCookieName(x.asked.Namespace), ""))
}

// quoted returns a quoted-string (RFC 9110, section 5.6.4) of a text, or of the
// fallback if the text is empty or not printable ASCII.
func quoted(text, fallback string) string {
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		text = fallback
	}
	return `"` + quotedPairs.Replace(text) + `"`
}

// quotedPairs escapes the special characters of a quoted-string.
var quotedPairs = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// maxAccept is the longest Accept header that is read, in bytes: browsers send less
// than 200.
const maxAccept = 1 << 10

// acceptsHTML reports whether a client shows the answer to a user: browsers name
// text/html, programs accept anything.
func acceptsHTML(r *http.Request) bool { return accepts(r, "text/html") }

// accepts reports whether a request's Accept header (RFC 9110, section 12.5.1) names
// a media type as acceptable.
func accepts(r *http.Request, mediaType string) bool {
	header := strings.Join(r.Header.Values("Accept"), ",")
	if len(header) > maxAccept {
		return false
	}
	for entry := range strings.SplitSeq(header, ",") {
		accepted, parameters, err := mime.ParseMediaType(entry)
		if err == nil && accepted == mediaType {
			weight, err := strconv.ParseFloat(cmp.Or(parameters["q"], "1"), 64)
			return err == nil && weight > 0
		}
	}
	return false
}

// fromScript reports whether a page in a browser sent the request: only browsers send
// this header (Fetch Metadata).
func fromScript(r *http.Request) bool { return r.Header.Get("Sec-Fetch-Mode") != "" }
