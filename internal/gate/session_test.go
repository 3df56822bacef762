package gate_test

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rollcall.dev/rollcall/internal/gate"
)

// logIn returns the session cookie of the member of a name.
func (w *world) logIn(tb testing.TB, name string) *http.Cookie {
	tb.Helper()
	m, ok := w.find(support, func(m gate.Member) bool { return m.Name == name })
	if !ok {
		tb.Fatalf("there is no member %s", name)
	}
	cookie, err := gate.NewSession(w.handler, support, m)
	if err != nil {
		tb.Fatal(err)
	}
	return cookie
}

// sessionStatus is the answer to a session, and why.
func (w *world) sessionStatus(cookies ...*http.Cookie) (int, string) {
	r := ask("/verify/support/any")
	for _, cookie := range cookies {
		r.AddCookie(cookie)
	}
	return w.do(r).Code, w.last().Reason
}

func TestASessionCookieIsKeptFromOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cookie := w.logIn(t, "ana")
	if cookie.Name != "__Host-rollcall-support" || cookie.Path != "/" || cookie.Domain != "" || !cookie.Secure ||
		!cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.MaxAge != 12*60*60 {
		t.Errorf("the cookie is %s", strings.ReplaceAll(cookie.String(), cookie.Value, "…"))
	}
	if err := cookie.Valid(); err != nil {
		t.Errorf("the cookie: %v", err)
	}
	if len(cookie.Value) > 1024 {
		t.Errorf("the cookie has %d bytes", len(cookie.Value))
	}
}

func TestASessionEndsWithWhatItWasBuiltOn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(*world)
		status  int
		reason  string
	}{
		"nothing happens":      {func(*world) {}, 200, ""},
		"almost 12 hours":      {func(w *world) { w.pass(12*time.Hour - time.Second) }, 200, ""},
		"12 hours":             {func(w *world) { w.pass(12 * time.Hour) }, 401, "SessionExpired"},
		"the member is gone":   {func(w *world) { w.remove("ana") }, 401, "SessionEnded"},
		"an equal one is made": {changed(func(m *gate.Member) { m.UID = "uid-ana-2" }), 401, "SessionEnded"},
		"a password reset":     {changed(func(m *gate.Member) { m.Credentials.IssueID = "0b" }), 401, "SessionEnded"},
		"a Secret is edited":   {changed(func(m *gate.Member) { m.Credentials = gate.Credentials{} }), 401, "SessionEnded"},
		"forced offline":       {changed(func(m *gate.Member) { m.Denial = "ForcedOffline" }), 403, "ForcedOffline"},
		"restored":             {changed(func(m *gate.Member) { m.AllowedSince++ }), 401, "SessionEnded"},
		"reset and denied": {changed(func(m *gate.Member) {
			m.Denial = "Inactive"
			m.Credentials.IssueID = "0b"
		}), 401, "SessionEnded"},
		"another name and role": {changed(func(m *gate.Member) { m.Role = "Supervisor" }), 200, ""},
		"the key is gone":       {func(w *world) { w.keys = []gate.Key{newKey("second", start)} }, 401, "SessionInvalid"},
		"all keys are gone":     {func(w *world) { w.keys = nil }, 401, "SessionInvalid"},
		"another key of the ID": {func(w *world) { w.keys = []gate.Key{newKey("first", start)} }, 401, "SessionInvalid"},
		"a key of a wrong size": {func(w *world) { w.keys = []gate.Key{{ID: "first", Secret: []byte("short")}} }, 401, "SessionInvalid"},
	} {
		w := newWorld(t)
		cookie := w.logIn(t, "ana")
		test.happens(w)
		if status, reason := w.sessionStatus(cookie); status != test.status || reason != test.reason {
			t.Errorf("%s: %d %s, not %d %s", name, status, reason, test.status, test.reason)
		}
	}
}

// changed changes Ana.
func changed(change func(*gate.Member)) func(*world) {
	return func(w *world) { w.change("ana", change) }
}

