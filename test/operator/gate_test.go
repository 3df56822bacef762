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
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/testenv"
)

// newGateFixture is an environment with an operator, a contact center, ana (DeskStaff, in the
// group billing), and a gate.
func newGateFixture(t *testing.T) *gateFixture {
	t.Helper()
	env := newEnvironment(t)
	env.OperatorOptions.SessionKeySecret = env.sessionKeys()
	env.stopOperator = env.operate()
	center := env.ContactCenter()
	center.Spec.Gate = &v1alpha1.Gate{Policies: []v1alpha1.GatePolicy{
		{Name: "billing", SkillGroups: []string{"billing"}},
		{Name: "billing-supervisors", Roles: []v1alpha1.Role{v1alpha1.RoleSupervisor}, SkillGroups: []string{"billing"}},
	}}
	ana := env.Member("ana")
	ana.Spec.AgentID = "A-7"
	ana.Labels = map[string]string{"team": "billing"}
	env.CreateAll(center, ana, &v1alpha1.SkillGroup{
		ObjectMeta: env.meta("billing"),
		Spec:       v1alpha1.SkillGroupSpec{DisplayName: "Billing", Selector: &metav1.LabelSelector{MatchLabels: ana.Labels}},
	})
	env.AwaitMember("ana", ready)
	return env.openGate()
}

