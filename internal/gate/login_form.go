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
