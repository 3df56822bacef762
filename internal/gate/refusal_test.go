package gate_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"rollcall.dev/rollcall/internal/gate"
)

const fromBrowser = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"

var refresh = regexp.MustCompile(`<meta http-equiv="refresh" content="0;url=([^"]*)">`)

func TestVerifySendsALoggedOutBrowserToTheLoginPage(t *testing.T) {
	t.Parallel()
	const login = "https://desk.example.com/login"
	tests := map[string]struct{ forwarded, path, want string }{
		"with the return address":         {"/tickets?open=1&x", "", login + "?return=%2Ftickets%3Fopen%3D1%26x"},
		"from the root":                   {"/", "", login},
		"without a known address":         {"", "", login},
		"from Envoy":                      {"", "/tickets%2F7?open=1", login + "?return=%2Ftickets%252F7%3Fopen%3D1"},
		"from Envoy, for the root":        {"", "/", login},
		"a host for a path":               {"//evil.example", "", login},
		"a host for a path, behind ours":  {"", "//evil.example", login},
		"an address elsewhere":            {"https://evil.example", "", login},
		"a path that could close a tag":   {`/"><script>`, "", login + "?return=%2F%2522%253E%253Cscript%253E"},
		"a path with another instruction": {"/a;url=https://evil.example", "", login + "?return=%2Fa%3Burl%3Dhttps%3A%2F%2Fevil.example"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			answer := env.handle(newRequest("/verify/support/any"+test.path, withHeader("Accept", fromBrowser), func(r *http.Request) {
				if test.forwarded != "" {
					r.Header.Set("X-Forwarded-Uri", test.forwarded)
				}
			}))
			expectAnswer(t, answer, http.StatusUnauthorized, "Please log in")
			if got := answer.Header().Get("Location"); got != test.want {
				t.Errorf("Location is %q, want %q", got, test.want)
			}
			page := answer.Body.String()
			found := refresh.FindStringSubmatch(page)
			if found == nil || strings.ReplaceAll(found[1], "&amp;", "&") != test.want {
				t.Errorf("the page goes on to %q, want %q", found, test.want)
			}
			if strings.Contains(page, "<script") {
				t.Error("the page has a script")
			}
			if got := answer.Header().Get("WWW-Authenticate"); !strings.HasPrefix(got, `Cookie realm="Example Support"`) {
				t.Errorf("the challenge is %q", got)
			}
			back, err := url.Parse(test.want)
			if err != nil {
				t.Fatal(err)
			}
			expectAnswer(t, newBrowser(env).get(loginPath+"?"+back.RawQuery), http.StatusOK, `name="return" value="https://desk.example.com/`)
		})
	}
}

func TestClientsOtherThanBrowsersGetABasicChallenge(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name      string
		accept    string
		change    func(*http.Request)
		challenge string
	}{
		"a program":                   {"Example Support", "*/*", nil, `Basic realm="Example Support", charset="UTF-8"`},
		"a program without Accept":    {"Example Support", "", nil, `Basic realm="Example Support", charset="UTF-8"`},
		"a program that refuses HTML": {"Example Support", "text/html;q=0, */*", nil, `Basic realm="Example Support", charset="UTF-8"`},
		"a name with quotes":          {`A "B" \C`, "", nil, `Basic realm="A \"B\" \\C", charset="UTF-8"`},
		"a name in Chinese":           {"示例", "", nil, `Basic realm="support", charset="UTF-8"`},
		"a name with a line break":    {"A\r\nX: y", "", nil, `Basic realm="support", charset="UTF-8"`},
		"a script in a page": {
			"Example Support", "application/json", withHeader("Sec-Fetch-Mode", "cors"),
			`Cookie realm="Example Support", form-action="https://desk.example.com/login", cookie-name="__Host-rollcall-support"`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			center := env.centers[support]
			center.DisplayName = test.name
			env.centers[support] = center
			r := newRequest("/verify/support/any", withHeader("Accept", test.accept), withHeader("X-Forwarded-Uri", "/x"))
			if test.change != nil {
				test.change(r)
			}
			answer := env.handle(r)
			expectAnswer(t, answer, http.StatusUnauthorized)
			if got := answer.Header().Get("WWW-Authenticate"); got != test.challenge {
				t.Errorf("the challenge is %q, want %q", got, test.challenge)
			}
			if answer.Header().Get("Location") != "" || answer.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
				t.Errorf("the headers are %v", answer.Header())
			}
			if got := answer.Body.String(); got != "Please log in. You need to log in to see this page.\n" {
				t.Errorf("the text is %q", got)
			}
		})
	}
}

