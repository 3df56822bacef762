package gate_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rollcall.dev/rollcall/internal/gate"
)

// logIn returns a session cookie of the member of a name.
func (env *environment) logIn(tb testing.TB, name string) *http.Cookie {
	tb.Helper()
	m, ok := env.find(support, func(m gate.Member) bool { return m.Name == name })
	if !ok {
		tb.Fatalf("there is no member %s", name)
	}
	cookie, err := gate.NewSession(env.handler, support, m)
	if err != nil {
		tb.Fatal(err)
	}
	return cookie
}

// sessionStatus returns the status and the reason of the answer to a session.
func (env *environment) sessionStatus(cookies ...*http.Cookie) (int, string) {
	r := newRequest("/verify/support/any")
	for _, cookie := range cookies {
		r.AddCookie(cookie)
	}
	return env.handle(r).Code, env.lastDecision().Reason
}

// expectSession fails the test unless a session is answered with a status and a reason.
func (env *environment) expectSession(tb testing.TB, what string, status int, reason string, cookies ...*http.Cookie) {
	tb.Helper()
	if gotStatus, gotReason := env.sessionStatus(cookies...); gotStatus != status || gotReason != reason {
		tb.Errorf("%s: %d %s, not %d %s", what, gotStatus, gotReason, status, reason)
	}
}

func TestTheSessionCookieIsProtected(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	cookie := env.logIn(t, "ana")
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

func TestASessionEndsWhenItsBasisChanges(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*environment)
		status int
		reason string
	}{
		"no change":               {func(*environment) {}, 200, ""},
		"almost 12 hours":         {func(env *environment) { env.advance(12*time.Hour - time.Second) }, 200, ""},
		"12 hours":                {func(env *environment) { env.advance(12 * time.Hour) }, 401, "SessionExpired"},
		"the member is gone":      {func(env *environment) { env.removeMember("ana") }, 401, "SessionEnded"},
		"the member is recreated": {changeAna(func(m *gate.Member) { m.UID = "uid-ana-2" }), 401, "SessionEnded"},
		"a password reset":        {changeAna(func(m *gate.Member) { m.Credentials.IssueID = "0b" }), 401, "SessionEnded"},
		"a Secret is edited":      {changeAna(func(m *gate.Member) { m.Credentials = gate.Credentials{} }), 401, "SessionEnded"},
		"forced offline":          {denyAna("ForcedOffline"), 403, "ForcedOffline"},
		"restored":                {changeAna(func(m *gate.Member) { m.AllowedSince++ }), 401, "SessionEnded"},
		"reset and denied": {changeAna(func(m *gate.Member) {
			m.Denial = "Inactive"
			m.Credentials.IssueID = "0b"
		}), 401, "SessionEnded"},
		"another name and role": {changeAna(func(m *gate.Member) { m.Role = "Supervisor" }), 200, ""},
		"the key is gone":       {func(env *environment) { env.keys = []gate.Key{newKey("second", startTime)} }, 401, "SessionInvalid"},
		"all keys are gone":     {func(env *environment) { env.keys = nil }, 401, "SessionInvalid"},
		"another key of the ID": {func(env *environment) { env.keys = []gate.Key{newKey("first", startTime)} }, 401, "SessionInvalid"},
		"a key of a wrong size": {func(env *environment) { env.keys = []gate.Key{{ID: "first", Secret: []byte("short")}} }, 401, "SessionInvalid"},
	} {
		env := newEnvironment(t)
		cookie := env.logIn(t, "ana")
		test.change(env)
		env.expectSession(t, name, test.status, test.reason, cookie)
	}
}

// changeAna returns a function that updates Ana.
func changeAna(change func(*gate.Member)) func(*environment) {
	return func(env *environment) { env.changeMember("ana", change) }
}

func TestASessionBelongsToOneContactCenter(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.members["sales"] = env.members[support]
	cookie := env.logIn(t, "ana")
	cookie.Name = gate.SessionCookie("sales")
	if answer := env.handle(newRequest("/verify/sales/any", withCookie(cookie))); answer.Code != 401 || env.lastDecision().Reason != "SessionInvalid" {
		t.Errorf("another contact center's session: %d %s", answer.Code, env.lastDecision().Reason)
	}
}

