package operator

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"rollcall.dev/rollcall/test/testenv"
)

// gateFixture is an environment with a login gate.
type gateFixture struct {
	*environment
	*testenv.Gate
}

// sessionKeys names the Secret with the session keys of an environment.
func (env *environment) sessionKeys() types.NamespacedName {
	return types.NamespacedName{Namespace: env.Namespace, Name: "session-keys"}
}

// openGate starts a login gate for the namespace, and returns when it answers.
func (env *environment) openGate() *gateFixture {
	env.Helper()
	gate := &gateFixture{environment: env, Gate: env.NewGate(env.sessionKeys())}
	gate.start(env.Cluster.Gate)
	return gate
}

// start runs the gate with the permissions of an account, and returns when it answers.
func (gate *gateFixture) start(account *rest.Config) {
	gate.Helper()
	gate.Start(account)
	gate.Eventually("the gate knows its members", func() error {
		return checkStatus(gate.newBrowser().ask("any", nil), http.StatusUnauthorized, "")
	})
}

// browser is a browser, or a proxy that passes on what one sends.
type browser struct {
	*gateFixture
	client *http.Client
}

// newBrowser returns a browser without cookies.
func (gate *gateFixture) newBrowser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		gate.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: gate.Pool, MinVersion: tls.VersionTLS12}}
	gate.Cleanup(transport.CloseIdleConnections)
	return &browser{gateFixture: gate, client: &http.Client{
		Jar: jar, Transport: transport, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// through has the visitor go through another gate, with the cookies so far.
func (browser *browser) through(other *gateFixture) *browser {
	moved := other.newBrowser()
	here, err := url.Parse(browser.URL)
	if err != nil {
		browser.Fatal(err)
	}
	there, err := url.Parse(other.URL)
	if err != nil {
		browser.Fatal(err)
	}
	// What is one address outside is two here.
	cookies := browser.client.Jar.Cookies(here)
	for _, cookie := range cookies {
		cookie.Secure, cookie.Path = true, "/"
	}
	moved.client.Jar.SetCookies(there, cookies)
	return moved
}

// answer is what the gate answers.
type answer struct {
	status int
	header http.Header
	body   string
}

// String is for the message of a test.
func (a answer) String() string {
	return fmt.Sprintf("%d (%s): %.200s", a.status, a.header.Get("X-Rollcall-Reason"), a.body)
}

// do sends a request.
func (browser *browser) do(method, path string, body io.Reader, set func(*http.Request)) answer {
	request, err := http.NewRequestWithContext(browser.Context(), method, browser.URL+path, body)
	if err != nil {
		browser.Fatal(err)
	}
	if set != nil {
		set(request)
	}
	response, err := browser.client.Do(request)
	if err != nil {
		return answer{body: err.Error()}
	}
	text, err := io.ReadAll(response.Body)
	if err := response.Body.Close(); err != nil {
		browser.Error(err)
	}
	if err != nil {
		browser.Error(err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: string(text)}
}

// ask asks by a policy.
func (browser *browser) ask(policy string, set func(*http.Request)) answer {
	return browser.do(http.MethodGet, "/verify/"+browser.Namespace+"/"+policy, nil, set)
}

// askAs asks by the policy any, with HTTP Basic.
func (browser *browser) askAs(email, password string) answer {
	return browser.ask("any", func(r *http.Request) { r.SetBasicAuth(email, password) })
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// logIn has ana fill in the login page and send it.
func (browser *browser) logIn(password string) answer {
	page := browser.do(http.MethodGet, "/login/"+browser.Namespace, nil, nil)
	form := url.Values{"email": {"ana@example.com"}, "password": {password}}
	for _, field := range hiddenField.FindAllStringSubmatch(page.body, -1) {
		form.Set(field[1], field[2])
	}
	return browser.do(http.MethodPost, "/login/"+browser.Namespace, bytes.NewBufferString(form.Encode()), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
}

// eventuallyAnswers waits until a question is answered with a status and a reason.
func (gate *gateFixture) eventuallyAnswers(what string, status int, reason string, ask func() answer) {
	gate.Helper()
	gate.Eventually(what, func() error { return checkStatus(ask(), status, reason) })
}

// checkAnswered checks an answer.
func (gate *gateFixture) checkAnswered(what string, answered answer, status int, reason string) {
	gate.Helper()
	if err := checkStatus(answered, status, reason); err != nil {
		gate.Errorf("%s: %v", what, err)
	}
}

func checkStatus(answered answer, status int, reason string) error {
	if answered.status != status || reason != "" && answered.header.Get("X-Rollcall-Reason") != reason {
		return fmt.Errorf("the gate answers %s, want %d (%s)", answered, status, reason)
	}
	return nil
}
