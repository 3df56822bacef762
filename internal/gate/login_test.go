package gate_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall.dev/rollcall/internal/gate"
)

func TestLoginLeadsBackToTheRequestedPage(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	answer := b.logIn(t, " ana@EXAMPLE.com ", anasPassword+" ")
	expectAnswer(t, answer, http.StatusSeeOther)
	if got := answer.Header().Get("Location"); got != "https://desk.example.com/tickets?open" {
		t.Errorf("the browser is sent to %q", got)
	}
	b.expectDecision(t, "login", "Allowed", "", http.StatusSeeOther)
	if d := b.lastDecision(); d.Via != "Form" || d.Member != "ana" || d.Client.String() != "192.0.2.1" {
		t.Errorf("the decision is %+v", d)
	}
	session := b.cookies[gate.SessionCookie(support)]
	if session == nil || !session.Secure || !session.HttpOnly || session.Path != "/" || session.Domain != "" || session.SameSite != http.SameSiteLaxMode {
		t.Fatalf("the session cookie is %v", session)
	}
	expectAnswer(t, b.get("/verify/support/workbench"), http.StatusOK)
	expectAnswer(t, b.get(loginPath+"?return=/tickets"), http.StatusOK, "Logged in as", "ana", anasEmail,
		`href="https://desk.example.com/tickets"`, "Log out")
}

func TestAFailedLoginShowsTheFormWithTheAddressButNeverThePassword(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		email, password, denial string
		failures                int
		status                  int
		outcome, reason, text   string
	}{
		"a wrong password":       {anasEmail, wrongPassword, "", 0, http.StatusUnauthorized, "Unauthenticated", "WrongCredentials", "is not right"},
		"an unknown address":     {"unknown@example.com", wrongPassword, "", 0, http.StatusUnauthorized, "Unauthenticated", "WrongCredentials", "is not right"},
		"no password yet":        {"eve@example.com", wrongPassword, "", 0, http.StatusUnauthorized, "Unauthenticated", "WrongCredentials", "is not right"},
		"empty fields":           {"", "", "", 0, http.StatusUnauthorized, "Unauthenticated", "WrongCredentials", "is not right"},
		"too many attempts":      {anasEmail, wrongPassword, "", 6, http.StatusTooManyRequests, "Locked", "TooManyAttempts", "Try again in 1 second"},
		"right, but locked":      {anasEmail, anasPassword, "", 6, http.StatusTooManyRequests, "Locked", "TooManyAttempts", "Try again in 1 second"},
		"forced offline":         {anasEmail, anasPassword, "ForcedOffline", 0, http.StatusForbidden, "Forbidden", "ForcedOffline", "taken you offline"},
		"an unknown reason":      {anasEmail, anasPassword, "Odd", 0, http.StatusForbidden, "Forbidden", "Odd", "You cannot log in at the moment"},
		"denied, and wrong":      {anasEmail, wrongPassword, "ForcedOffline", 0, http.StatusUnauthorized, "Unauthenticated", "WrongCredentials", "is not right"},
		"an address with markup": {`"><script>alert(1)</script>`, wrongPassword, "", 0, http.StatusUnauthorized, "Unauthenticated", "WrongCredentials", "is not right"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBrowser(newEnvironment(t))
			b.changeMember("ana", func(m *gate.Member) { m.Denial = test.denial })
			for range test.failures {
				b.logIn(t, test.email, wrongPassword)
			}
			answer := b.logIn(t, test.email, test.password)
			expectAnswer(t, answer, test.status, test.text, `name="email" type="email" value="`+test.email+`"`, `role="alert"`)
			b.expectDecision(t, "login", test.outcome, test.reason, test.status)
			page := answer.Body.String()
			if test.password != "" && strings.Contains(page, test.password) || strings.Contains(page, "<script>") {
				t.Errorf("the page has the password, or what was typed in as markup:\n%s", page)
			}
			if b.cookies[gate.SessionCookie(support)] != nil {
				t.Error("there is a session")
			}
			if got := hiddenFields(t, answer).Get("return"); got != "https://desk.example.com/tickets?open" {
				t.Errorf("the return address has become %q", got)
			}
			if locked := test.status == http.StatusTooManyRequests; locked != (answer.Header().Get("Retry-After") == "1") {
				t.Errorf("Retry-After is %q", answer.Header().Get("Retry-After"))
			}
			challenge := answer.Header().Get("WWW-Authenticate")
			if (test.status == http.StatusUnauthorized) != strings.HasPrefix(challenge, "Cookie ") {
				t.Errorf("the challenge is %q", challenge)
			}
			// The user can submit the page with the error again.
			b.changeMember("ana", func(m *gate.Member) { m.Denial = "" })
			b.advance(time.Minute)
			expectAnswer(t, b.post(loginPath, filledIn(t, answer, anasEmail, anasPassword)), http.StatusSeeOther)
		})
	}
}

