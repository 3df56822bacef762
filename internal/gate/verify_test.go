package gate_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall.dev/rollcall/internal/gate"
)

func TestVerifyReturnsTheIdentity(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	for name, test := range map[string]struct {
		email string
		want  [4]string
	}{
		"with an agent ID and groups": {anasEmail, [4]string{"ana", anasEmail, "1001", "billing,sales,role:DeskStaff"}},
		"without":                     {"dan@example.com", [4]string{"dan", "dan@example.com", "dan", "role:DeskAdmin"}},
	} {
		answer := env.handle(newRequest("/verify/support/any", withPassword(test.email, anasPassword)))
		got := [4]string{}
		for i, suffix := range []string{"User", "Email", "Preferred-Username", "Groups"} {
			got[i] = answer.Header().Get("X-Auth-Request-" + suffix)
		}
		if answer.Code != http.StatusOK || got != test.want {
			t.Errorf("%s: %d, %q", name, answer.Code, got)
		}
		if answer.Body.Len() != 0 || answer.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the answer has a body, or may be stored", name)
		}
	}
}

func TestVerifyAcceptsEveryMethodAndIgnoresThePathAfterThePolicy(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "CONNECT"} {
		r := newRequest("/verify/support/workbench/../console?policy=console", withPassword(anasEmail, anasPassword), withMethod(method))
		if answer := env.handle(r); answer.Code != http.StatusOK || env.lastDecision().Policy != "workbench" {
			t.Errorf("%s: %d by policy %q", method, answer.Code, env.lastDecision().Policy)
		}
	}
}

func TestPoliciesAdmitTheirRolesAndGroups(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	for path, want := range map[string]int{
		"ana /verify/support/any":         200,
		"ana /verify/support/workbench":   200,
		"ana /verify/support/console":     403,
		"ana /verify/support/billing":     200,
		"ana /verify/support/billers":     403,
		"ana /verify/support/nothing":     404,
		"Ana /verify/support/ANY":         404,
		"dan /verify/support/any":         200,
		"dan /verify/support/console":     200,
		"dan /verify/support/workbench":   403,
		"dan /verify/support/billing":     403,
		"ana /verify/elsewhere/any":       401,
		"ana /verify/elsewhere/console":   401,
		"ana /verify/elsewhere/billing":   404,
		"ana /verify/support":             404,
		"ana /verify/support/any%2f":      404,
		"ana /verify/support/any%2f../an": 404,
	} {
		member, path, _ := strings.Cut(path, " ")
		if answer := env.handle(newRequest(path, withPassword(member+"@example.com", anasPassword))); answer.Code != want {
			t.Errorf("%s is answered %d for %s, not %d (%s)", member, answer.Code, path, want, env.lastDecision().Reason)
		}
	}
}

func TestTheBuiltInPoliciesWorkWithoutAContactCenter(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.centers = nil
	for policy, want := range map[string]int{"any": 200, "workbench": 200, "console": 403, "billing": 404} {
		if answer := env.handle(newRequest("/verify/support/"+policy, withPassword(anasEmail, anasPassword))); answer.Code != want {
			t.Errorf("%s: %d, not %d", policy, answer.Code, want)
		}
	}
}

func TestTheStateOfTheGateIsCheckedBeforeCredentials(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.stale = errors.New("no event for long")
	answer := env.handle(newRequest("/verify/support/nothing", withPassword(anasEmail, anasPassword)))
	if answer.Code != http.StatusServiceUnavailable || env.lastDecision().Reason != "NotReady" || env.lastDecision().RetryAfter != 5*time.Second {
		t.Errorf("with a stale directory: %d, %+v", answer.Code, env.lastDecision())
	}
	env.stale = nil
	env.handle(newRequest("/verify/support/nothing", withPassword(anasEmail, anasPassword)))
	if d := env.lastDecision(); d.Status != http.StatusNotFound || d.Member != "" || d.Via != "" {
		t.Errorf("the credentials were checked despite an unknown policy: %+v", d)
	}
}

func TestADeniedMemberLearnsTheReasonOnlyWithTheRightPassword(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.changeMember("ana", func(m *gate.Member) { m.Denial = "ForcedOffline" })
	if env.handle(newRequest("/verify/support/any", withPassword(anasEmail, wrongPassword))); env.lastDecision().Reason != "WrongCredentials" || env.lastDecision().Status != 401 {
		t.Errorf("with a wrong password: %+v", env.lastDecision())
	}
	for range 20 {
		if env.handle(newRequest("/verify/support/any", withPassword(anasEmail, anasPassword))); env.lastDecision().Reason != "ForcedOffline" || env.lastDecision().Status != 403 {
			t.Fatalf("with the right password: %+v", env.lastDecision())
		}
	}
}

