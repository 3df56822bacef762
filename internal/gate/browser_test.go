package gate_test

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// loginPath is the path of the login page at the gate.
const loginPath = "/login/" + support

// browser stores cookies and sends the headers of a browser.
type browser struct {
	*environment

	cookies map[string]*http.Cookie
	// headers are sent with every request.
	headers map[string]string
}

// newBrowser returns a browser on a page of the contact center's origin.
func newBrowser(env *environment) *browser {
	return &browser{environment: env, cookies: map[string]*http.Cookie{}, headers: map[string]string{
		"Accept":         "text/html,application/xhtml+xml,*/*;q=0.8",
		"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Origin": "https://desk.example.com",
	}}
}

// send sends a request and stores the cookies of the answer.
func (b *browser) send(r *http.Request) *httptest.ResponseRecorder {
	for name, value := range b.headers {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	for _, cookie := range b.cookies {
		r.AddCookie(cookie)
	}
	answer := b.handle(r)
	for _, cookie := range answer.Result().Cookies() {
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		} else {
			b.cookies[cookie.Name] = cookie
		}
	}
	return answer
}

// get requests a page.
func (b *browser) get(path string) *httptest.ResponseRecorder { return b.send(newRequest(path)) }

// post submits a form.
func (b *browser) post(path string, form url.Values) *httptest.ResponseRecorder {
	return b.send(formRequest(path, form.Encode()))
}

// formRequest returns a request that submits a form.
func formRequest(path, body string) *http.Request {
	r := newRequest(path, withMethod(http.MethodPost))
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// logIn opens the login page, fills in its form, and submits it.
func (b *browser) logIn(tb testing.TB, email, plain string) *httptest.ResponseRecorder {
	tb.Helper()
	return b.post(loginPath, filledIn(tb, b.get(loginPath+"?return=%2Ftickets%3Fopen"), email, plain))
}

// filledIn returns the form of a login page with an e-mail address and a password.
func filledIn(tb testing.TB, page *httptest.ResponseRecorder, email, plain string) url.Values {
	tb.Helper()
	form := hiddenFields(tb, page)
	form.Set("email", email)
	form.Set("password", plain)
	return form
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// hiddenFields returns the hidden fields of a page's form.
func hiddenFields(tb testing.TB, answer *httptest.ResponseRecorder) url.Values {
	tb.Helper()
	form := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(answer.Body.String(), -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	if form.Get("token") == "" || form.Get("return") == "" {
		tb.Fatalf("status %d: the page has no form with a token and a return address", answer.Code)
	}
	return form
}

// expectAnswer fails the test unless the answer has a status and all texts.
func expectAnswer(tb testing.TB, answer *httptest.ResponseRecorder, status int, texts ...string) {
	tb.Helper()
	if answer.Code != status {
		tb.Errorf("the status is %d, want %d", answer.Code, status)
	}
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(answer.Body.String()), text) {
			tb.Errorf("the page does not say %q:\n%s", text, answer.Body)
		}
	}
}

// expectDecision fails the test unless the last decision has these values.
func (b *browser) expectDecision(tb testing.TB, policy, outcome, reason string, status int) {
	tb.Helper()
	d := b.lastDecision()
	if d.Policy != policy || string(d.Outcome) != outcome || d.Reason != reason || d.Status != status {
		tb.Errorf("the last decision is %+v, want %s: %s, %s, %d", d, policy, outcome, reason, status)
	}
}