func TestTheLoginPageExplainsALaterDenial(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	b.logIn(t, anasEmail, anasPassword)
	b.changeMember("ana", func(m *gate.Member) { m.Denial = "Inactive" })
	expectAnswer(t, b.get(loginPath), http.StatusOK, "Your account is not active.", "ask your administrator", "Password")
}

func TestLoginIsUnavailableWithAStaleDirectoryOrWithoutKeys(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*browser){
		"stale":   func(b *browser) { b.stale = http.ErrServerClosed },
		"no keys": func(b *browser) { b.keys = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBrowser(newEnvironment(t))
			form := filledIn(t, b.get(loginPath), anasEmail, anasPassword)
			change(b)
			for _, answer := range []*httptest.ResponseRecorder{b.get(loginPath), b.post(loginPath, form)} {
				expectAnswer(t, answer, http.StatusServiceUnavailable, "Login is not available right now")
				if answer.Header().Get("Retry-After") != "5" {
					t.Errorf("Retry-After is %q", answer.Header().Get("Retry-After"))
				}
			}
			b.expectDecision(t, "login", "Unavailable", "NotReady", http.StatusServiceUnavailable)
		})
	}
}

func TestTheLoginPageIsNotFoundWithoutAContactCenter(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	expectAnswer(t, b.get("/login/elsewhere"), http.StatusNotFound, "Page not found")
	b.expectDecision(t, "login", "NotFound", "UnknownPath", http.StatusNotFound)
}

func TestTheLoginPageAllowsGetHeadAndPost(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodTrace, "BREW"} {
		answer := b.send(newRequest(loginPath, withMethod(method)))
		expectAnswer(t, answer, http.StatusMethodNotAllowed)
		if got := answer.Header().Get("Allow"); got != "GET, HEAD, POST" {
			t.Errorf("Allow is %q", got)
		}
	}
	expectAnswer(t, b.send(newRequest(loginPath, withMethod(http.MethodHead))), http.StatusOK)
}

func TestManySlowFormsDoNotBlockOtherRequests(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	form := hiddenFields(t, b.get(loginPath))
	var sending sync.WaitGroup
	release := make(chan struct{})
	begun := make(chan struct{}, gate.MaxConcurrentForms)
	for range gate.MaxConcurrentForms {
		sending.Go(func() {
			r := formRequest(loginPath, "")
			r.Body = io.NopCloser(slowBody{begun, release})
			b.handler.ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	for range gate.MaxConcurrentForms {
		<-begun
	}
	answer := b.post(loginPath, form)
	if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("X-Rollcall-Reason") != "TooBusy" || answer.Header().Get("Retry-After") == "" {
		t.Errorf("one form more: %d %v", answer.Code, answer.Header())
	}
	expectAnswer(t, b.get("/verify/support/any"), http.StatusUnauthorized)
	close(release)
	sending.Wait()
	expectAnswer(t, b.post(loginPath, form), http.StatusUnauthorized)
}

// slowBody signals when it is read, and ends when it is released.
type slowBody struct {
	begun   chan<- struct{}
	release <-chan struct{}
}

func (s slowBody) Read([]byte) (int, error) {
	s.begun <- struct{}{}
	<-s.release
	return 0, io.EOF
}
