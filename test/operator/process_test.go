package operator

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/password"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/smtptest"
	"rollcall.dev/rollcall/test/testenv"
)

// end stops an operator process as a cluster does.
func (env *environment) end(process *testenv.OperatorProcess) {
	env.Helper()
	if err := process.Stop(); err != nil {
		env.Error(err)
	}
}

// awaitMessages waits until the mail server has accepted so many messages.
func (env *environment) awaitMessages(count int) {
	env.Helper()
	env.Eventually("messages are going out", func() error {
		if got := len(env.Mail.Messages()); got < count {
			return fmt.Errorf("there are %d", got)
		}
		return nil
	})
}

// startProcess starts the operator in a process of its own.
func (env *environment) startProcess(arguments ...string) *testenv.OperatorProcess {
	env.Helper()
	process := testenv.NewOperatorProcess(env.T, env.Cluster.Operator, env.OperatorLog, []string{env.Namespace}, arguments...)
	if err := process.Start(env.Context()); err != nil {
		env.Fatal(err)
	}
	return process
}

func TestAnOperatorKilledAmongNewMembersLeavesEachWithThePasswordOfItsLastMessage(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.ContactCenter())
	names := env.addMembers(60)
	// writtenDown has, for each member whose message was in the mail record when the operator
	// was killed, how many messages there were.
	writtenDown := map[string]int{}
	for _, letters := range []int{8, 20, 35} {
		process := env.startProcess("--leader-elect=false")
		env.awaitMessages(letters)
		if err := process.Kill(); err != nil {
			t.Fatal(err)
		}
		for name, member := range env.Members() {
			if _, known := writtenDown[name]; !known && member.Status.Mail != nil && member.Status.Mail.AcceptedAt != nil {
				writtenDown[name] = len(env.Messages(name + "@example.com"))
			}
		}
	}
	process := env.startProcess("--leader-elect=false")
	env.awaitMembers(names, ready, issue(1))
	twice := 0
	for _, name := range names {
		messages := env.Messages(name + "@example.com")
		if len(messages) == 0 || !messages[len(messages)-1].Contains(env.Password(name)) {
			t.Errorf("the last message to %s does not have its password", name)
			continue
		}
		if had, ok := writtenDown[name]; ok && len(messages) > had {
			t.Errorf("%s was mailed again, although the mail record had the message when the operator was killed", name)
		}
		for _, message := range messages[1:] {
			twice++
			if message.MessageID() != messages[0].MessageID() {
				t.Errorf("%s was mailed twice under two Message-IDs", name)
			}
		}
		secret := env.Secret(name)
		if sum := password.Checksum(secret.Annotations[v1alpha1.IssueIDAnnotation], name+"@example.com", env.Password(name)); secret.Annotations[v1alpha1.ChecksumAnnotation] != sum {
			t.Errorf("the checksum of %s is wrong", name)
		}
	}
	t.Logf("%d messages went out twice", twice)
	env.end(process)
}

// `make bench` does the same over 10,000 Members.
func TestARestartOverManyMembersWritesAndMailsNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.ContactCenter())
	process := env.startProcess("--leader-elect=false")
	const count = 200
	env.addMembers(count)
	env.awaitCenter(memberCounts(v1alpha1.MemberCounts{Total: count + 1, LoginAllowed: count + 1}))
	env.awaitQuiet()
	silent := env.expectNoWrites()
	env.end(process)
	port := env.freeAddress()
	process = env.startProcess("--leader-elect=false", "--health-probe-bind-address="+port)
	env.Eventually("the operator is ready", func() error { return answers(t, "http://"+port+"/readyz") })
	env.CreateAll(env.Member("wei"))
	env.AwaitMember("wei", ready)
	silent("wei")
	if got := len(env.Mail.Messages()); got != count+2 {
		t.Errorf("there are %d messages, not %d", got, count+2)
	}
	env.end(process)
}

func TestOfTwoOperatorsOneLeadsAndTheOtherTakesOver(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.ContactCenter())
	// Leases may be written in the operator's own namespace only.
	election := []string{"--leader-elect", "--leader-election-namespace=rollcall-system"}
	first := env.startProcess(election...)
	env.CreateAll(env.Member("ana"))
	env.AwaitMember("ana", ready)
	second := env.startProcess(election...)
	if err := first.Stop(); err != nil {
		t.Errorf("the first operator did not stop cleanly: %v\n%s", err, env.OperatorLog)
	}
	env.CreateAll(env.Member("wei"))
	env.AwaitMember("wei", ready)
	env.CheckMessages("ana", 1)
	env.end(second)
	if log := env.OperatorLog.String(); strings.Contains(log, env.Password("ana")) || strings.Contains(log, env.Password("wei")) {
		t.Error("a password is in the log")
	}
}

