package operator

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestTheGateMayReadWhatItNeedsAndNothingElse(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	clients, err := kubernetes.NewForConfig(env.Cluster.Gate)
	if err != nil {
		t.Fatal(err)
	}
	review, err := clients.AuthorizationV1().SelfSubjectRulesReviews().Create(t.Context(),
		&authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: env.Namespace}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, rule := range review.Status.ResourceRules {
		// Every user may ask for their identity and permissions.
		if slices.Equal(rule.Verbs, []string{"create"}) && (slices.Contains(rule.Resources, "selfsubjectreviews") || slices.Contains(rule.Resources, "selfsubjectaccessreviews")) {
			continue
		}
		rules = append(rules, fmt.Sprint(rule.Verbs, rule.APIGroups, rule.Resources, rule.ResourceNames))
	}
	slices.Sort(rules)
	want := []string{"[list watch] [] [secrets] []", "[list watch] [rollcall.dev] [members contactcenters sites teams desktopprofiles] []"}
	if !slices.Equal(rules, want) {
		t.Errorf("the gate may\n%s\nwant\n%s", strings.Join(rules, "\n"), strings.Join(want, "\n"))
	}
}

func TestAGateForOneNamespaceNeedsNoOther(t *testing.T) {
	t.Parallel()
	gate := newGateFixture(t)
	gate.CreateAll(
		&corev1.ServiceAccount{ObjectMeta: gate.meta("gate")},
		&rbacv1.RoleBinding{
			ObjectMeta: gate.meta("gate"),
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "rollcall-gate"},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: gate.Namespace, Name: "gate"}},
		},
	)
	account, err := gate.Cluster.ServiceAccountConfig(t.Context(), gate.Namespace, "gate")
	if err != nil {
		t.Fatal(err)
	}
	gate.Stop()
	gate.start(account)
	gate.eventuallyAnswers("ana is let in", http.StatusOK, "", func() answer { return gate.newBrowser().askAs("ana@example.com", gate.Password("ana")) })
	gate.Stop()
	gate.Options.Namespaces = []string{"somebody-elses", gate.Namespace}
	gate.start(account)
	gate.eventuallyAnswers("beside a namespace that it may not read", http.StatusOK, "", func() answer { return gate.newBrowser().askAs("ana@example.com", gate.Password("ana")) })
	gate.checkAnswered("of which it knows nothing", gate.newBrowser().do(http.MethodGet, "/verify/somebody-elses/any", nil, nil), http.StatusServiceUnavailable, "NotReady")
}

// countRequests counts the requests that a client sends.
func countRequests(config *rest.Config) (*rest.Config, *atomic.Int64) {
	counted, requests := rest.CopyConfig(config), &atomic.Int64{}
	counted.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(request *http.Request) (*http.Response, error) {
			requests.Add(1)
			return next.RoundTrip(request)
		})
	})
	return counted, requests
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

func TestTheGateAsksTheAPIServerNothingWhileItAnswers(t *testing.T) {
	t.Parallel()
	gate := newGateFixture(t)
	gate.Stop()
	config, requests := countRequests(gate.Cluster.Gate)
	gate.start(config)
	browser, password := gate.logsIn(), gate.Password("ana")
	before := requests.Load()
	if before == 0 {
		t.Fatal("not even the watches were counted")
	}
	for range 100 {
		gate.checkAnswered("a session", browser.ask("any", nil), http.StatusOK, "")
		gate.checkAnswered("a password", browser.askAs("ana@example.com", password), http.StatusOK, "")
		gate.checkAnswered("nobody", gate.newBrowser().ask("any", nil), http.StatusUnauthorized, "")
	}
	// A watch lasts for minutes: none ends within this test.
	if asked := requests.Load() - before; asked != 0 {
		t.Errorf("300 answers took %d requests to the API server", asked)
	}
}

func TestTheGateAllowsNoLoginWhileItsWatchesAreSilent(t *testing.T) {
	t.Parallel()
	gate := newGateFixture(t)
	browser, password := gate.logsIn(), gate.Password("ana")
	// Nothing happens in this namespace, so by this clock the API server is silent.
	gate.stopOperator()
	gate.Ahead.Store(int64(10 * time.Minute))
	for what, answer := range map[string]answer{
		"a session": browser.ask("any", nil), "a password": browser.askAs("ana@example.com", password), "the login page": browser.do(http.MethodGet, "/login/"+gate.Namespace, nil, nil),
	} {
		gate.checkAnswered(what, answer, http.StatusServiceUnavailable, "NotReady")
		if answer.header.Get("Retry-After") == "" {
			t.Errorf("%s: there is no Retry-After", what)
		}
	}
	gate.Ahead.Store(0)
	gate.checkAnswered("heard again", browser.ask("any", nil), http.StatusOK, "")
}

func TestANewCertificateIsServedWithoutARestart(t *testing.T) {
	t.Parallel()
	gate := newGateFixture(t)
	names := func() []string {
		connection, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}).DialContext(t.Context(), "tcp", gate.Options.BindAddress)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = connection.Close() }()
		return connection.(*tls.Conn).ConnectionState().PeerCertificates[0].DNSNames //nolint:forcetypeassert // what a TLS dialer returns
	}
	if got := names(); !slices.Contains(got, "first.example.com") {
		t.Errorf("the certificate is for %v", got)
	}
	gate.WriteCertificate("second.example.com")
	gate.Eventually("the new certificate is served", func() error {
		if got := names(); !slices.Contains(got, "second.example.com") {
			return fmt.Errorf("the certificate is for %v", got)
		}
		return nil
	})
	gate.checkAnswered("and it works", gate.newBrowser().askAs("ana@example.com", gate.Password("ana")), http.StatusOK, "")
}

