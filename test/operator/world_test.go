package operator

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/controllers"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/test/smtptest"
)

// patience is how long a test waits for what must come.
const patience = 60 * time.Second

// world is a namespace with a mail server, for one test.
type world struct {
	*testing.T
	client.WithWatch
	namespace string
	mail      *smtptest.Server
	log       *logBuffer
	timeouts  mail.Timeouts
	// withoutRoleBindings has operators run with --role-bindings=false.
	withoutRoleBindings bool
	// sessionKeySecret has operators make it.
	sessionKeySecret types.NamespacedName
	// now is the operators' clock.
	now func() time.Time
	// stopOperator stops the operator, in worlds that come with one.
	stopOperator func()
}

// logBuffer keeps what an operator logs.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// newWorld makes an empty namespace and a mail server that works.
func newWorld(t *testing.T) *world {
	t.Helper()
	startSuite(t)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	if err := suite.admin.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	server, err := smtptest.Start(smtptest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, WithWatch: suite.admin, namespace: namespace.Name, mail: server, log: &logBuffer{}, timeouts: quickTimeouts, now: time.Now} //nolint:forbidigo // the operator's clock is the real one here
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("closing the mail server: %v", err)
		}
		// The namespace is deleted like a user's would be, but not waited for.
		if err := w.Delete(context.WithoutCancel(t.Context()), namespace); client.IgnoreNotFound(err) != nil {
			t.Errorf("deleting the namespace: %v", err)
		}
	})
	return w
}

// quickTimeouts are for tests with mail servers that hang.
var quickTimeouts = mail.Timeouts{Connect: 5 * time.Second, Reply: 5 * time.Second, EndOfData: 5 * time.Second}

// operate starts the operator for the namespace, with the permissions of its
// own ServiceAccount, and returns a function that stops it.
func (w *world) operate() (stop func()) {
	w.Helper()
	return w.operateFor(w.namespace)
}

// operateFor starts the operator for some namespaces.
func (w *world) operateFor(namespaces ...string) (stop func()) {
	w.Helper()
	options := controllers.Options{
		MetricsBindAddress: "0", HealthProbeBindAddress: "0",
		WatchNamespaces:   namespaces,
		MemberConcurrency: 8, MailConcurrency: 4, RoleBindings: !w.withoutRoleBindings,
		Logger: zap.New(zap.WriteTo(w.log)),
		Now:    w.now, Random: rand.Reader, Jitter: func() float64 { return 0.5 },
		Dialer:           mail.SMTPDialer{Timeouts: w.timeouts},
		SessionKeySecret: w.sessionKeySecret,
		SeveralInProcess: true,
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.Context()))
	mgr, err := controllers.NewManager(ctx, suite.account, options)
	if err != nil {
		w.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.Errorf("the operator stopped with %v; its log:\n%s", err, w.log)
		}
	})
	w.Cleanup(stop)
	return stop
}

// exempt is the same world, written to by somebody whom the guards of
// config/admission let pass.
func (w *world) exempt() *world {
	passing := *w
	passing.WithWatch = suite.exempt
	return &passing
}

// eventually waits until a state of the world is reached, and fails with what
// was last missing.
func (w *world) eventually(what string, reached func() error) {
	w.Helper()
	var missing error
	err := wait.PollUntilContextTimeout(w.Context(), 20*time.Millisecond, patience, true, func(context.Context) (bool, error) {
		missing = reached()
		return missing == nil, nil
	})
	if err != nil {
		w.Fatalf("%s: not within %s: %v\nlog of the operator:\n%s", what, patience, missing, w.log)
	}
}

// center is a ContactCenter that mails to the world's server.
func (w *world) center() *v1alpha1.ContactCenter {
	return &v1alpha1.ContactCenter{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: v1alpha1.ContactCenterName},
		Spec: v1alpha1.ContactCenterSpec{
			DisplayName: "Acme Support",
			LoginURL:    "https://desk.example.com/login",
			SuperAdmin:  v1alpha1.SuperAdmin{Name: "Sam Okafor", Email: "sam@example.com"},
			Mail: &v1alpha1.Mail{
				From: "Acme <rollcall@example.com>",
				SMTP: v1alpha1.SMTP{Host: w.mail.Host(), Port: int32(w.mail.Port()), TLS: v1alpha1.TLSNone},
			},
		},
	}
}

// member is a Member with an address of its own.
func (w *world) member(name string) *v1alpha1.Member {
	return &v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec:       v1alpha1.MemberSpec{Email: name + "@example.com"},
	}
}

// create creates objects.
func (w *world) create(objects ...client.Object) {
	w.Helper()
	for _, object := range objects {
		if err := w.Create(w.Context(), object); err != nil {
			w.Fatalf("creating %T %s: %v", object, object.GetName(), err)
		}
	}
}

// change changes an object, whatever its version.
func change[T client.Object](w *world, object T, mutate func(T)) {
	w.Helper()
	before, ok := object.DeepCopyObject().(T)
	if !ok {
		w.Fatalf("%T copies to another type", object)
	}
	key := client.ObjectKeyFromObject(object)
	if err := w.Get(w.Context(), key, before); err != nil {
		w.Fatal(err)
	}
	after, _ := before.DeepCopyObject().(T)
	mutate(after)
	if err := w.Patch(w.Context(), after, client.MergeFrom(before), client.FieldOwner("rollcall-cli")); err != nil {
		w.Fatalf("changing %T %s: %v", object, object.GetName(), err)
	}
}

