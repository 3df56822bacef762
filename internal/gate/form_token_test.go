package gate_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rollcall.dev/rollcall/internal/gate"
)

func TestOnlyAFormOfTheGateForThisBrowserLogsIn(t *testing.T) {
	t.Parallel()
	const crossOrigin, expired = "CrossOrigin", "FormExpired"
	tests := map[string]struct {
		change func(tb testing.TB, b *browser, form url.Values)
		reason string
	}{
		"a form of another site": {func(_ testing.TB, b *browser, _ url.Values) {
			b.headers["Sec-Fetch-Site"], b.headers["Origin"] = "cross-site", "https://evil.example"
		}, crossOrigin},
		"a form of a sibling site": {func(_ testing.TB, b *browser, _ url.Values) {
			b.headers["Sec-Fetch-Site"], b.headers["Origin"] = "same-site", "https://evil.example.com"
		}, crossOrigin},
		"an old browser at another site": {func(_ testing.TB, b *browser, _ url.Values) {
			b.headers["Sec-Fetch-Site"], b.headers["Origin"] = "", "https://evil.example"
		}, crossOrigin},
		"a sandboxed page": {func(_ testing.TB, b *browser, _ url.Values) {
			b.headers["Sec-Fetch-Site"], b.headers["Origin"] = "", "null"
		}, crossOrigin},
		"a program without a token": {func(_ testing.TB, b *browser, form url.Values) {
			b.headers = nil
			form.Del("token")
		}, expired},
		"a made-up token":              {func(_ testing.TB, _ *browser, form url.Values) { form.Set("token", "x") }, expired},
		"a browser without the cookie": {func(_ testing.TB, b *browser, _ url.Values) { clear(b.cookies) }, expired},
		"another browser's token": {func(tb testing.TB, b *browser, form url.Values) {
			tb.Helper()
			form.Set("token", hiddenFields(tb, newBrowser(b.environment).get(loginPath)).Get("token"))
		}, expired},
		"another browser's cookie": {func(_ testing.TB, b *browser, _ url.Values) {
			b.cookies[gate.FormCookie(support)].Value = "AAAAAAAAAAAAAAAAAAAAAA"
		}, expired},
		"a form that was left open": {func(_ testing.TB, b *browser, _ url.Values) { b.advance(time.Hour) }, expired},
		"another contact center's token": {func(tb testing.TB, b *browser, form url.Values) {
			tb.Helper()
			b.centers["other"] = b.centers[support]
			b.cookies[gate.FormCookie("other")] = &http.Cookie{Name: gate.FormCookie("other"), Value: b.cookies[gate.FormCookie(support)].Value}
			form.Set("token", hiddenFields(tb, b.get("/login/other")).Get("token"))
		}, expired},
		"a session for a token": {func(tb testing.TB, b *browser, form url.Values) {
			tb.Helper()
			form.Set("token", b.environment.logIn(tb, "ana").Value)
		}, expired},
		"a token for something else": {func(tb testing.TB, b *browser, form url.Values) {
			tb.Helper()
			nonce := sha256.Sum256([]byte(b.cookies[gate.FormCookie(support)].Value))
			form.Set("token", seal(tb, b.environment, "rollcall-session", nonce))
		}, expired},
		"a token with a key that is gone": {func(_ testing.TB, b *browser, _ url.Values) {
			b.keys = []gate.Key{newKey("second", startTime)}
		}, expired},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBrowser(newEnvironment(t))
			form := filledIn(t, b.get(loginPath), anasEmail, anasPassword)
			test.change(t, b, form)
			answer := b.post(loginPath, form)
			expectAnswer(t, answer, http.StatusForbidden, "This page had expired")
			b.expectDecision(t, "login", "Rejected", test.reason, http.StatusForbidden)
			if b.cookies[gate.SessionCookie(support)] != nil {
				t.Error("there is a session")
			}
			// The form repeats what the user typed, but not what another site sent.
			if kept := strings.Contains(answer.Body.String(), anasEmail); kept != (test.reason == expired) {
				t.Errorf("the address is kept: %v", kept)
			}
		})
	}
}

// seal returns a token for any purpose with the claims of a form token.
func seal(tb testing.TB, env *environment, purpose string, nonce [sha256.Size]byte) string {
	tb.Helper()
	token, err := gate.SealFor(env.handler, purpose, map[string]any{
		"namespace": support, "nonce": base64.RawURLEncoding.EncodeToString(nonce[:]), "expires": startTime.Add(time.Hour).Unix(),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return token
}

func TestTheTestsSealValidFormTokens(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	form := filledIn(t, b.get(loginPath), anasEmail, anasPassword)
	form.Set("token", seal(t, b.environment, "rollcall-form", sha256.Sum256([]byte(b.cookies[gate.FormCookie(support)].Value))))
	expectAnswer(t, b.post(loginPath, form), http.StatusSeeOther)
}

func TestAFormTokenIsNotASession(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	token := hiddenFields(t, b.get(loginPath)).Get("token")
	b.cookies[gate.SessionCookie(support)] = &http.Cookie{Name: gate.SessionCookie(support), Value: token}
	expectAnswer(t, b.get("/verify/support/any"), http.StatusUnauthorized)
}

func TestFormsInSeveralTabsStayValid(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	first := filledIn(t, b.get(loginPath), anasEmail, anasPassword)
	b.get(loginPath)
	expectAnswer(t, b.post(loginPath, first), http.StatusSeeOther)
}

func TestOldBrowsersCanLogInBehindAProxyWithAnotherHostName(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	b.headers["Sec-Fetch-Site"] = ""
	expectAnswer(t, b.logIn(t, anasEmail, anasPassword), http.StatusSeeOther)
}

func TestMalformedFormsAreRejected(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mediaType, body string
		status          int
	}{
		"several parts":   {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na\r\n--x--", http.StatusUnsupportedMediaType},
		"plain text":      {"text/plain", "email=a", http.StatusUnsupportedMediaType},
		"JSON":            {"application/json", "{}", http.StatusUnsupportedMediaType},
		"no type":         {"", "email=a", http.StatusUnsupportedMediaType},
		"a broken type":   {"application/x-www-form-urlencoded; x", "email=a", http.StatusUnsupportedMediaType},
		"a broken escape": {"application/x-www-form-urlencoded", "email=%zz", http.StatusBadRequest},
		"a large form":    {"application/x-www-form-urlencoded", "email=" + strings.Repeat("a", gate.MaxLoginForm), http.StatusRequestEntityTooLarge},
		"with a charset":  {"application/x-www-form-urlencoded; charset=UTF-8", "email=a", http.StatusForbidden},
		"nothing in it":   {"application/x-www-form-urlencoded", "", http.StatusForbidden},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBrowser(newEnvironment(t))
			b.get(loginPath)
			r := formRequest(loginPath, test.body)
			r.Header.Set("Content-Type", test.mediaType)
			expectAnswer(t, b.send(r), test.status)
			if d := b.lastDecision(); string(d.Outcome) != "Rejected" || d.Status != test.status {
				t.Errorf("the decision is %+v", d)
			}
		})
	}
}

func TestTheQueryIsNotPartOfTheForm(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	form := filledIn(t, b.get(loginPath), anasEmail, anasPassword)
	form.Set("return", "https://evil.example/")
	answer := b.post(loginPath+"?return=/tickets&token=x&email=eve%40example.com&x=%zz;", form)
	expectAnswer(t, answer, http.StatusSeeOther)
	if got := answer.Header().Get("Location"); got != "https://desk.example.com/" {
		t.Errorf("the browser is sent to %q", got)
	}
}