func TestEveryReplicaAcceptsTheSession(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	cookie := env.logIn(t, "ana")
	env.handler = env.newHandler(t)
	env.expectSession(t, "another replica", 200, "", cookie)
}

func TestKeyRotationKeepsSessions(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	before := env.logIn(t, "ana")
	env.keys = append(env.keys, newKey("second", startTime.Add(time.Minute)))
	meanwhile := env.logIn(t, "ana")
	env.advance(time.Minute)
	after := env.logIn(t, "ana")
	for name, cookie := range map[string]*http.Cookie{"before": before, "while the new key is waiting": meanwhile, "after": after} {
		env.expectSession(t, "a session from "+name, 200, "", cookie)
	}
	env.keys = env.keys[1:]
	env.expectSession(t, "before, without the old key", 401, "SessionInvalid", before)
	env.expectSession(t, "meanwhile, without the old key", 401, "SessionInvalid", meanwhile)
	env.expectSession(t, "after, without the old key", 200, "", after)
	env.keys = nil
	if _, err := gate.NewSession(env.handler, support, gate.Member{}); err == nil {
		t.Error("a session was made without a key")
	}
}

func TestTheOldestKeySealsIfNoKeyHasStarted(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.keys = []gate.Key{newKey("first", startTime.Add(time.Hour)), newKey("second", startTime.Add(2*time.Hour))}
	cookie := env.logIn(t, "ana")
	env.keys = env.keys[:1]
	env.expectSession(t, "the oldest key", 200, "", cookie)
}

func TestADenialThatOnlyTheDirectorySawEndsSessions(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	before := env.logIn(t, "ana")
	env.changeMember("ana", func(m *gate.Member) { m.SessionsAfter = startTime.UnixMilli() })
	env.expectSession(t, "a session from before", 401, "SessionEnded", before)
	env.advance(time.Millisecond)
	env.expectSession(t, "a session from after", 200, "", env.logIn(t, "ana"))
}

func TestATokenForAnotherPurposeIsNotASession(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	claims := map[string]any{
		"namespace": support, "uid": "uid-ana", "issueID": "0a000000000000000000000000000001",
		"allowedSince": 100, "expires": startTime.Add(time.Hour).Unix(), "issued": startTime.UnixMilli(),
	}
	expect := func(what, purpose string, status int, reason string) {
		t.Helper()
		token, err := gate.SealFor(env.handler, purpose, claims)
		if err != nil {
			t.Fatal(err)
		}
		env.expectSession(t, what, status, reason, &http.Cookie{Name: gate.SessionCookie(support), Value: token})
	}
	expect("a session", "rollcall-session", 200, "")
	expect("a form token", "rollcall-form", 401, "SessionInvalid")
	expect("a token for nothing", "", 401, "SessionInvalid")
	claims["uid"], claims["issueID"], claims["allowedSince"] = "uid-eve", "", 0
	expect("a session without a password", "rollcall-session", 401, "SessionEnded")
}

func TestTheBestOfSeveralCookiesCounts(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	good, junk := env.logIn(t, "dan"), &http.Cookie{Name: gate.SessionCookie(support), Value: "junk"}
	denied := env.logIn(t, "ana")
	env.changeMember("ana", func(m *gate.Member) { m.Denial = "ForcedOffline" })
	for name, test := range map[string]struct {
		cookies []*http.Cookie
		status  int
		reason  string
	}{
		"a valid one last":                 {[]*http.Cookie{junk, denied, good}, 200, ""},
		"a denied one last":                {[]*http.Cookie{junk, denied}, 403, "ForcedOffline"},
		"a denied one first":               {[]*http.Cookie{denied, junk}, 403, "ForcedOffline"},
		"junk":                             {[]*http.Cookie{junk}, 401, "SessionInvalid"},
		"more cookies than the gate reads": {append(slices.Repeat([]*http.Cookie{junk}, 8), good), 401, "SessionInvalid"},
		"an empty one":                     {[]*http.Cookie{{Name: junk.Name}}, 401, "SessionInvalid"},
		"one of another contact center":    {[]*http.Cookie{{Name: "__Host-rollcall-sales", Value: good.Value}}, 401, "NoCredentials"},
		"one with a misspelled name":       {[]*http.Cookie{{Name: "__host-rollcall-support", Value: good.Value}}, 401, "NoCredentials"},
		"one that is too long":             {[]*http.Cookie{{Name: junk.Name, Value: strings.Repeat(good.Value, 20)}}, 401, "SessionInvalid"},
	} {
		env.expectSession(t, name, test.status, test.reason, test.cookies...)
	}
}

