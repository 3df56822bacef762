package gate_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rollcall.dev/rollcall/internal/gate"
)

// anasData has a value in every field.
var anasData = gate.Whoami{
	Namespace: support, Member: "ana", Email: anasEmail, Name: "Ana <Ångström>", Nickname: "Ana", AgentID: "1001", Extension: "2001",
	Role: "Supervisor", License: "Premium", UserProfile: "supervisor",
	SkillGroups: []gate.SkillGroup{{Name: "billing", Priority: 1}, {Name: "sales", Priority: 3}},
	Site:        &gate.Place{Name: "lisbon", DisplayName: "Lisbon"},
	Teams:       []gate.Place{{Name: "night", DisplayName: "Night shift"}},
	DesktopProfile: &gate.DesktopProfile{
		Name: "agents", WrapUp: gate.WrapUp{Mode: "Auto", TimeoutSeconds: new(int32(30))}, Outdial: true,
		InactivityTimeoutMinutes: new(int32(15)), Channels: gate.Channels{Telephony: 1, Chat: 3},
		Teams: &gate.AccessList{Access: "Specific", Names: []string{"night"}}, Queues: &gate.AccessList{Access: "None"},
	},
}

func TestWhoamiReturnsTheMembersData(t *testing.T) {
	t.Parallel()
	const all = `{"namespace":"support","member":"ana","email":"Ana@example.com","name":"Ana \u003cÅngström\u003e","nickname":"Ana",` +
		`"agentID":"1001","extension":"2001","role":"Supervisor","license":"Premium","userProfile":"supervisor",` +
		`"skillGroups":[{"name":"billing","priority":1},{"name":"sales","priority":3}],` +
		`"site":{"name":"lisbon","displayName":"Lisbon"},"teams":[{"name":"night","displayName":"Night shift"}],` +
		`"desktopProfile":{"name":"agents","wrapUp":{"mode":"Auto","timeoutSeconds":30},"autoAnswer":false,"outdial":true,` +
		`"inactivityTimeoutMinutes":15,"channels":{"telephony":1,"chat":3,"email":0,"social":0},` +
		`"teams":{"access":"Specific","names":["night"]},"queues":{"access":"None"}}}` + "\n"
	const least = `{"namespace":"support","member":"ana","email":"Ana@example.com","name":"ana","nickname":"ana","role":"DeskStaff","skillGroups":[],"teams":[]}` + "\n"
	env := newEnvironment(t)
	cookie := env.logIn(t, "ana")
	for name, test := range map[string]struct {
		data gate.Whoami
		as   func(*http.Request)
		want string
	}{
		"everything, with a password": {anasData, withPassword(anasEmail, anasPassword), all},
		"everything, with a session":  {anasData, withCookie(cookie), all},
		"the minimum": {gate.Whoami{
			Namespace: support, Member: "ana", Email: anasEmail, Name: "ana", Nickname: "ana", Role: "DeskStaff",
			SkillGroups: []gate.SkillGroup{}, Teams: []gate.Place{},
		}, withCookie(cookie), least},
	} {
		env.whoamiData = map[string]gate.Whoami{"uid-ana": test.data}
		answer := env.handle(newRequest("/whoami/support", test.as, withHeader("Origin", "https://elsewhere.example")))
		if answer.Code != http.StatusOK || answer.Body.String() != test.want {
			t.Errorf("%s: %d\n%s\nwant\n%s", name, answer.Code, answer.Body, test.want)
		}
		if !json.Valid(answer.Body.Bytes()) {
			t.Errorf("%s: it is not JSON", name)
		}
		for header, want := range map[string]string{
			"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"Access-Control-Allow-Origin": "", "Access-Control-Allow-Credentials": "",
		} {
			if got := answer.Header().Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got, want)
			}
		}
		if d := env.lastDecision(); d.Policy != "whoami" || d.Member != "ana" || d.Outcome != gate.OutcomeAllowed || d.Status != http.StatusOK {
			t.Errorf("%s: the decision is %+v", name, d)
		}
	}
	if lines := env.auditLines(t); len(lines) != 3 || lines[2]["policy"] != "whoami" || lines[2]["uri"] != "/whoami/support" || lines[2]["member"] != "ana" {
		t.Errorf("the audit log has %v", lines)
	}
	if strings.Contains(env.audit.String(), "Lisbon") {
		t.Error("the audit log contains the data of the answer")
	}
}

func TestWhoamiAnswersHeadWithoutABody(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	server := httptest.NewServer(env.handler)
	defer server.Close()
	for method, status := range map[string]int{http.MethodHead: http.StatusOK, http.MethodDelete: http.StatusMethodNotAllowed} {
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/whoami/support", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(anasEmail, anasPassword)
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != status || answer.ContentLength <= 0 || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, %d bytes, %v", method, answer.StatusCode, answer.ContentLength, answer.Header)
		}
	}
}