func TestAuthorizationHeadersAreUnambiguous(t *testing.T) {
	t.Parallel()
	const right = "Basic QW5hQGV4YW1wbGUuY29tOmtVNy1hbmEtaXMtcmlnaHQ="
	for name, test := range map[string]struct {
		headers []string
		status  int
		reason  string
	}{
		"right":                    {[]string{right}, 200, ""},
		"the scheme in lower case": {[]string{"basic" + right[5:]}, 200, ""},
		"none":                     {nil, 401, "NoCredentials"},
		"another scheme":           {[]string{"Bearer " + right[6:]}, 401, "NoCredentials"},
		"a longer scheme":          {[]string{"Basically " + right[6:]}, 401, "NoCredentials"},
		"twice the same":           {[]string{right, right}, 401, "MalformedCredentials"},
		"two users":                {[]string{right, "Basic eDp5"}, 401, "MalformedCredentials"},
		"another scheme first":     {[]string{"Bearer abc", right}, 401, "MalformedCredentials"},
		"joined with a comma":      {[]string{right + ", Bearer abc"}, 401, "MalformedCredentials"},
		"the scheme alone":         {[]string{"Basic"}, 401, "MalformedCredentials"},
		"a tab":                    {[]string{"Basic\t" + right[6:]}, 401, "MalformedCredentials"},
		"no base64":                {[]string{"Basic ana:secret"}, 401, "MalformedCredentials"},
		"no colon":                 {[]string{"Basic QW5h"}, 401, "MalformedCredentials"},
		"nothing on either side":   {[]string{"Basic Og=="}, 401, "WrongCredentials"},
		"not UTF-8":                {[]string{"Basic //79Ov/+/Q=="}, 401, "WrongCredentials"},
		"NUL":                      {[]string{"Basic ADoA"}, 401, "WrongCredentials"},
	} {
		env := newEnvironment(t)
		r := newRequest("/verify/support/any")
		if test.headers != nil {
			r.Header["Authorization"] = test.headers
		}
		if answer := env.handle(r); answer.Code != test.status || env.lastDecision().Reason != test.reason {
			t.Errorf("%s: %d %s, not %d %s", name, answer.Code, env.lastDecision().Reason, test.status, test.reason)
		}
	}
}

func TestBasicCredentialsOverrideTheSession(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	cookie := env.logIn(t, "ana")
	if answer := env.handle(newRequest("/verify/support/any", withCookie(cookie), withPassword(anasEmail, wrongPassword))); answer.Code != 401 {
		t.Errorf("a wrong password with a good session: %d", answer.Code)
	}
	if answer := env.handle(newRequest("/verify/support/any", withCookie(cookie), withHeader("Authorization", "Bearer abc"))); answer.Code != 200 {
		t.Errorf("a good session with a token for the application: %d", answer.Code)
	}
}

func TestAMemberWhoseIdentityDoesNotFitIntoHeadersIsRefused(t *testing.T) {
	t.Parallel()
	for name, corrupt := range map[string]func(*gate.Member){
		"a line break in the name": func(m *gate.Member) { m.Name = "ana\r\nX-Auth-Request-Groups: role:SuperAdmin" },
		"no name":                  func(m *gate.Member) { m.Name = "" },
		"another script":           func(m *gate.Member) { m.Name = "аna" },
		"a space in the agent ID":  func(m *gate.Member) { m.AgentID = "10 01" },
		"a line break in the role": func(m *gate.Member) { m.Role = "DeskStaff\n" },
		"a control byte in an ID":  func(m *gate.Member) { m.AgentID = "\x7f" },
	} {
		env := newEnvironment(t)
		env.changeMember("ana", corrupt)
		answer := env.handle(newRequest("/verify/support/any", withPassword(anasEmail, anasPassword)))
		if answer.Code != http.StatusForbidden || answer.Header().Get("X-Auth-Request-Groups") != "" {
			t.Errorf("%s: %d, %v", name, answer.Code, answer.Header())
		}
	}
}

func TestAGroupCannotPassForTwoOrForARole(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	groups := []string{"zeta", "role:SuperAdmin", "a,b", "", "Ünder", "al.pha-1", "x\r\ny"}
	env.changeMember("ana", func(m *gate.Member) { m.SkillGroups = slices.Clone(groups) })
	answer := env.handle(newRequest("/verify/support/any", withPassword(anasEmail, anasPassword)))
	if got := answer.Header().Get("X-Auth-Request-Groups"); got != "al.pha-1,zeta,role:DeskStaff" {
		t.Errorf("the groups are %q", got)
	}
	if m, _ := env.MemberByUID(support, "uid-ana"); !slices.Equal(m.SkillGroups, groups) {
		t.Errorf("the Directory's list was changed: %q", m.SkillGroups)
	}
}

