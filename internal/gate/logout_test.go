package gate_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rollcall.dev/rollcall/internal/gate"
)

func TestTheLogOutButtonOfTheLoginPageEndsTheSession(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	b.logIn(t, anasEmail, anasPassword)
	form := hiddenFields(t, b.get(loginPath))
	form.Set("logout", "yes")
	answer := b.post(loginPath, form)
	expectAnswer(t, answer, http.StatusSeeOther)
	if got := answer.Header().Get("Location"); got != "https://desk.example.com/login" {
		t.Errorf("the browser is sent to %q", got)
	}
	b.expectDecision(t, "logout", "Allowed", "", http.StatusSeeOther)
	if d := b.lastDecision(); d.Member != "ana" || d.Via != "Session" {
		t.Errorf("the decision is %+v", d)
	}
	expectAnswer(t, b.get("/verify/support/any"), http.StatusUnauthorized)
}

func TestOnlyThisBrowsersPagesAndFormsLogOut(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		site, origin string
		token        bool
		status       int
		reason       string
	}{
		"a page of the same origin":               {"same-origin", "https://desk.example.com", false, http.StatusSeeOther, ""},
		"an old browser at the same origin":       {"", "https://desk.example.com", false, http.StatusSeeOther, ""},
		"another site":                            {"cross-site", "https://evil.example", false, http.StatusForbidden, "CrossOrigin"},
		"another site with a stolen token":        {"cross-site", "https://evil.example", true, http.StatusForbidden, "CrossOrigin"},
		"a sibling site":                          {"same-site", "https://evil.example.com", false, http.StatusForbidden, "CrossOrigin"},
		"a program with the token":                {"", "", true, http.StatusSeeOther, ""},
		"a program without a token":               {"", "", false, http.StatusForbidden, "FormExpired"},
		"a request that no page sent":             {"none", "", false, http.StatusForbidden, "FormExpired"},
		"the host of the request, another origin": {"", "http://example.com", false, http.StatusForbidden, "FormExpired"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBrowser(newEnvironment(t))
			b.logIn(t, anasEmail, anasPassword)
			form := url.Values{}
			if test.token {
				form = hiddenFields(t, b.get(loginPath))
			}
			b.headers["Sec-Fetch-Site"], b.headers["Origin"] = test.site, test.origin
			answer := b.post("/logout/support", form)
			expectAnswer(t, answer, test.status)
			if gone := b.cookies[gate.SessionCookie(support)] == nil; gone != (test.reason == "") {
				t.Errorf("the session is gone: %v", gone)
			}
			if d := b.lastDecision(); d.Reason != test.reason || d.Policy != "logout" {
				t.Errorf("the decision is %+v", d)
			}
			if test.reason != "" {
				expectAnswer(t, answer, test.status, "This page had expired", `href="https://desk.example.com/login"`)
			}
		})
	}
}

func TestLogoutDeletesTheCookieWithItsAttributes(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	answer := b.post("/logout/support", nil)
	cookie := answer.Header().Get("Set-Cookie")
	for _, attribute := range []string{gate.SessionCookie(support) + "=;", "Path=/", "Max-Age=0", "Secure", "HttpOnly"} {
		if !strings.Contains(cookie, attribute) {
			t.Errorf("%q has no %s", cookie, attribute)
		}
	}
}

func TestLogoutWorksWheneverThereIsAContactCenter(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	b.stale = http.ErrServerClosed
	expectAnswer(t, b.post("/logout/support", nil), http.StatusSeeOther)
	expectAnswer(t, b.post("/logout/elsewhere", nil), http.StatusServiceUnavailable)
	b.stale = nil
	expectAnswer(t, b.post("/logout/elsewhere", nil), http.StatusNotFound)
}

func TestLogoutRequiresPost(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	b.logIn(t, anasEmail, anasPassword)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut} {
		answer := b.send(newRequest("/logout/support", withMethod(method)))
		expectAnswer(t, answer, http.StatusMethodNotAllowed)
		if got := answer.Header().Get("Allow"); got != http.MethodPost {
			t.Errorf("Allow is %q", got)
		}
	}
	expectAnswer(t, b.get("/verify/support/any"), http.StatusOK)
}

func TestTheLogoutOfAnEndedSessionNamesItsMember(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	b.logIn(t, anasEmail, anasPassword)
	b.changeMember("ana", func(m *gate.Member) { m.Credentials.IssueID = "another" })
	form := hiddenFields(t, b.get("/login/support"))
	expectAnswer(t, b.post("/logout/support", form), http.StatusSeeOther)
	if d := b.lastDecision(); d.Member != "ana" || d.Email != anasEmail {
		t.Errorf("the decision is about %q (%q)", d.Member, d.Email)
	}
}