func TestTheGatesMetricsAreAComponentOfItsOwn(t *testing.T) {
	t.Parallel()
	cluster := shared.Cluster(t)
	plain, err := cluster.Kubectl(t.Context(), "", "kustomize", filepath.Join("..", "..", "config", "gate"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain, "metrics") {
		t.Error("config/gate alone has metrics")
	}
	with, err := cluster.Kubectl(t.Context(), "", "kustomize", withMetrics(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--metrics-bind-address=:9443", "name: rollcall-gate-metrics-auth", "name: rollcall-metrics-auth-role", "containerPort: 9443", "name: rollcall-gate-metrics\n"} {
		if !strings.Contains(with, want) {
			t.Errorf("config/gate with metrics has no %q", want)
		}
	}
}

// withMetrics is config/gate with its metrics, as docs/gate.md says to have them.
func withMetrics(t *testing.T) string {
	t.Helper()
	return overlay(t, `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [%[1]s/gate]
components: [%[1]s/gate/metrics]
`)
}

// keys reads the Secret with the session keys; nil if there is none.
func (env *environment) keys() *corev1.Secret {
	env.Helper()
	secret := &corev1.Secret{}
	err := env.Get(env.Context(), env.sessionKeys(), secret)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		env.Fatal(err)
	}
	return secret
}

// awaitKey waits until there are session keys, and returns their Secret.
func (env *environment) awaitKey() (secret *corev1.Secret) {
	env.Helper()
	env.Eventually("there is a session key", func() error {
		if secret = env.keys(); secret == nil || len(secret.Data) != 1 {
			return fmt.Errorf("the Secret is %+v", secret)
		}
		return nil
	})
	return secret
}

func TestTheOperatorMakesSessionKeysWhereThereAreNone(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.OperatorOptions.SessionKeySecret = env.sessionKeys()
	env.operate()
	made := env.awaitKey()
	for name, key := range made.Data {
		if from, err := time.Parse("20060102T150405Z", name); err != nil || time.Since(from) < 0 || time.Since(from) > time.Minute || len(key) != 32 { //nolint:forbidigo // the operator's clock is the real one
			t.Errorf("the key %s has %d bytes (%v), want 32 that begin now", name, len(key), err)
		}
	}
	if made.Labels[v1alpha1.ManagedByLabel] != v1alpha1.ManagedByValue {
		t.Errorf("it is labeled %v", made.Labels)
	}
	env.delete(made)
	env.Eventually("it is made again", func() error {
		if again := env.keys(); again == nil || again.UID == made.UID {
			return fmt.Errorf("the Secret is %v", again)
		}
		return nil
	})
	change(env, env.awaitKey(), func(s *corev1.Secret) { s.Data = nil })
	env.awaitKey()

	rotated := env.awaitKey()
	change(env, rotated, func(s *corev1.Secret) { s.Data["20991231T000000Z"] = []byte(strings.Repeat("n", 32)) })
	env.CreateAll(env.ContactCenter())
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready)
	if left := env.keys(); len(left.Data) != 2 {
		t.Errorf("a foreign key was removed: there are %d", len(left.Data))
	}
}

func TestSessionKeysAreNotWrittenToAForeignSecret(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.OperatorOptions.SessionKeySecret = env.sessionKeys()
	env.CreateAll(&corev1.Secret{
		ObjectMeta: env.meta(env.sessionKeys().Name),
		Data:       map[string][]byte{"notes": []byte("mine")},
	})
	before := env.keys()
	env.operate()
	env.Eventually("the operator says so", func() error {
		if !strings.Contains(env.OperatorLog.String(), "the Secret has no session key and is not managed by Rollcall: delete it, and the operator creates a new one") {
			return fmt.Errorf("its log does not")
		}
		return nil
	})
	if after := env.keys(); after.ResourceVersion != before.ResourceVersion {
		t.Errorf("it was changed: %v", after.Data)
	}
	env.delete(before)
	env.awaitKey()
}

func TestKeysAreRotatedWithoutEndingSessions(t *testing.T) {
	t.Parallel()
	gate := newGateFixture(t)
	other := gate.openGate()
	browser, password := gate.logsIn(), gate.Password("ana")
	old := gate.awaitKey()

	// The new key begins in a minute: until then both gates seal with the old one.
	begins := time.Now().Add(time.Minute).UTC().Format("20060102T150405Z") //nolint:forbidigo // the gate's clock, but for the shift
	change(gate.environment, old, func(s *corev1.Secret) { s.Data[begins] = []byte(strings.Repeat("n", 32)) })
	for _, gate := range []*gateFixture{gate, other} {
		gate.Ahead.Store(int64(90 * time.Second)) // less than makes a directory stale
		gate.eventuallyAnswers("the old session", http.StatusOK, "", func() answer { return browser.through(gate).ask("any", nil) })
	}
	later := gate.newBrowser()
	gate.Eventually("new sessions have the new key", func() error {
		later = gate.newBrowser()
		gate.checkAnswered("ana logs in anew", later.logIn(password), http.StatusSeeOther, "")
		return checkStatus(later.through(other).ask("any", nil), http.StatusOK, "")
	})
	change(gate.environment, old, func(s *corev1.Secret) {
		s.Data = map[string][]byte{begins: s.Data[begins]}
	})
	gate.eventuallyAnswers("without its key the old session is none", http.StatusUnauthorized, "SessionInvalid", func() answer { return browser.ask("any", nil) })
	gate.checkAnswered("the new one goes on", later.ask("any", nil), http.StatusOK, "")
}
