package gate

import (
	"cmp"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// refuse answers a request with anything but 200: browsers get a page in their
// language, everybody else a line of text. What a proxy needs to send a browser to
// the login page is in the headers, and for proxies that pass the answer on, in the
// page.
func (h *handler) refuse(w http.ResponseWriter, r *http.Request, center Center, hasCenter bool, d Decision) {
	h.refuseTo(w, r, center, hasCenter, d, acceptsHTML(r))
}

// refuseTo is refuse, for a browser that shows a page or for everybody else.
func (h *handler) refuseTo(w http.ResponseWriter, r *http.Request, center Center, hasCenter bool, d Decision, browser bool) {
	header := w.Header()
	setReason(header, d)
	if d.Status == http.StatusTooManyRequests || d.Status == http.StatusServiceUnavailable {
		header.Set("Retry-After", strconv.FormatInt(retryAfter(cmp.Or(d.RetryAfter, retryWhenUnavailable)), 10))
	}
	if d.Status != http.StatusUnauthorized {
		if browser {
			writePage(w, d.Status, noticePage, notice(r, center, hasCenter, d))
		} else {
			writeLine(w, d)
		}
		return
	}
	switch {
	case browser && hasCenter:
		challengeCookie(header, center, d.Namespace)
		p := notice(r, center, hasCenter, d)
		header.Set("Location", p.RefreshTo)
		writePage(w, d.Status, noticePage, p)
	case fromScript(r) && hasCenter:
		// A Basic challenge would make the browser ask for a password on its own.
		challengeCookie(header, center, d.Namespace)
		writeLine(w, d)
	default:
		header.Set("WWW-Authenticate", "Basic realm="+quoted(center.DisplayName, d.Namespace)+`, charset="UTF-8"`)
		writeLine(w, d)
	}
}

// notice is the page about a refusal.
func notice(r *http.Request, center Center, hasCenter bool, d Decision) page {
	text := messagesFor(r, center.Locale)
	p := page{Text: text, Center: center.DisplayName}
	p.Title, p.Lines = explain(text, d)
	if !hasCenter {
		return p
	}
	switch d.Status {
	case http.StatusUnauthorized:
		p.RefreshTo = loginAddress(center.LoginURL, returnAddress(center.LoginURL, askedAddress(r)))
		p.Link = &link{p.RefreshTo, text.LogIn}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		// An empty address is that of the page itself.
		p.Link = &link{"", text.TryAgain}
	case http.StatusNotFound:
	default:
		p.Link = &link{loginAddress(center.LoginURL, nil), text.ToLogin}
		if d.Reason == reasonPolicyNotMet {
			p.Link.Text = text.OtherAccount
		}
	}
	return p
}

// explain says in words why somebody is refused, and what to do: a title, and
// paragraphs.
func explain(text *messages, d Decision) (title string, lines []string) {
	switch {
	case d.Status == http.StatusUnauthorized && d.Reason == reasonWrongCredentials:
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
	title, lines := explain(catalogues[fallbackLanguage], d)
	line := title + ". " + strings.Join(lines, " ") + "\n"
	protect(w.Header())
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(line)))
	w.WriteHeader(d.Status)
	//nolint:errcheck // The client is gone; there is nobody left to tell.
	_, _ = io.WriteString(w, line)
}

// setReason tells proxies and programs why, in a word.
func setReason(header http.Header, d Decision) {
	if isWord(d.Reason) {
		header.Set("X-Rollcall-Reason", d.Reason)
	}
}

// isWord tells whether a reason is one word of ASCII letters and digits, as all that
// we know are. A denial's comes from outside.
func isWord(reason string) bool {
	for _, c := range []byte(reason) {
		if !isLetterOrDigit(c) {
			return false
		}
	}
	return reason != "" && len(reason) <= 64
}

// challengeCookie says that logging in takes a cookie, and where to get it
// (draft-broyer-http-cookie-auth). Browsers ask nothing on their own then.
func challengeCookie(header http.Header, center Center, namespace string) {
	header.Set("WWW-Authenticate", "Cookie realm="+quoted(center.DisplayName, namespace)+
		", form-action="+quoted(loginAddress(center.LoginURL, nil), "/")+
		", cookie-name="+quoted(sessionCookieName(namespace), ""))
}

// quoted returns a quoted-string (RFC 9110, section 5.6.4) of the text, or of the
// other one if not all of the text is printable ASCII.
func quoted(text, other string) string {
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		text = other
	}
	return `"` + quotedPairs.Replace(text) + `"`
}

// quotedPairs escapes what a quoted-string cannot have as it is.
var quotedPairs = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// maxAccept is how much of an Accept header is looked at, in bytes: browsers send
// less than 200.
const maxAccept = 1 << 10

// acceptsHTML tells whether a request is made for somebody to look at the answer:
// browsers name text/html, programs take anything.
func acceptsHTML(r *http.Request) bool { return names(r, "text/html") }

// names tells whether a request's Accept header (RFC 9110, section 12.5.1) names a
// media type as one that it takes.
func names(r *http.Request, mediaType string) bool {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if len(accept) > maxAccept {
		return false
	}
	for accepted := range strings.SplitSeq(accept, ",") {
		kind, parameters, err := mime.ParseMediaType(accepted)
		if err == nil && kind == mediaType {
			weight, err := strconv.ParseFloat(cmp.Or(parameters["q"], "1"), 64)
			return err == nil && weight > 0
		}
	}
	return false
}

// fromScript tells whether a page in a browser made the request, not a program: only
// browsers send this header (Fetch Metadata).
func fromScript(r *http.Request) bool { return r.Header.Get("Sec-Fetch-Mode") != "" }
