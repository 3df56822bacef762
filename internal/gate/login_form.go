package gate

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxLoginForm is the largest form that is read, in bytes.
	maxLoginForm = 8 << 10
	// maxFormsAtATime bounds how many clients can be slow to send theirs.
	maxFormsAtATime = 256
)

// The fields of the forms. The templates have them too.
const (
	emailField    = "email"
	passwordField = "password"
	tokenField    = "token"
	returnField   = "return"
	logoutField   = "logout"
)

// Why a form is not read.
const (
	reasonNotAForm      = "NotAForm"
	reasonFormTooLarge  = "FormTooLarge"
	reasonMalformedForm = "MalformedForm"
	reasonTooBusy       = "TooBusy"
)

// readForm reads a form from the body of a request, and nothing from its query. If
// it cannot, the decision says why.
func (h *handler) readForm(w http.ResponseWriter, r *http.Request, d Decision) (url.Values, Decision) {
	select {
	case h.reading <- struct{}{}:
		defer func() { <-h.reading }()
	default:
		d.RetryAfter = retryWhenUnavailable
		return nil, d.as(OutcomeUnavailable, http.StatusServiceUnavailable, reasonTooBusy)
	}
	// Some browsers and clients add a charset; the media type alone counts.
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, d.as(OutcomeRejected, http.StatusUnsupportedMediaType, reasonNotAForm)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLoginForm))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, d.as(OutcomeRejected, http.StatusRequestEntityTooLarge, reasonFormTooLarge)
	}
	if err != nil {
		return nil, d.as(OutcomeRejected, http.StatusBadRequest, reasonMalformedForm)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, d.as(OutcomeRejected, http.StatusBadRequest, reasonMalformedForm)
	}
	return form, d
}

// typed is what somebody typed or pasted, without the white space around it, which
// neither addresses nor our passwords have (NIST SP 800-63B-4, section 3.1.1.2,
// allows for it).
func typed(field string) string { return strings.TrimSpace(field) }

// shownAgain is an e-mail address as the form shows it after a failed attempt; empty
// if it is nothing that could be typed into the form.
func shownAgain(email string) string {
	if len(email) > maxEmailBytes || !utf8.ValidString(email) || strings.ContainsFunc(email, unicode.IsControl) {
		return ""
	}
	return email
}
