package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/controllers"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/smtptest"
)

// patience is how long a test waits for what must come.
const patience = 60 * time.Second

// suite is the control plane that all tests share, with Rollcall in it.
var suite struct {
	start   sync.Once
	err     error
	plane   *controlplane.ControlPlane
	admin   client.WithWatch
	account *rest.Config
}

func TestMain(m *testing.M) {
	log.SetLogger(logr.Discard())
	code := m.Run()
	if suite.plane != nil {
		if err := suite.plane.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stopping the control plane:", err)
			code = 1
		}
	}
	os.Exit(code) //nolint:forbidigo // a TestMain ends this way
}

func installSuite(ctx context.Context) error {
	config := filepath.Join("..", "..", "config")
	plane, err := controlplane.Start(ctx, controlplane.Options{CRDs: []string{filepath.Join(config, "crd", "bases")}})
	if err != nil {
		return err
	}
	suite.plane = plane
	if err := plane.ApplyKustomization(ctx, filepath.Join(config, "default")); err != nil {
		return err
	}
	if suite.account, err = plane.ServiceAccountConfig(ctx, "rollcall-system", "rollcall-controller-manager"); err != nil {
		return err
	}
	scheme, err := controllers.NewScheme()
	if err != nil {
		return err
	}
	suite.admin, err = client.NewWithWatch(plane.Config, client.Options{Scheme: scheme})
	return err
}

// desk is a namespace with a contact centre that mails, for one test.
type desk struct {
	*testing.T
	client.WithWatch
	namespace string
	mail      *smtptest.Server
	stop      func()
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
	suite.start.Do(func() {
		// The control plane outlives the test that happened to come first.
		suite.err = installSuite(context.WithoutCancel(t.Context()))
	})
	if suite.err != nil {
		t.Fatalf("the control plane: %v", suite.err)
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "desk-"}}
	if err := suite.admin.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	server, err := smtptest.Start(smtptest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{T: t, WithWatch: suite.admin, namespace: namespace.Name, mail: server, stop: func() {}}
	t.Cleanup(func() {
		d.stop()
		if err := server.Close(); err != nil {
			t.Errorf("closing the mail server: %v", err)
		}
		if err := d.Delete(context.WithoutCancel(t.Context()), namespace); client.IgnoreNotFound(err) != nil {
			t.Errorf("deleting the namespace: %v", err)
		}
	})
	return d
}

// operate runs the operator for the desk until d.stop is called.
func (d *desk) operate() {
	d.Helper()
	options := controllers.ManagerOptions{
		MetricsBindAddress: "0", HealthProbeBindAddress: "0",
		WatchNamespaces:   []string{d.namespace},
		MemberConcurrency: 16, MailConcurrency: 8, RoleBindings: true,
		Logger: logr.Discard(),
		Now:    time.Now, Random: rand.Reader, Jitter: func() float64 { return 0.5 }, //nolint:forbidigo // the operator's clock is the real one here
		Dialer:           mail.SMTPDialer{Timeouts: mail.DefaultTimeouts()},
		SeveralInProcess: true,
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(d.Context()))
	manager, err := controllers.NewManager(ctx, suite.account, options)
	if err != nil {
		d.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- manager.Start(ctx) }()
	d.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			d.Errorf("the operator stopped with %v", err)
		}
	})
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
	return d.pluginWith(d.Context(), func(*cli.Session) {}, "", arguments...)
}

// pluginWith runs the plug-in with an input, and a session that is changed first,
// such as one that can ask.
func (d *desk) pluginWith(ctx context.Context, change func(*cli.Session), input string, arguments ...string) answer {
	d.Helper()
	var out, errOut bytes.Buffer
	s := cli.NewSession(genericiooptions.IOStreams{In: bytes.NewBufferString(input), Out: &out, ErrOut: &errOut}, time.Now) //nolint:forbidigo // ages are those of real objects
	change(s)
	code := run(ctx, s, append([]string{"--kubeconfig", suite.plane.Kubeconfig, "--namespace", d.namespace}, arguments...))
	return answer{out: out.String(), err: errOut.String(), code: code}
}

// done wants a run to have succeeded without a complaint, and returns its output.
func (a answer) done(t *testing.T) string {
	t.Helper()
	if a.code != cli.ExitDone || a.err != "" {
		t.Fatalf("exit code %d, and it complains:\n%s", a.code, a.err)
	}
	return a.out
}
