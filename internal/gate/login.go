package gate

import (
	"cmp"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// login shows the login page, and logs in the member who submits it with the right
// password. The page posts to its own address, which only the proxy knows.
func (h *handler) login(x *exchange) {
	switch {
	case !h.canDecide(x.asked.Namespace):
		h.note(x, x.refuse(x.asked.as(notReady)))
	case !x.hasCenter:
		h.note(x, x.refuse(x.asked.as(unknownPath)))
	case x.r.Method == http.MethodPost:
		h.note(x, h.submitLogin(x))
	default:
		// Showing the page is not a decision.
		if !h.showLogin(x) {
			h.note(x, x.asked.as(notReady))
		}
	}
}

// showLogin answers with the login form, or with the page of the current session. It
// returns false if it has answered that login is not available.
func (h *handler) showLogin(x *exchange) bool {
	text := x.messages()
	p := page{Return: returnAddress(x.center.LoginURL, x.r.URL.Query().Get(returnField)).String()}
	member, d := h.session(x.r, x.asked)
	switch d.Outcome {
	case OutcomeAllowed:
		p.Title, p.Name, p.Email = text.LoggedIn, member.Name, member.Email
		return h.writeFormPage(x, http.StatusOK, sessionPage, p)
	case OutcomeForbidden:
		p.Alert, p.AlertHelp = text.reason(d.Reason), text.AskAdministrator
	default:
	}
	return h.writeFormPage(x, http.StatusOK, formPage, p)
}

// writeFormPage answers with a page that contains a form. It returns false if it has
// answered that login is not available.
func (h *handler) writeFormPage(x *exchange, status int, content string, p page) bool {
	token, err := h.newFormToken(x)
	if err != nil {
		x.refuse(x.asked.as(notReady))
		return false
	}
	p.Text, p.Center, p.Token = x.messages(), x.center.DisplayName, token
	p.Title = cmp.Or(p.Title, p.Text.LogIn)
	writePage(x.w, status, content, p)
	return true
}

// submitLogin acts on a submitted form, and answers.
func (h *handler) submitLogin(x *exchange) Decision {
	form, refusal, ok := h.readForm(x)
	if !ok {
		return x.refuse(x.asked.as(refusal))
	}
	asked, text := x.asked, x.messages()
	email := typed(form.Get(emailField))
	p := page{Return: returnAddress(x.center.LoginURL, form.Get(returnField)).String()}
	expired := p
	expired.Alert, expired.AlertHelp = text.Expired, text.ExpiredHelp
	switch {
	case originOf(x.r, x.center.LoginURL) == otherOrigin:
		asked.Via = ViaForm
		// The page does not repeat what another site filled in.
		return h.showFormAgain(x, asked.as(crossOrigin), expired)
	case !h.isFormToken(x, form.Get(tokenField)):
		asked.Via = ViaForm
		expired.Email = shownAgain(email)
		return h.showFormAgain(x, asked.as(formExpired), expired)
	case form.Has(logoutField):
		asked.Policy = endpointLogout
		return h.endSession(x, asked)
	}
	asked.Via = ViaForm
	p.Email = shownAgain(email)
	member, d := h.authenticate(asked, email, typed(form.Get(passwordField)))
	return h.answerLogin(x, member, d, p)
}

// answerLogin answers a login attempt: with a session and a redirect, or with the
// form and the reason for the refusal.
func (h *handler) answerLogin(x *exchange, member Member, d Decision, p page) Decision {
	text := x.messages()
	switch d.Outcome {
	case OutcomeAllowed:
		cookie, err := h.newSession(d.Namespace, member)
		if err != nil {
			return x.refuse(d.as(notReady))
		}
		http.SetCookie(x.w, cookie)
		redirect(x.w, p.Return)
		return d.as(redirected)
	case OutcomeForbidden:
		p.Alert, p.AlertHelp = text.reason(d.Reason), text.AskAdministrator
	case OutcomeLocked:
		setRetryAfter(x.w.Header(), d)
		p.Alert = text.locked(d.RetryAfter)
	default:
		x.challengeCookie()
		p.Alert, p.Invalid = text.WrongPassword, true
	}
	return h.showFormAgain(x, d, p)
}

// showFormAgain answers with the form and the status of the decision, never with the
// password.
func (h *handler) showFormAgain(x *exchange, d Decision, p page) Decision {
	setReason(x.w.Header(), d)
	if !h.writeFormPage(x, d.Status, formPage, p) {
		return d.as(notReady)
	}
	return d
}

// redirect sends a browser to an absolute address in printable ASCII, with GET
// (RFC 9110, section 15.4.4).
func redirect(w http.ResponseWriter, address string) {
	header := w.Header()
	protect(header)
	header.Set("Location", address)
	w.WriteHeader(http.StatusSeeOther)
}

// logout ends the session of a browser. Pages of the login page's origin need no
// form token, so that applications can have their own button. Every other client
// needs the token of the gate's form.
func (h *handler) logout(x *exchange) {
	switch {
	case x.hasCenter:
		h.note(x, h.submitLogout(x))
	case !h.canDecide(x.asked.Namespace):
		h.note(x, x.refuse(x.asked.as(notReady)))
	default:
		h.note(x, x.refuse(x.asked.as(unknownPath)))
	}
}

// submitLogout checks that the user wants to log out, and answers.
func (h *handler) submitLogout(x *exchange) Decision {
	switch originOf(x.r, x.center.LoginURL) {
	case otherOrigin:
		return x.refuse(x.asked.as(crossOrigin))
	case loginOrigin:
		return h.endSession(x, x.asked)
	case unstatedOrigin:
	}
	form, refusal, ok := h.readForm(x)
	if !ok {
		return x.refuse(x.asked.as(refusal))
	}
	if !h.isFormToken(x, form.Get(tokenField)) {
		return x.refuse(x.asked.as(formExpired))
	}
	return h.endSession(x, x.asked)
}

// endSession deletes the session cookie, valid or not, and sends the browser to the
// login page. The decision names the member of the session.
func (h *handler) endSession(x *exchange, d Decision) Decision {
	// An ended session also names its member, although session returns no Member.
	if _, found := h.session(x.r, x.asked); found.Member != "" {
		d.Member, d.Email, d.Via = found.Member, found.Email, ViaSession
	}
	http.SetCookie(x.w, sessionCookie(d.Namespace, "", -1))
	redirect(x.w, loginAddress(x.center.LoginURL, nil))
	return d.as(redirected)
}

const (
	// maxLoginForm is the largest form that is read, in bytes.
	maxLoginForm = 8 << 10
	// maxConcurrentForms limits how many slow clients can send forms at a time.
	maxConcurrentForms = 256
)

// The fields of the forms. The templates use the same names.
const (
	emailField    = "email"
	passwordField = "password"
	tokenField    = "token"
	returnField   = "return"
	logoutField   = "logout"
)

// readForm reads a form from the body of a request and ignores the query. If it
// cannot, it returns why, and false.
func (h *handler) readForm(x *exchange) (url.Values, verdict, bool) {
	select {
	case h.formReads <- struct{}{}:
		defer func() { <-h.formReads }()
	default:
		return nil, tooBusy, false
	}
	// Some clients add a charset; only the media type counts.
	mediaType, _, err := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/x-www-form-urlencoded" {
		return nil, notAForm, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxLoginForm))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, formTooLarge, false
	}
	if err != nil {
		return nil, malformedForm, false
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, malformedForm, false
	}
	return form, verdict{}, true
}

// typed returns a field without the surrounding white space that people type or
// paste. Neither addresses nor generated passwords have any (NIST SP 800-63B-4,
// section 3.1.1.2, allows this).
func typed(field string) string { return strings.TrimSpace(field) }

// shownAgain returns an e-mail address for the form after a failed attempt; empty if
// a user cannot have typed it.
func shownAgain(email string) string {
	if len(email) > maxEmailBytes || !utf8.ValidString(email) || strings.ContainsFunc(email, unicode.IsControl) {
		return ""
	}
	return email
}