func TestTheGateAllowsMembersWhoseLoginIsAllowed(t *testing.T) {
	t.Parallel()
	gate := newGateFixture(t)
	browser := gate.newBrowser()
	password := gate.Password("ana")
	gate.eventuallyAnswers("ana is let in", http.StatusOK, "", func() answer { return browser.askAs("ana@example.com", password) })
	gate.eventuallyAnswers("she is in her group", http.StatusOK, "", func() answer {
		return browser.ask("billing", func(r *http.Request) { r.SetBasicAuth("ANA@example.com", password) })
	})
	answered := browser.askAs("ana@example.com", password)
	for header, want := range map[string]string{
		"X-Auth-Request-User": "ana", "X-Auth-Request-Email": "ana@example.com",
		"X-Auth-Request-Preferred-Username": "A-7", "X-Auth-Request-Groups": "billing,role:DeskStaff",
	} {
		if got := answered.header.Get(header); got != want {
			t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
	for policy, want := range map[string]int{
		"any": 200, "workbench": 200, "workbench/deep/path": 200, "billing": 200,
		"console": 403, "billing-supervisors": 403, "nothing": 404,
	} {
		answer := browser.ask(policy, func(r *http.Request) { r.SetBasicAuth("ana@example.com", password) })
		gate.checkAnswered(policy, answer, want, map[int]string{403: "PolicyNotMet"}[want])
	}
	gate.checkAnswered("a wrong password", browser.askAs("ana@example.com", "wrong"), http.StatusUnauthorized, "")
	gate.checkAnswered("nobody", browser.askAs("nobody@example.com", password), http.StatusUnauthorized, "")
	gate.checkAnswered("no password", browser.ask("any", nil), http.StatusUnauthorized, "")
	change(gate.environment, gate.Member("ana"), func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleSupervisor })
	gate.eventuallyAnswers("another role opens another door", http.StatusOK, "", func() answer {
		return browser.ask("billing-supervisors", func(r *http.Request) { r.SetBasicAuth("ana@example.com", password) })
	})
	if log := gate.Audit.String(); strings.Contains(log, password) || !strings.Contains(log, `"member":"ana"`) {
		t.Errorf("the audit log has the password, or does not have ana (%d bytes)", len(log))
	}
	if strings.Contains(gate.OperatorLog.String(), password) {
		t.Error("the password is in a log")
	}
}

func TestTheGateFollowsAMembersLife(t *testing.T) {
	t.Parallel()
	gate := newGateFixture(t)
	browser := gate.newBrowser()
	first := gate.Password("ana")
	asAna := func() answer { return browser.askAs("ana@example.com", first) }
	edit := func(mutate func(*v1alpha1.Member)) { change(gate.environment, gate.Member("ana"), mutate) }
	gate.eventuallyAnswers("ana is let in", http.StatusOK, "", asAna)

	edit(func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	gate.eventuallyAnswers("forced offline", http.StatusForbidden, "ForcedOffline", asAna)
	gate.checkAnswered("with a wrong password nothing is told", browser.askAs("ana@example.com", "wrong"), http.StatusUnauthorized, "")
	edit(func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	gate.eventuallyAnswers("restored", http.StatusOK, "", asAna)

	edit(func(m *v1alpha1.Member) { m.Spec.Active = new(false) })
	gate.eventuallyAnswers("inactive", http.StatusForbidden, "Inactive", asAna)
	edit(func(m *v1alpha1.Member) { m.Spec.Active = nil })
	gate.eventuallyAnswers("active", http.StatusOK, "", asAna)

	edit(func(m *v1alpha1.Member) { m.Spec.PasswordReset = "1" })
	gate.AwaitMember("ana", ready, issue(2))
	gate.eventuallyAnswers("the old password is none", http.StatusUnauthorized, "", asAna)
	second := gate.Password("ana")
	gate.eventuallyAnswers("the new one is", http.StatusOK, "", func() answer { return browser.askAs("ana@example.com", second) })

	change(gate.exempt(), gate.Member("ana"), func(m *v1alpha1.Member) { m.Finalizers = []string{"example.com/hold"} })
	gate.delete(gate.Member("ana"))
	gate.eventuallyAnswers("being deleted", http.StatusForbidden, "Deleting", func() answer { return browser.askAs("ana@example.com", second) })
	change(gate.exempt(), gate.Member("ana"), func(m *v1alpha1.Member) { m.Finalizers = nil })
	gate.eventuallyAnswers("deleted", http.StatusUnauthorized, "", func() answer { return browser.askAs("ana@example.com", second) })
}

func TestTheGateDeniesByTheSpecWithoutTheOperator(t *testing.T) {
	t.Parallel()
	gate := newGateFixture(t)
	browser := gate.newBrowser()
	password := gate.Password("ana")
	asAna := func() answer { return browser.askAs("ana@example.com", password) }
	gate.eventuallyAnswers("ana is let in", http.StatusOK, "", asAna)
	gate.stopOperator()

	change(gate.environment, gate.Member("ana"), func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	gate.eventuallyAnswers("forced offline", http.StatusForbidden, "ForcedOffline", asAna)
	until := metav1.NewTime(time.Now().Add(2 * time.Minute)) //nolint:forbidigo // by the gate's clock, which is the real one
	change(gate.environment, gate.Member("ana"), func(m *v1alpha1.Member) { m.Spec.ForceOffline, m.Spec.ForceOfflineUntil = false, &until })
	gate.eventuallyAnswers("forced offline for a time", http.StatusForbidden, "ForcedOffline", asAna)
	gate.Ahead.Store(int64(2 * time.Minute))
	gate.eventuallyAnswers("until then", http.StatusOK, "", asAna)
	gate.Ahead.Store(0)
	gate.checkAnswered("and not before", asAna(), http.StatusForbidden, "ForcedOffline")
	change(gate.environment, gate.Member("ana"), func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = nil })
	gate.eventuallyAnswers("restored", http.StatusOK, "", asAna)

	secret := gate.Secret("ana")
	secret.Data[corev1.BasicAuthPasswordKey] = []byte("chosen by hand")
	if err := gate.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	gate.eventuallyAnswers("the password in the Secret was edited by hand", http.StatusUnauthorized, "", asAna)
	gate.checkAnswered("the edited one is none either", browser.askAs("ana@example.com", "chosen by hand"), http.StatusUnauthorized, "")
	gate.CreateAll(gate.Member("bo"))
	gate.checkAnswered("a Member that nobody has looked at", browser.askAs("bo@example.com", ""), http.StatusUnauthorized, "")
}

func TestEverySessionEndsWithItsReason(t *testing.T) {
	t.Parallel()
	gate := newGateFixture(t)
	other := gate.openGate()
	logIn := func() *browser {
		browser := gate.logsIn()
		gate.checkAnswered("her session", browser.ask("any", nil), http.StatusOK, "")
		gate.eventuallyAnswers("it is one at another gate", http.StatusOK, "", func() answer { return browser.through(other).ask("any", nil) })
		return browser
	}
	edit := func(mutate func(*v1alpha1.Member)) { change(gate.environment, gate.Member("ana"), mutate) }
	everywhere := func(what string, browser *browser, status int, reason string) {
		t.Helper()
		for where, gate := range map[string]*gateFixture{"here": gate, "there": other} {
			gate.eventuallyAnswers(what+" "+where, status, reason, func() answer { return browser.through(gate).ask("any", nil) })
		}
	}
	for _, test := range []struct {
		name, reason string
		end, undo    func(*v1alpha1.Member)
	}{
		{"force offline", "ForcedOffline", func(m *v1alpha1.Member) { m.Spec.ForceOffline = true }, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false }},
		{"deactivation", "Inactive", func(m *v1alpha1.Member) { m.Spec.Active = new(false) }, func(m *v1alpha1.Member) { m.Spec.Active = nil }},
	} {
		browser := logIn()
		edit(test.end)
		everywhere(test.name+" ends it", browser, http.StatusForbidden, test.reason)
		edit(test.undo)
		gate.AwaitMember("ana", login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive))
		everywhere(test.name+" has ended it for good", browser, http.StatusUnauthorized, "SessionEnded")
	}
	browser := logIn()
	gate.stopOperator()
	edit(func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	everywhere("force offline ends it without the operator", browser, http.StatusForbidden, "ForcedOffline")
	edit(func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	everywhere("and for good", browser, http.StatusUnauthorized, "SessionEnded")
	gate.stopOperator = gate.operate()
	browser = logIn()
	edit(func(m *v1alpha1.Member) { m.Spec.PasswordReset = "1" })
	gate.eventuallyAnswers("a reset ends it", http.StatusUnauthorized, "SessionEnded", func() answer { return browser.ask("any", nil) })
	gate.AwaitMember("ana", ready, issue(2))
	browser = logIn()
	gate.delete(gate.GetMember("ana"))
	gate.eventuallyAnswers("deletion ends it", http.StatusUnauthorized, "SessionEnded", func() answer { return browser.ask("any", nil) })
}

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

// logsIn logs ana in, and returns her browser when the gate has accepted it.
func (gate *gateFixture) logsIn() *browser {
	gate.Helper()
	browser, password := gate.newBrowser(), gate.Password("ana")
	gate.eventuallyAnswers("ana logs in", http.StatusSeeOther, "", func() answer { return browser.logIn(password) })
	return browser
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