func TestEndpointsAllowTheirMethods(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	for request, allow := range map[string]string{
		"DELETE /login/support": "GET, HEAD, POST", "CONNECT /login/support": "GET, HEAD, POST",
		"GET /logout/support": "POST", "OPTIONS /logout/support": "POST",
		"POST /whoami/support": "GET, HEAD", "OPTIONS /whoami/support": "GET, HEAD",
	} {
		method, path, _ := strings.Cut(request, " ")
		if answer := env.handle(newRequest(path, withMethod(method))); answer.Code != http.StatusMethodNotAllowed || answer.Header().Get("Allow") != allow {
			t.Errorf("%s: %d, Allow %q", request, answer.Code, answer.Header().Get("Allow"))
		}
	}
}

func TestNewHandlerRequiresItsOptions(t *testing.T) {
	t.Parallel()
	if _, err := gate.NewHandler(gate.Options{Directory: newFakeDirectory()}); err == nil {
		t.Error("NewHandler succeeds without keys, clock, random source, and log")
	}
}

func TestPathsAreParsedAsSent(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/verify/support/any":                            "verify support any",
		"/verify/support/any/":                           "verify support any",
		"/verify/support/workbench/../console":           "verify support workbench",
		"/verify/support/workbench/%2e%2e/console":       "verify support workbench",
		"/verify/support/workbench//console":             "verify support workbench",
		"/verify/support/workbench/%":                    "verify support workbench",
		"/verify/support/workbench/verify/other/console": "verify support workbench",
		"/verify/support/" + strings.Repeat("p", 63):     "verify support " + strings.Repeat("p", 63),
		"/login/support":                                 "login support ",
		"/logout/support":                                "logout support ",
		"/whoami/support":                                "whoami support ",

		"":                          "",
		"*":                         "",
		"/":                         "",
		"verify/support/any":        "",
		"//verify/support/any":      "",
		"/./verify/support/any":     "",
		"/Verify/support/any":       "",
		"/verify":                   "",
		"/verify/":                  "",
		"/verify/support":           "",
		"/verify/support/":          "",
		"/verify/support//any":      "",
		"/verify//any":              "",
		"/verify/support/any%2fx":   "",
		"/verify/support/an%79":     "",
		"/verify/s%75pport/any":     "",
		"/verify/support%2fany/any": "",
		"/verify/support%00/any":    "",
		"/verify/Support/any":       "",
		"/verify/support./any":      "",
		"/verify/../any":            "",
		"/verify/support/..":        "",
		"/verify/support/any*":      "",
		"/verify/support/-any":      "",
		"/verify/support/any-":      "",
		"/verify/support/any;a=b":   "",
		"/verify/support/" + strings.Repeat("p", 64): "",
		"/login/support/":     "",
		"/login/support/more": "",
		"/login/":             "",
		"/login":              "",
		"/logout/support/":    "",
		"/whoami/support/":    "",
		"/whoami/support/ana": "",
		"/whoami/s%75pport":   "",
		"/whoami":             "",
		"/healthz":            "",
	} {
		got := ""
		if target, ok := gate.ParsePath(path); ok {
			endpoint, namespace, policy := target.Parts()
			got = endpoint + " " + namespace + " " + policy
		}
		if got != want {
			t.Errorf("the path %q is read as %q, not %q", path, got, want)
		}
	}
}

func FuzzThePathAfterAPolicyDoesNotChangeIt(f *testing.F) {
	for _, seed := range []string{"/verify/support/any", "/verify/a/b/../c", "/verify/%2f/any", "/login/a", "/whoami/a", "/logout/a/", "//", ""} {
		f.Add(seed, "/../console")
	}
	f.Fuzz(func(t *testing.T, path, below string) {
		before, ok := gate.ParsePath(path)
		if !ok {
			return
		}
		endpoint, namespace, policy := before.Parts()
		if !gate.IsLabel(namespace) || !strings.HasPrefix(path, "/"+endpoint+"/"+namespace) {
			t.Fatalf("%q is read as namespace %q of %q", path, namespace, endpoint)
		}
		if endpoint != "verify" {
			if path != "/"+endpoint+"/"+namespace {
				t.Fatalf("%q passes for %q of %q", path, endpoint, namespace)
			}
			return
		}
		if !gate.IsLabel(policy) || !strings.HasPrefix(path+"/", "/verify/"+namespace+"/"+policy+"/") {
			t.Fatalf("%q is read as policy %q", path, policy)
		}
		if after, ok := gate.ParsePath(path + "/" + below); !ok || after != before {
			t.Fatalf("%q below %q makes it %v", below, path, after)
		}
	})
}
