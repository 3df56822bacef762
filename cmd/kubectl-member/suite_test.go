package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/smtptest"
	"rollcall.dev/rollcall/test/testenv"
)

// update has the golden files written instead of compared.
var update = flag.Bool("update", false, "write the golden files")

// patience is how long a test waits for what must come.
const patience = 60 * time.Second

// suite is the cluster that all tests share, with Rollcall in it.
var suite struct {
	start sync.Once
	plane *testenv.Cluster
}

var shared = testenv.Shared{Options: testenv.Options{Install: []string{"default"}}}

func TestMain(m *testing.M) {
	os.Exit(shared.Run(m)) //nolint:forbidigo // a TestMain ends this way
}

// desk is a namespace with a contact centre that mails, for one test.
type desk struct {
	*testing.T
	client.WithWatch
	namespace string
	mail      *smtptest.Server
	stop      func()
	env       *testenv.Environment
}

// newDesk makes a contact centre and runs the operator for it.
func newDesk(t *testing.T) *desk {
	t.Helper()
	d := newQuietDesk(t)
	d.operate()
	d.create(d.center())
	d.await(v1alpha1.SuperAdminMemberName)
	return d
}

// newQuietDesk makes an empty namespace in which no operator runs.
func newQuietDesk(t *testing.T) *desk {
	t.Helper()
	cluster := shared.Cluster(t)
	suite.start.Do(func() { suite.plane = cluster })
	env := cluster.NewEnvironment(t, "desk-", smtptest.Options{})
	return &desk{T: t, WithWatch: env, namespace: env.Namespace, mail: env.Mail, stop: func() {}, env: env}
}

// operate runs the operator for the namespace until d.stop is called.
func (d *desk) operate() {
	d.Helper()
	d.env.OperatorOptions = testenv.OperatorOptions{MemberConcurrency: 16, MailConcurrency: 8}
	d.stop = d.env.StartOperator(d.env.Cluster.Operator, d.namespace)
}

// center is a ContactCenter that mails to the desk's server, in which roles are
// permissions.
func (d *desk) center() *v1alpha1.ContactCenter {
	return &v1alpha1.ContactCenter{
		ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: v1alpha1.ContactCenterName},
		Spec: v1alpha1.ContactCenterSpec{
			DisplayName: "Acme Support",
			LoginURL:    "https://desk.example.com/login",
			SuperAdmin:  v1alpha1.SuperAdmin{Name: "Sam Okafor", Email: "sam@example.com"},
			Identity:    &v1alpha1.Identity{UsernamePrefix: "oidc:"},
			Mail: &v1alpha1.Mail{
				From: "Acme <rollcall@example.com>",
				SMTP: v1alpha1.SMTP{Host: d.mail.Host(), Port: int32(d.mail.Port()), TLS: v1alpha1.TLSNone},
			},
		},
	}
}

// member is a Member with an address of its own.
func (d *desk) member(name string, change ...func(*v1alpha1.MemberSpec)) *v1alpha1.Member {
	member := &v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: name},
		Spec:       v1alpha1.MemberSpec{Email: name + "@example.com"},
	}
	for _, mutate := range change {
		mutate(&member.Spec)
	}
	return member
}

// group is a SkillGroup.
func (d *desk) group(name string) *v1alpha1.SkillGroup {
	return &v1alpha1.SkillGroup{
		ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: name},
		Spec:       v1alpha1.SkillGroupSpec{DisplayName: name},
	}
}

// create creates objects.
func (d *desk) create(objects ...client.Object) {
	d.Helper()
	for _, object := range objects {
		if err := d.Create(d.Context(), object); err != nil {
			d.Fatalf("creating %T %s: %v", object, object.GetName(), err)
		}
	}
}

// get reads a Member.
func (d *desk) get(name string) *v1alpha1.Member {
	d.Helper()
	member := &v1alpha1.Member{}
	if err := d.Get(d.Context(), client.ObjectKey{Namespace: d.namespace, Name: name}, member); err != nil {
		d.Fatal(err)
	}
	return member
}

// eventually waits until a state of the world is reached.
func (d *desk) eventually(what string, reached func() error) {
	d.Helper()
	var missing error
	err := wait.PollUntilContextTimeout(d.Context(), 20*time.Millisecond, patience, true, func(context.Context) (bool, error) {
		missing = reached()
		return missing == nil, nil
	})
	if err != nil {
		d.Fatalf("%s: not within %s: %v", what, patience, missing)
	}
}

// await waits until the operator is done with Members.
func (d *desk) await(names ...string) {
	d.Helper()
	for _, name := range names {
		d.eventually("Member "+name+" is Ready", func() error {
			member := &v1alpha1.Member{}
			if err := d.Get(d.Context(), client.ObjectKey{Namespace: d.namespace, Name: name}, member); err != nil {
				return err
			}
			if member.Status.ObservedGeneration != member.Generation || !apimeta.IsStatusConditionTrue(member.Status.Conditions, v1alpha1.ReadyCondition) {
				return errors.New("it is not")
			}
			return nil
		})
	}
}

// answer is what a run of the plug-in printed, and its exit code.
type answer struct {
	out, err string
	code     int
}

// plugin runs `kubectl member` in the desk's namespace as a cluster administrator.
func (d *desk) plugin(arguments ...string) answer {
	d.Helper()
	return d.pluginWith(d.Context(), func(*session) {}, "", arguments...)
}

// pluginWith runs the plug-in with an input, and a session that is changed first,
// such as one that can ask.
func (d *desk) pluginWith(ctx context.Context, change func(*session), input string, arguments ...string) answer {
	d.Helper()
	var out, errOut bytes.Buffer
	s := newSession(genericiooptions.IOStreams{In: bytes.NewBufferString(input), Out: &out, ErrOut: &errOut}, time.Now) //nolint:forbidigo // ages are those of real objects
	change(s)
	code := run(ctx, s, append([]string{"--kubeconfig", suite.plane.Kubeconfig, "--namespace", d.namespace}, arguments...))
	return answer{out: out.String(), err: errOut.String(), code: code}
}

// done wants a run to have succeeded without a complaint, and returns its output.
func (a answer) done(t *testing.T) string {
	t.Helper()
	if a.code != exitDone || a.err != "" {
		t.Fatalf("exit code %d, and it complains:\n%s", a.code, a.err)
	}
	return a.out
}

// fleeting is what differs from run to run in an output, and what golden files
// have in its place.
var fleeting = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`desk-[a-z0-9]{5}`), "DESK"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\b`), "TIME"},
	{regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`), "UID"},
	{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "ISSUEID"},
	{regexp.MustCompile(`(resourceVersion"?: )"\d+"`), `$1"VERSION"`},
	{regexp.MustCompile(`\b\d{1,2}s\b`), "AGE"},
}

// golden compares an output with the file testdata/NAME.golden, but for what is
// fleeting.
func golden(t *testing.T, name, got string) {
	t.Helper()
	for _, f := range fleeting {
		got = f.pattern.ReplaceAllString(got, f.instead)
	}
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatalf("%v: run go test ./cmd/kubectl-member -update", err)
	}
	if got != string(want) {
		t.Errorf("%s is not as it was; run go test ./cmd/kubectl-member -update if it is meant to be\n--- got\n%s\n--- want\n%s", file, got, want)
	}
}