func TestBrowsersGetABasicChallengeWithoutAContactCenter(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	delete(env.centers, support)
	answer := env.handle(newRequest("/verify/support/any", withHeader("Accept", fromBrowser), withHeader("Sec-Fetch-Mode", "navigate")))
	expectAnswer(t, answer, http.StatusUnauthorized)
	if got := answer.Header().Get("WWW-Authenticate"); got != `Basic realm="support", charset="UTF-8"` {
		t.Errorf("the challenge is %q", got)
	}
}

func TestARefusalSaysWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	fail := func(env *environment) {
		for range 6 {
			env.handle(newRequest("/verify/support/any", withPassword(anasEmail, wrongPassword)))
		}
	}
	tests := map[string]struct {
		policy     string
		prepare    func(*environment)
		status     int
		reason     string
		retryAfter string
		says       string
		link       string
	}{
		"forced offline": {"any", denyAna("ForcedOffline"), http.StatusForbidden, "ForcedOffline", "", "An administrator has taken you offline", "Go to the login page"},
		"being deleted":  {"any", denyAna("Deleting"), http.StatusForbidden, "Deleting", "", "Your account is being removed.", "Go to the login page"},
		"an odd reason":  {"any", denyAna("A\r\nX: y"), http.StatusForbidden, "", "", "You cannot log in at the moment.", "Go to the login page"},
		"a wrong role":   {"console", func(*environment) {}, http.StatusForbidden, "PolicyNotMet", "", "Your role or skill groups do not give you access", "Use another account"},
		"locked":         {"any", fail, http.StatusTooManyRequests, "TooManyAttempts", "1", "Try again in 1 second.", "Try again"},
		"unavailable":    {"any", func(env *environment) { env.stale = http.ErrServerClosed }, http.StatusServiceUnavailable, "NotReady", "5", "Please try again in a few seconds.", "Try again"},
		"not found":      {"nothing", func(*environment) {}, http.StatusNotFound, "UnknownPolicy", "", "There is nothing at this address.", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			test.prepare(env)
			answerTo := func(changes ...func(*http.Request)) *httptest.ResponseRecorder {
				return env.handle(newRequest("/verify/support/"+test.policy, append(changes, withPassword(anasEmail, anasPassword))...))
			}
			page, line := answerTo(withHeader("Accept", fromBrowser)), answerTo()
			expectAnswer(t, page, test.status, test.says)
			expectAnswer(t, line, test.status, test.says)
			for _, answer := range []*httptest.ResponseRecorder{page, line} {
				h := answer.Header()
				if h.Get("X-Rollcall-Reason") != test.reason || h.Get("Retry-After") != test.retryAfter || h.Get("Cache-Control") != "no-store" {
					t.Errorf("the headers are %v", h)
				}
				if h.Get("Location") != "" || h.Get("WWW-Authenticate") != "" || h.Get("X") != "" {
					t.Errorf("the headers are %v", h)
				}
			}
			if linked := strings.Contains(page.Body.String(), ">"+test.link+"</a>"); linked != (test.link != "") {
				t.Errorf("the page has no link %q:\n%s", test.link, page.Body)
			}
			if text := line.Body.String(); strings.Count(text, "\n") != 1 || strings.Contains(text, "<") {
				t.Errorf("the text is %q", text)
			}
		})
	}
}

func TestTheAcceptHeaderIdentifiesBrowsers(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"":                                 false,
		"*/*":                              false,
		"text/*":                           false,
		"application/json":                 false,
		"text/htmlx":                       false,
		"text/html":                        true,
		"TEXT/HTML":                        true,
		fromBrowser:                        true,
		"application/json,text/html;q=0.1": true,
		"text/html;q=0":                    false,
		"text/html;q=x":                    false,
		"text/html;;;":                     false,
	} {
		if got := gate.AcceptsHTML(newRequest("/", withHeader("Accept", accept))); got != want {
			t.Errorf("%q: %v, want %v", accept, got, want)
		}
	}
}