func FuzzOnlyASealedCookieIsASession(f *testing.F) {
	env := newEnvironment(f)
	good := env.logIn(f, "ana")
	f.Add(good.Value)
	f.Add("")
	f.Add(good.Value + ".")
	f.Add(strings.ToLower(good.Value))
	f.Add("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiZmlyc3QifQ....")
	f.Add("eyJhbGciOiJub25lIn0...e30.")
	f.Add("eyJhbGciOiJQQkVTMi1IUzUxMitBMjU2S1ciLCJwMmMiOjEwMDAwMDAwMDAsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA")
	f.Fuzz(func(t *testing.T, value string) {
		r := newRequest("/verify/support/any")
		r.Header.Set("Cookie", good.Name+"="+value)
		answer := env.handle(r)
		env.audit.Reset()
		env.observed = nil
		given := slices.ContainsFunc(r.CookiesNamed(good.Name), func(cookie *http.Cookie) bool { return equalTokens(cookie.Value, good.Value) })
		if answer.Code == http.StatusOK && !given {
			t.Fatalf("a forged cookie is a session: %q", value)
		}
	})
}

// equalTokens reports whether two tokens have the same content: base64 can encode the
// last bits in more than one way.
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

func TestConcurrentRequestsAreRefusedOnceLoginIsDenied(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	cookie := env.logIn(t, "ana")
	var denied atomic.Bool
	var all sync.WaitGroup
	for i := range 8 {
		credential := []func(*http.Request){withCookie(cookie), withPassword(anasEmail, anasPassword)}[i%2]
		all.Go(func() {
			for range 300 {
				before := denied.Load()
				if answer := env.handle(newRequest("/verify/support/any", credential)); answer.Code == http.StatusOK && before {
					t.Errorf("let in after login was denied")
				}
			}
		})
	}
	env.changeMember("ana", func(m *gate.Member) { m.Denial = "ForcedOffline" })
	denied.Store(true)
	all.Wait()
}

// Another implementation of JWE opens the gate's tokens: nonce, text, and tag are where
// the standard puts them.
func TestATokenIsAStandardJWE(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	cookie := env.logIn(t, "ana")
	token, err := jose.ParseEncryptedCompact(cookie.Value, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		t.Fatal(err)
	}
	key := env.keys[len(env.keys)-1]
	if token.Header.KeyID != key.ID || token.Header.ExtraHeaders[jose.HeaderType] != "rollcall-session" {
		t.Errorf("the header is %+v", token.Header)
	}
	content, err := token.Decrypt(key.Secret)
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(content, &claims); err != nil {
		t.Fatal(err)
	}
	if claims["namespace"] != support || claims["uid"] != env.members[support][0].UID {
		t.Errorf("the claims are %v", claims)
	}
}

func TestEveryTokenHasANewNonce(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	seen := map[string]bool{}
	for range 100 {
		nonce := strings.Split(env.logIn(t, "ana").Value, ".")[2]
		if seen[nonce] {
			t.Fatal("a nonce came twice")
		}
		seen[nonce] = true
	}
}

func TestAnInvalidKeyDoesNotAffectOtherKeys(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	cookie := env.logIn(t, "ana")
	env.keys = append([]gate.Key{{ID: "20200101T000000Z", Secret: []byte("short"), From: time.Time{}}}, env.keys...)
	r := newRequest("/verify/support/any")
	r.AddCookie(cookie)
	if answer := newBrowser(env).send(r); answer.Code != http.StatusOK {
		t.Errorf("the answer is %d", answer.Code)
	}
}
