package testenv

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/test/smtptest"
)

// DefaultPatience is how long a test waits for a state by default.
const DefaultPatience = 60 * time.Second

// Environment is a namespace with a mail server, for one test. Its client is the
// cluster administrator's.
type Environment struct {
	*testing.T
	client.WithWatch

	Cluster   *Cluster
	Namespace string
	Mail      *smtptest.Server
	// Patience is how long Eventually waits.
	Patience time.Duration
	// OperatorLog collects the logs of the operators and gates in this process.
	OperatorLog *LogBuffer
	// OperatorOptions holds the settings of StartOperator.
	OperatorOptions OperatorOptions
	// Logs, if set, returns more logs for the message of a failure.
	Logs func() string
}

// LogBuffer is a log in memory.
type LogBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write appends to the log.
func (b *LogBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String returns the log.
func (b *LogBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// NewEnvironment creates a namespace and starts a mail server. A name that ends in a
// hyphen is a prefix of a generated name.
func (c *Cluster) NewEnvironment(t *testing.T, name string, options smtptest.Options) *Environment {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if strings.HasSuffix(name, "-") {
		namespace.ObjectMeta = metav1.ObjectMeta{GenerateName: name}
	}
	if err := c.Admin.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	server, err := smtptest.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	e := c.Environment(t, namespace.Name)
	e.Mail = server
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("closing the mail server: %v", err)
		}
		// The namespace controller deletes the namespace later.
		if err := e.Delete(context.WithoutCancel(t.Context()), namespace); client.IgnoreNotFound(err) != nil {
			t.Errorf("deleting the namespace: %v", err)
		}
	})
	return e
}

// Environment returns the environment of a namespace that exists, without a mail server.
func (c *Cluster) Environment(t *testing.T, namespace string) *Environment {
	t.Helper()
	return &Environment{
		T: t, WithWatch: c.Admin, Cluster: c, Namespace: namespace,
		Patience: DefaultPatience, OperatorLog: &LogBuffer{},
	}
}

// Eventually waits until a state is reached, and fails with what was missing last.
func (e *Environment) Eventually(what string, reached func() error) {
	e.Helper()
	e.Within(e.Patience, what, reached)
}

// Within is Eventually with another time limit.
func (e *Environment) Within(limit time.Duration, what string, reached func() error) {
	e.Helper()
	var missing error
	err := wait.PollUntilContextTimeout(e.Context(), 20*time.Millisecond, limit, true, func(context.Context) (bool, error) {
		missing = reached()
		return missing == nil, nil
	})
	if err != nil {
		logs := e.OperatorLog.String()
		if e.Logs != nil {
			logs += e.Logs()
		}
		e.Fatalf("%s: not within %s: %v\noperator log:\n%s", what, limit, missing, logs)
	}
}

// CreateAll creates objects.
func (e *Environment) CreateAll(objects ...client.Object) {
	e.Helper()
	for _, object := range objects {
		if err := e.Create(e.Context(), object); err != nil {
			e.Fatalf("creating %T %s: %v", object, object.GetName(), err)
		}
	}
}

// Find reads an object of the namespace, and reports whether it exists.
func (e *Environment) Find(name string, object client.Object) bool {
	e.Helper()
	err := e.Get(e.Context(), client.ObjectKey{Namespace: e.Namespace, Name: name}, object)
	if client.IgnoreNotFound(err) != nil {
		e.Fatal(err)
	}
	return err == nil
}
