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
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
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
	password, browser := gate.Password("ana"), gate.newBrowser()
	gate.eventuallyAnswers("ana logs in", http.StatusSeeOther, "", func() answer { return browser.logIn(password) })
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
	browser := gate.newBrowser()
	password := gate.Password("ana")
	gate.eventuallyAnswers("ana logs in", http.StatusSeeOther, "", func() answer { return browser.logIn(password) })
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
