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
	w := newWorld(t)
	clients, err := kubernetes.NewForConfig(suite.gateAccount)
	if err != nil {
		t.Fatal(err)
	}
	review, err := clients.AuthorizationV1().SelfSubjectRulesReviews().Create(t.Context(),
		&authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: w.namespace}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, rule := range review.Status.ResourceRules {
		// What everybody may: ask who they are and what they may.
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
	d := newDoor(t)
	d.create(
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: "gate"}},
		&rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: "gate"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "rollcall-gate"},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: d.namespace, Name: "gate"}},
		},
	)
	account, err := suite.plane.ServiceAccountConfig(t.Context(), d.namespace, "gate")
	if err != nil {
		t.Fatal(err)
	}
	d.stop()
	d.start(account)
	d.eventuallyAsked("ana is let in", http.StatusOK, "", func() answer { return d.visitor().askAs("ana@example.com", d.password("ana")) })
	d.stop()
	d.options.Namespaces = []string{"somebody-elses", d.namespace}
	d.start(account)
	d.eventuallyAsked("beside a namespace that it may not read", http.StatusOK, "", func() answer { return d.visitor().askAs("ana@example.com", d.password("ana")) })
	d.want("of which it knows nothing", d.visitor().do(http.MethodGet, "/verify/somebody-elses/any", nil, nil), http.StatusServiceUnavailable, "NotReady")
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
	d := newDoor(t)
	d.stop()
	config, requests := countRequests(suite.gateAccount)
	d.start(config)
	password, v := d.password("ana"), d.visitor()
	d.eventuallyAsked("ana logs in", http.StatusSeeOther, "", func() answer { return v.logIn(password) })
	before := requests.Load()
	if before == 0 {
		t.Fatal("not even the watches were counted")
	}
	for range 100 {
		d.want("a session", v.ask("any", nil), http.StatusOK, "")
		d.want("a password", v.askAs("ana@example.com", password), http.StatusOK, "")
		d.want("nobody", d.visitor().ask("any", nil), http.StatusUnauthorized, "")
	}
	// A watch lasts for minutes: none ends within this test.
	if asked := requests.Load() - before; asked != 0 {
		t.Errorf("300 answers took %d requests to the API server", asked)
	}
}

func TestTheGateLetsNobodyInWhenItHearsNothing(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	v := d.visitor()
	password := d.password("ana")
	d.eventuallyAsked("ana logs in", http.StatusSeeOther, "", func() answer { return v.logIn(password) })
	// Nothing happens in this namespace, so by this clock the API server is silent.
	d.stopOperator()
	d.shift.Store(int64(10 * time.Minute))
	for what, answer := range map[string]answer{
		"a session": v.ask("any", nil), "a password": v.askAs("ana@example.com", password), "the login page": v.do(http.MethodGet, "/login/"+d.namespace, nil, nil),
	} {
		d.want(what, answer, http.StatusServiceUnavailable, "NotReady")
		if answer.header.Get("Retry-After") == "" {
			t.Errorf("%s: there is no Retry-After", what)
		}
	}
	d.shift.Store(0)
	d.want("heard again", v.ask("any", nil), http.StatusOK, "")
}

func TestANewCertificateIsServedWithoutARestart(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	names := func() []string {
		connection, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}).DialContext(t.Context(), "tcp", d.options.BindAddress)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = connection.Close() }()
		return connection.(*tls.Conn).ConnectionState().PeerCertificates[0].DNSNames //nolint:forcetypeassert // what a TLS dialer returns
	}
	if got := names(); !slices.Contains(got, "first.example.com") {
		t.Errorf("the certificate is for %v", got)
	}
	d.writeCertificate("second.example.com")
	d.eventually("the new certificate is served", func() error {
		if got := names(); !slices.Contains(got, "second.example.com") {
			return fmt.Errorf("the certificate is for %v", got)
		}
		return nil
	})
	d.want("and it works", d.visitor().askAs("ana@example.com", d.password("ana")), http.StatusOK, "")
}

func TestTheGatesMetricsAreAComponentOfItsOwn(t *testing.T) {
	t.Parallel()
	startSuite(t)
	plain, err := suite.plane.Kubectl(t.Context(), "", "kustomize", filepath.Join("..", "..", "config", "gate"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain, "metrics") {
		t.Error("config/gate alone has metrics")
	}
	with, err := suite.plane.Kubectl(t.Context(), "", "kustomize", withMetrics(t))
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
