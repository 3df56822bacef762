package operator

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/internal/password"
	"rollcall.dev/rollcall/test/smtptest"
)

// startProcess starts the operator as a process of its own, as in a pod.
func (w *world) startProcess(arguments ...string) *controlplane.Process {
	w.Helper()
	kubeconfig := filepath.Join(w.TempDir(), "kubeconfig")
	if err := controlplane.WriteKubeconfig(kubeconfig, suite.account); err != nil {
		w.Fatal(err)
	}
	arguments = append([]string{
		"--kubeconfig", kubeconfig, "--watch-namespaces", w.namespace,
		"--metrics-bind-address=0", "--health-probe-bind-address=0",
	}, arguments...)
	// The test binary is the operator where the environment says so.
	command := append([]string{runManagerVariable + "=1", os.Args[0]}, arguments...)
	process, err := controlplane.StartProcess(w.Context(), w.log, 20*time.Second, "/usr/bin/env", command...)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		if process.Exited() == nil {
			_ = process.Kill() // it may have ended meanwhile
		}
	})
	return process
}

func TestAnOperatorKilledAmongNewMembersLeavesEachWithThePasswordOfItsLastLetter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(w.center())
	const count = 200
	for i := range count {
		w.create(w.member(fmt.Sprintf("member-%03d", i)))
	}
	// writtenDown has, for each member whose letter was in the ledger when the operator
	// was killed, how many letters there were.
	writtenDown := map[string]int{}
	for _, letters := range []int{20, 60, 110} {
		process := w.startProcess("--leader-elect=false")
		w.eventually("letters are going out", func() error {
			if got := len(w.mail.Messages()); got < letters {
				return fmt.Errorf("there are %d", got)
			}
			return nil
		})
		if err := process.Kill(); err != nil {
			t.Fatal(err)
		}
		for i := range count {
			name := fmt.Sprintf("member-%03d", i)
			if _, known := writtenDown[name]; known {
				continue
			}
			if ledger := w.get(name).Status.Mail; ledger != nil && ledger.AcceptedAt != nil {
				writtenDown[name] = len(w.letters(name + "@example.com"))
			}
		}
	}
	process := w.startProcess("--leader-elect=false")
	for i := range count {
		w.await(fmt.Sprintf("member-%03d", i), ready, issue(1))
	}
	twice := 0
	for i := range count {
		name := fmt.Sprintf("member-%03d", i)
		letters := w.letters(name + "@example.com")
		if len(letters) == 0 || !letters[len(letters)-1].Contains(w.password(name)) {
			t.Errorf("the last letter to %s does not have its password", name)
			continue
		}
		if had, ok := writtenDown[name]; ok && len(letters) > had {
			t.Errorf("%s was mailed again, although the ledger had the letter when the operator was killed", name)
		}
		for _, letter := range letters[1:] {
			twice++
			if letter.MessageID() != letters[0].MessageID() {
				t.Errorf("%s was mailed twice under two Message-IDs", name)
			}
		}
		secret := w.secret(name)
		if sum := password.Checksum(secret.Annotations[v1alpha1.IssueIDAnnotation], name+"@example.com", w.password(name)); secret.Annotations[v1alpha1.ChecksumAnnotation] != sum {
			t.Errorf("the checksum of %s is wrong", name)
		}
	}
	t.Logf("%d letters went out twice", twice)
	if err := process.Stop(); err != nil {
		t.Error(err)
	}
}

func TestARestartOverAThousandMembersWritesAndMailsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(w.center())
	process := w.startProcess("--leader-elect=false")
	const count = 1000
	for i := range count {
		w.create(w.member(fmt.Sprintf("member-%04d", i)))
	}
	w.eventually("all are counted", func() error {
		center := &v1alpha1.ContactCenter{}
		if err := w.Get(t.Context(), client.ObjectKeyFromObject(w.center()), center); err != nil {
			return err
		}
		if counts := center.Status.Members; counts == nil || *counts != (v1alpha1.MemberCounts{Total: count + 1, LoginAllowed: count + 1}) {
			return fmt.Errorf("counts are %+v", counts)
		}
		return nil
	})
	w.quiet()
	silent := w.expectNoWrites()
	if err := process.Stop(); err != nil {
		t.Error(err)
	}
	port := freePort(t)
	process = w.startProcess("--leader-elect=false", "--health-probe-bind-address="+port)
	w.eventually("the operator is ready", func() error { return answers(t, "http://"+port+"/readyz") })
	w.create(w.member("wei"))
	w.await("wei", ready)
	silent("wei")
	if got := len(w.mail.Messages()); got != count+2 {
		t.Errorf("there are %d letters, not %d", got, count+2)
	}
	if err := process.Stop(); err != nil {
		t.Error(err)
	}
}