func TestASessionIsOfOneContactCenter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.members["sales"] = w.members[support]
	cookie := w.logIn(t, "ana")
	cookie.Name = gate.SessionCookie("sales")
	if answer := w.do(ask("/verify/sales/any", with(cookie))); answer.Code != 401 || w.last().Reason != "SessionInvalid" {
		t.Errorf("another contact centre's session: %d %s", answer.Code, w.last().Reason)
	}
}

func TestEveryReplicaTakesTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cookie := w.logIn(t, "ana")
	w.handler = w.newHandler(t)
	if status, reason := w.sessionStatus(cookie); status != 200 {
		t.Errorf("another replica: %d %s", status, reason)
	}
}

func TestKeysAreRotatedWithoutLoggingAnyoneOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.logIn(t, "ana")
	w.keys = append(w.keys, newKey("second", start.Add(time.Minute)))
	meanwhile := w.logIn(t, "ana")
	w.pass(time.Minute)
	after := w.logIn(t, "ana")
	for name, cookie := range map[string]*http.Cookie{"before": before, "while the new key is waiting": meanwhile, "after": after} {
		if status, reason := w.sessionStatus(cookie); status != 200 {
			t.Errorf("a session from %s: %d %s", name, status, reason)
		}
	}
	w.keys = w.keys[1:]
	for name, want := range map[*http.Cookie]int{before: 401, meanwhile: 401, after: 200} {
		if status, _ := w.sessionStatus(name); status != want {
			t.Errorf("without the old key: %d, not %d", status, want)
		}
	}
	w.keys = nil
	if _, err := gate.NewSession(w.handler, support, gate.Member{}); err == nil {
		t.Error("a session was made without a key")
	}
}

func TestTheOldestKeyServesWhileNoneHasBegun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.keys = []gate.Key{newKey("first", start.Add(time.Hour)), newKey("second", start.Add(2*time.Hour))}
	cookie := w.logIn(t, "ana")
	w.keys = w.keys[:1]
	if status, reason := w.sessionStatus(cookie); status != 200 {
		t.Errorf("%d %s", status, reason)
	}
}

func TestADenialThatOnlyTheDirectorySawEndsSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.logIn(t, "ana")
	w.change("ana", func(m *gate.Member) { m.SessionsAfter = start.UnixMilli() })
	if status, reason := w.sessionStatus(before); status != 401 || reason != "SessionEnded" {
		t.Errorf("a session from before: %d %s", status, reason)
	}
	w.pass(time.Millisecond)
	if status, reason := w.sessionStatus(w.logIn(t, "ana")); status != 200 {
		t.Errorf("a session from after: %d %s", status, reason)
	}
}

func TestATokenOfAnotherPurposeIsNoSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	claims := map[string]any{
		"namespace": support, "uid": "uid-ana", "issueID": "0a000000000000000000000000000001",
		"allowedSince": 100, "expires": start.Add(time.Hour).Unix(), "issued": start.UnixMilli(),
	}
	for purpose, want := range map[string]int{"rollcall-session": 200, "rollcall-form": 401, "": 401} {
		token, err := gate.SealFor(w.handler, purpose, claims)
		if err != nil {
			t.Fatal(err)
		}
		if status, reason := w.sessionStatus(&http.Cookie{Name: gate.SessionCookie(support), Value: token}); status != want {
			t.Errorf("a token for %q: %d %s", purpose, status, reason)
		}
	}
	claims["uid"], claims["issueID"], claims["allowedSince"] = "uid-eve", "", 0
	token, err := gate.SealFor(w.handler, "rollcall-session", claims)
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := w.sessionStatus(&http.Cookie{Name: gate.SessionCookie(support), Value: token}); status != 401 {
		t.Errorf("a session of nobody's password: %d", status)
	}
}

func TestTheBestOfSeveralCookiesCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good, junk := w.logIn(t, "dan"), &http.Cookie{Name: gate.SessionCookie(support), Value: "junk"}
	denied := w.logIn(t, "ana")
	w.change("ana", func(m *gate.Member) { m.Denial = "ForcedOffline" })
	for name, test := range map[string]struct {
		cookies []*http.Cookie
		status  int
		reason  string
	}{
		"a good one last":                {[]*http.Cookie{junk, denied, good}, 200, ""},
		"a denied one last":              {[]*http.Cookie{junk, denied}, 403, "ForcedOffline"},
		"a denied one first":             {[]*http.Cookie{denied, junk}, 403, "ForcedOffline"},
		"junk":                           {[]*http.Cookie{junk}, 401, "SessionInvalid"},
		"more junk than is looked at":    {append(slices.Repeat([]*http.Cookie{junk}, 8), good), 401, "SessionInvalid"},
		"an empty one":                   {[]*http.Cookie{{Name: junk.Name}}, 401, "SessionInvalid"},
		"one of another contact centre":  {[]*http.Cookie{{Name: "__Host-rollcall-sales", Value: good.Value}}, 401, "NoCredentials"},
		"one whose name is spelt wrong":  {[]*http.Cookie{{Name: "__host-rollcall-support", Value: good.Value}}, 401, "NoCredentials"},
		"one that is longer than any is": {[]*http.Cookie{{Name: junk.Name, Value: strings.Repeat(good.Value, 20)}}, 401, "SessionInvalid"},
	} {
		if status, reason := w.sessionStatus(test.cookies...); status != test.status || reason != test.reason {
			t.Errorf("%s: %d %s, not %d %s", name, status, reason, test.status, test.reason)
		}
	}
}

func FuzzOnlyTheCookieThatWasGivenIsASession(f *testing.F) {
	w := newWorld(f)
	good := w.logIn(f, "ana")
	f.Add(good.Value)
	f.Add("")
	f.Add(good.Value + ".")
	f.Add(strings.ToLower(good.Value))
	f.Add("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiZmlyc3QifQ....")
	f.Add("eyJhbGciOiJub25lIn0...e30.")
	f.Add("eyJhbGciOiJQQkVTMi1IUzUxMitBMjU2S1ciLCJwMmMiOjEwMDAwMDAwMDAsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA")
	f.Fuzz(func(t *testing.T, value string) {
		r := ask("/verify/support/any")
		r.Header.Set("Cookie", good.Name+"="+value)
		answer := w.do(r)
		w.audit.Reset()
		w.observed = nil
		given := slices.ContainsFunc(r.CookiesNamed(good.Name), func(cookie *http.Cookie) bool { return equalTokens(cookie.Value, good.Value) })
		if answer.Code == http.StatusOK && !given {
			t.Fatalf("a made-up cookie is a session: %q", value)
		}
	})
}

// equalTokens tells whether two tokens have the same content: base64 has more than one
// way to write the last bits.
func equalTokens(a, b string) bool {
	decoded := func(token string) []string {
		var parts []string
		for part := range strings.SplitSeq(token, ".") {
			content, err := base64.RawURLEncoding.DecodeString(part)
			if err != nil {
				return nil
			}
			parts = append(parts, string(content))
		}
		return parts
	}
	return slices.Equal(decoded(a), decoded(b))
}

func TestNobodyGetsInOnceLoginIsDeniedHoweverManyAskAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cookie := w.logIn(t, "ana")
	var denied atomic.Bool
	var all sync.WaitGroup
	for i := range 8 {
		credential := []func(*http.Request){with(cookie), basic(anasEmail, anasPassword)}[i%2]
		all.Go(func() {
			for range 300 {
				before := denied.Load()
				if answer := w.do(ask("/verify/support/any", credential)); answer.Code == http.StatusOK && before {
					t.Errorf("let in after login was denied")
				}
			}
		})
	}
	w.change("ana", func(m *gate.Member) { m.Denial = "ForcedOffline" })
	denied.Store(true)
	all.Wait()
}