// test/faults does the same with a leader that other clients keep busy.
func TestASuspendedLeaderSendsNothingThatItsSuccessorSends(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.ContactCenter())
	election := []string{"--leader-elect", "--leader-election-namespace=" + env.leaseNamespace(), "--mail-concurrency=2"}
	first := env.startProcess(election...)
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready)
	// Few messages go out before it is suspended, and then the rest goes out soon.
	env.Mail.SetFaults(smtptest.Faults{Delay: 3 * time.Second})
	names := env.addMembers(30)
	env.awaitMembers(names, issue(1))
	if err := first.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	env.Mail.SetFaults(smtptest.Faults{Delay: 100 * time.Millisecond})
	before := len(env.Mail.Messages())
	second := env.startProcess(election...)
	env.awaitMessages(before + 4)
	if err := first.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	env.awaitMembers(names, ready, issue(1))
	twice := 0
	for _, name := range names {
		twice += len(env.Messages(name+"@example.com")) - 1
	}
	if twice > 2 {
		t.Errorf("%d messages went out twice, more than the 2 that were under way", twice)
	}
	_ = first.Kill() // it ends by itself, sooner or later
	env.end(second)
}

func TestMetricsAreServedOverHTTPSToAuthorizedClients(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	port := env.freeAddress()
	process := env.startProcess("--leader-elect=false", "--metrics-bind-address="+port)
	env.CreateAll(env.ContactCenter(), env.Member("ana"))
	env.AwaitMember("ana", ready)
	for who, token := range map[string]string{"nobody": "", "somebody unknown": "nonsense", "who may not": env.Cluster.Operator.BearerToken} {
		if status, text := env.metrics(port, token); status == http.StatusOK || strings.Contains(text, "rollcall_") {
			t.Errorf("metrics answer %s with %d", who, status)
		}
	}
	reader, err := env.Cluster.ServiceAccountConfig(t.Context(), env.Namespace, env.metricsReader())
	if err != nil {
		t.Fatal(err)
	}
	status, text := env.metrics(port, reader.BearerToken)
	if status != http.StatusOK || !strings.Contains(text, `rollcall_letter_attempts_total{outcome="accepted"} 2`) {
		t.Errorf("metrics answer %d, without the messages", status)
	}
	if strings.Contains(text, "ana") || strings.Contains(text, env.Password("ana")) {
		t.Error("a person or a password is in the metrics")
	}
	env.end(process)
}

// metrics asks for the metrics with a token.
func (env *environment) metrics(address, token string) (status int, text string) {
	env.Helper()
	request, err := http.NewRequestWithContext(env.Context(), http.MethodGet, "https://"+address+"/metrics", http.NoBody)
	if err != nil {
		env.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	// The certificate is made anew at every start.
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	env.Eventually("the metrics server answers", func() error {
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

// answers checks for a URL to answer 200.
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
func (env *environment) leaseNamespace() string {
	env.Helper()
	env.CreateAll(&rbacv1.Role{
		ObjectMeta: env.meta("leases"),
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{"coordination.k8s.io"}, Resources: []string{"leases"}, Verbs: []string{"get", "create", "update"}}},
	}, &rbacv1.RoleBinding{
		ObjectMeta: env.meta("leases"),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "leases"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: testenv.SystemNamespace, Name: testenv.OperatorAccount}},
	})
	return env.Namespace
}

// freeAddress is an address on loopback that is free.
func (env *environment) freeAddress() string {
	env.Helper()
	address, err := controlplane.FreeAddress(env.Context())
	if err != nil {
		env.Fatal(err)
	}
	return address
}

// metricsReader makes a ServiceAccount that may read metrics, and returns its name.
func (env *environment) metricsReader() string {
	env.Helper()
	const name = "prometheus"
	env.CreateAll(&corev1.ServiceAccount{ObjectMeta: env.meta(name)}, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: env.Namespace + "-metrics"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "rollcall-metrics-reader"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: env.Namespace, Name: name}},
	})
	return name
}