func TestOfTwoOperatorsOneLeadsAndTheOtherTakesOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(w.center())
	// Leases may be written in the operator's own namespace only.
	election := []string{"--leader-elect", "--leader-election-namespace=rollcall-system"}
	first := w.startProcess(election...)
	w.create(w.member("ana"))
	w.await("ana", ready)
	second := w.startProcess(election...)
	if err := first.Stop(); err != nil {
		t.Errorf("the first operator did not stop cleanly: %v\n%s", err, w.log)
	}
	w.create(w.member("wei"))
	w.await("wei", ready)
	w.mailed("ana", 1)
	if err := second.Stop(); err != nil {
		t.Error(err)
	}
	if log := w.log.String(); strings.Contains(log, w.password("ana")) || strings.Contains(log, w.password("wei")) {
		t.Error("a password is in the log")
	}
}

func TestALeaderThatSleptSendsNothingThatItsSuccessorSends(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(w.center())
	election := []string{"--leader-elect", "--leader-election-namespace=" + w.leaseNamespace(), "--mail-concurrency=2"}
	first := w.startProcess(election...)
	w.await(v1alpha1.SuperAdminMemberName, ready)
	w.mail.SetFaults(smtptest.Faults{Delay: 500 * time.Millisecond})
	const count = 60
	for i := range count {
		w.create(w.member(fmt.Sprintf("member-%02d", i)))
	}
	for i := range count {
		w.await(fmt.Sprintf("member-%02d", i), issue(1))
	}
	if err := first.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	before := len(w.mail.Messages())
	second := w.startProcess(election...)
	w.eventually("the second operator mails", func() error {
		if len(w.mail.Messages()) < before+4 {
			return errors.New("it does not yet")
		}
		return nil
	})
	if err := first.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	for i := range count {
		w.await(fmt.Sprintf("member-%02d", i), ready, issue(1))
	}
	twice := 0
	for i := range count {
		twice += len(w.letters(fmt.Sprintf("member-%02d@example.com", i))) - 1
	}
	if twice > 2 {
		t.Errorf("%d letters went out twice, more than the 2 that were under way", twice)
	}
	_ = first.Kill() // it ends by itself, sooner or later
	if err := second.Stop(); err != nil {
		t.Error(err)
	}
}

func TestMetricsAreServedOverHTTPSToWhomTheAPIServerLets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	port := freePort(t)
	process := w.startProcess("--leader-elect=false", "--metrics-bind-address="+port)
	w.create(w.center(), w.member("ana"))
	w.await("ana", ready)
	for who, token := range map[string]string{"nobody": "", "somebody unknown": "nonsense", "who may not": suite.account.BearerToken} {
		if status, text := w.metrics(port, token); status == http.StatusOK || strings.Contains(text, "rollcall_") {
			t.Errorf("metrics answer %s with %d", who, status)
		}
	}
	reader, err := suite.plane.ServiceAccountConfig(t.Context(), w.namespace, w.metricsReader())
	if err != nil {
		t.Fatal(err)
	}
	status, text := w.metrics(port, reader.BearerToken)
	if status != http.StatusOK || !strings.Contains(text, `rollcall_letter_attempts_total{outcome="accepted"} 2`) {
		t.Errorf("metrics answer %d, without the letters", status)
	}
	if strings.Contains(text, "ana") || strings.Contains(text, w.password("ana")) {
		t.Error("a person or a password is in the metrics")
	}
	if err := process.Stop(); err != nil {
		t.Error(err)
	}
}

// metrics asks for the metrics with a token.
func (w *world) metrics(address, token string) (status int, text string) {
	w.Helper()
	request, err := http.NewRequestWithContext(w.Context(), http.MethodGet, "https://"+address+"/metrics", http.NoBody)
	if err != nil {
		w.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	// The certificate is made anew at every start.
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	w.eventually("the metrics server answers", func() error {
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		status, text = response.StatusCode, string(body)
		return err
	})
	return status, text
}

// answers wants a URL to answer 200.
func answers(t *testing.T, url string) error {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return errors.Join(response.Body.Close(), map[bool]error{false: errors.New(response.Status)}[response.StatusCode == http.StatusOK])
}

// leaseNamespace lets the operator's account hold a Lease in the test's namespace,
// as it may in its own, and returns its name.
func (w *world) leaseNamespace() string {
	w.Helper()
	w.create(
		&rbacv1.Role{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "leases"},
			Rules:      []rbacv1.PolicyRule{{APIGroups: []string{"coordination.k8s.io"}, Resources: []string{"leases"}, Verbs: []string{"get", "create", "update"}}},
		},
		&rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "leases"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "leases"},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: "rollcall-system", Name: "rollcall-controller-manager"}},
		})
	return w.namespace
}

// freePort is an address on loopback that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// metricsReader makes a ServiceAccount that may read metrics, and returns its name.
func (w *world) metricsReader() string {
	w.Helper()
	const name = "prometheus"
	w.create(
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}},
		&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: w.namespace + "-metrics"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "rollcall-metrics-reader"},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: w.namespace, Name: name}},
		})
	return name
}