// get reads a Member.
func (w *world) get(name string) *v1alpha1.Member {
	w.Helper()
	member := &v1alpha1.Member{}
	if err := w.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, member); err != nil {
		w.Fatal(err)
	}
	return member
}

// secret reads a Member's Secret; nil if there is none.
func (w *world) secret(name string) *corev1.Secret {
	w.Helper()
	secret := &corev1.Secret{}
	err := w.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: name + v1alpha1.CredentialsSecretSuffix}, secret)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		w.Fatal(err)
	}
	return secret
}

// password is the password in a Member's Secret.
func (w *world) password(name string) string {
	w.Helper()
	secret := w.secret(name)
	if secret == nil {
		w.Fatalf("Member %s has no Secret", name)
	}
	return string(secret.Data[corev1.BasicAuthPasswordKey])
}

// await waits until a Member is as a check wants it, and returns it.
func (w *world) await(name string, checks ...func(*v1alpha1.Member) error) *v1alpha1.Member {
	w.Helper()
	var found *v1alpha1.Member
	w.eventually("Member "+name, func() error {
		found = &v1alpha1.Member{}
		if err := w.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, found); err != nil {
			return err
		}
		if found.Status.ObservedGeneration != found.Generation {
			return fmt.Errorf("observedGeneration is %d, generation %d", found.Status.ObservedGeneration, found.Generation)
		}
		var problems []error
		for _, check := range checks {
			problems = append(problems, check(found))
		}
		return errors.Join(problems...)
	})
	checkConditions(w.T, found.Status.Conditions, found.Generation)
	return found
}

// has wants a condition with a status and a reason.
func has(conditionType string, status metav1.ConditionStatus, reason string) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		return hasCondition(member.Status.Conditions, conditionType, status, reason)
	}
}

func hasCondition(conditions []metav1.Condition, conditionType string, status metav1.ConditionStatus, reason string) error {
	condition := apimeta.FindStatusCondition(conditions, conditionType)
	if condition == nil {
		return fmt.Errorf("%s is absent", conditionType)
	}
	if condition.Status != status || condition.Reason != reason {
		return fmt.Errorf("%s is %s/%s (%s), not %s/%s", conditionType, condition.Status, condition.Reason, condition.Message, status, reason)
	}
	return nil
}

// login wants a login state.
func login(state v1alpha1.LoginState, reason v1alpha1.LoginReason) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		if member.Status.Login != state || member.Status.LoginReason != reason {
			return fmt.Errorf("login is %s/%s, not %s/%s", member.Status.Login, member.Status.LoginReason, state, reason)
		}
		return nil
	}
}

// ready wants a Member that is ready, mailed and allowed.
func ready(member *v1alpha1.Member) error {
	return errors.Join(
		has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady)(member),
		has(v1alpha1.PasswordMailedCondition, metav1.ConditionTrue, v1alpha1.ReasonMailed)(member),
		login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive)(member),
	)
}

// issue wants the password of a number.
func issue(number int64) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		if member.Status.Credentials == nil || member.Status.Credentials.Issue != number {
			return fmt.Errorf("credentials are %+v, not issue %d", member.Status.Credentials, number)
		}
		return nil
	}
}

// checkConditions checks what holds for the conditions of any object.
func checkConditions(t *testing.T, conditions []metav1.Condition, generation int64) {
	t.Helper()
	for _, condition := range conditions {
		if condition.ObservedGeneration != generation {
			t.Errorf("%s has observedGeneration %d, not %d", condition.Type, condition.ObservedGeneration, generation)
		}
		if condition.Message == "" || condition.LastTransitionTime.IsZero() {
			t.Errorf("%s has no message or no time: %+v", condition.Type, condition)
		}
		if condition.Type == v1alpha1.StalledCondition && condition.Status != metav1.ConditionTrue {
			t.Errorf("Stalled is present and %s", condition.Status)
		}
	}
}

// letters are the messages that the mail server accepted for an address.
func (w *world) letters(address string) []smtptest.Message {
	var found []smtptest.Message
	for _, message := range w.mail.Messages() {
		for _, to := range message.To {
			if to == address {
				found = append(found, message)
			}
		}
	}
	return found
}

// mailed checks that a Member got so many letters, and that the last one has the
// password of its Secret.
func (w *world) mailed(name string, count int) {
	w.Helper()
	letters := w.letters(name + "@example.com")
	if len(letters) != count {
		w.Fatalf("%s got %d letters, not %d", name, len(letters), count)
	}
	if count > 0 && !letters[count-1].Contains(w.password(name)) {
		w.Errorf("the last letter to %s does not have the password of the Secret", name)
	}
}

// asJSON is everything in the namespace but the Secrets, as kubectl shows it.
func (w *world) asJSON() (string, error) {
	return suite.plane.Kubectl(w.Context(), "", "get", "members,contactcenters,skillgroups,events,configmaps", "-n", w.namespace, "-o", "json", "--show-managed-fields")
}