func TestWhoamiRefusesAsVerifyDoes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*environment)
		as      func(session *http.Cookie) func(*http.Request)
		status  int
		reason  string
	}{
		"no credentials":               {nil, nil, http.StatusUnauthorized, "NoCredentials"},
		"wrong password":               {nil, withPasswordOfAna(wrongPassword), http.StatusUnauthorized, "WrongCredentials"},
		"forced offline":               {denyAna("ForcedOffline"), withPasswordOfAna(anasPassword), http.StatusForbidden, "ForcedOffline"},
		"no license":                   {denyAna("NoLicense"), withPasswordOfAna(anasPassword), http.StatusForbidden, "NoLicense"},
		"a session of a denied member": {denyAna("NoLicense"), withCookie, http.StatusForbidden, "NoLicense"},
		"an unsafe name":               {changeAna(func(m *gate.Member) { m.Name = "a na" }), withPasswordOfAna(anasPassword), http.StatusForbidden, "UnsafeIdentity"},
		"a stale directory":            {func(env *environment) { env.stale = errors.New("no event for long") }, withPasswordOfAna(anasPassword), http.StatusServiceUnavailable, "NotReady"},
		"no contact center":            {func(env *environment) { env.centers = nil }, nil, http.StatusUnauthorized, "NoCredentials"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			cookie := env.logIn(t, "ana")
			if test.prepare != nil {
				test.prepare(env)
			}
			for _, accept := range []string{"", "*/*", "application/json", "text/html,*/*;q=0.8"} {
				var answers []*httptest.ResponseRecorder
				for _, path := range []string{"/verify/support/any", "/whoami/support"} {
					r := newRequest(path, withHeader("Accept", accept), withHeader("X-Forwarded-Uri", "/whoami"))
					if test.as != nil {
						test.as(cookie)(r)
					}
					answers = append(answers, env.handle(r))
					env.advance(2 * 60 * 1e9) // Any lock ends.
				}
				verify, whoami := answers[0], answers[1]
				if whoami.Code != test.status || whoami.Header().Get("X-Rollcall-Reason") != test.reason || whoami.Body.String() != verify.Body.String() {
					t.Errorf("for %q: %d (%s)\n%s\nwhere verify says %d\n%s", accept, whoami.Code, whoami.Header().Get("X-Rollcall-Reason"), whoami.Body, verify.Code, verify.Body)
				}
				for name := range verify.Header() {
					if got, want := whoami.Header().Get(name), verify.Header().Get(name); got != want {
						t.Errorf("for %q: %s is %q, where verify has %q", accept, name, got, want)
					}
				}
			}
		})
	}
}

// withPasswordOfAna adds a password for Ana.
func withPasswordOfAna(plain string) func(*http.Cookie) func(*http.Request) {
	return func(*http.Cookie) func(*http.Request) { return withPassword(anasEmail, plain) }
}

// denyAna returns a function that denies login to Ana.
func denyAna(reason string) func(*environment) {
	return changeAna(func(m *gate.Member) { m.Denial = reason })
}

func TestAScriptThatAcceptsJSONGetsNoPage(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	for _, accept := range []string{"application/json", "application/json, text/plain, */*", "text/html, application/json;q=0.5"} {
		answer := env.handle(newRequest("/whoami/support", withHeader("Accept", accept), withHeader("Sec-Fetch-Mode", "cors")))
		if answer.Code != http.StatusUnauthorized || answer.Header().Get("Location") != "" || answer.Header().Get("Content-Type") != "text/plain; charset=utf-8" ||
			!strings.HasPrefix(answer.Header().Get("WWW-Authenticate"), "Cookie ") {
			t.Errorf("for %q: %d %v", accept, answer.Code, answer.Header())
		}
	}
}

func TestWrongPasswordsCountTogetherForWhoamiAndVerify(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	var answer *httptest.ResponseRecorder
	for range 20 {
		if answer = env.handle(newRequest("/whoami/support", withPassword(anasEmail, wrongPassword))); answer.Code != http.StatusUnauthorized {
			break
		}
	}
	if answer.Code != http.StatusTooManyRequests || answer.Header().Get("Retry-After") == "" {
		t.Errorf("whoami answers repeated wrong passwords with %d", answer.Code)
	}
	if answer := env.handle(newRequest("/verify/support/any", withPassword(anasEmail, anasPassword))); answer.Code != http.StatusTooManyRequests {
		t.Errorf("verify answers afterwards with %d", answer.Code)
	}
}

func TestAnIncompleteDirectoryClosesOnlyWhoami(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.incomplete = errors.New("the cache of sites has not filled yet")
	for path, want := range map[string]int{"/whoami/support": http.StatusServiceUnavailable, "/verify/support/any": http.StatusOK} {
		if answer := env.handle(newRequest(path, withPassword(anasEmail, anasPassword))); answer.Code != want {
			t.Errorf("%s: %d, want %d", path, answer.Code, want)
		}
	}
	env.handle(newRequest("/whoami/support", withPassword(anasEmail, anasPassword)))
	if d := env.lastDecision(); d.Reason != "NotReady" || d.Policy != "whoami" || d.Via != "" || d.RetryAfter == 0 || !d.Client.IsValid() {
		t.Errorf("the decision is %+v: want one made before the credentials are checked", d)
	}
	env.incomplete, env.deletedMeanwhile = nil, true
	if answer := env.handle(newRequest("/whoami/support", withPassword(anasEmail, anasPassword))); answer.Code != http.StatusServiceUnavailable {
		t.Errorf("a member who is deleted at this moment is answered %d", answer.Code)
	}
}
