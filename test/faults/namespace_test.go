//go:build faults

package faults

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/test/smtptest"
)

// deleteNamespace deletes the namespace's namespace while the load runs, and waits until it is gone.
func (env *environment) deleteNamespace(l *load) time.Duration {
	env.Helper()
	l.closing.Store(true)
	begun := time.Now() //nolint:forbidigo // to measure from
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: env.Namespace}}
	if err := env.Delete(env.Context(), namespace); err != nil {
		env.Fatal(err)
	}
	env.Eventually("the namespace is gone", func() error {
		err := env.Get(env.Context(), client.ObjectKeyFromObject(namespace), namespace)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return errors.Join(err, fmt.Errorf("it is there: %+v", namespace.Status))
	})
	took := elapsed(begun)
	l.stop()
	return took
}

// errorsIn is how many errors an operator has logged about a namespace.
func (o *operator) errorsIn(namespace string) int {
	o.Helper()
	count := 0
	for line := range strings.Lines(o.text()) {
		if strings.Contains(line, `"level":"error"`) && strings.Contains(line, namespace) {
			count++
		}
	}
	return count
}

func TestDeletingANamespaceIsImmediateAndDisturbsNoOther(t *testing.T) {
	t.Parallel()
	c := shared.Cluster(t)
	leaving, staying := newEnvironment(t, c, smtptest.Options{}), newEnvironment(t, c, smtptest.Options{})
	// Messages are under way when it goes.
	leaving.Mail.SetFaults(smtptest.Faults{Delay: 200 * time.Millisecond})
	o := newOperator(t, c.Operator, []*environment{leaving, staying})
	o.start()
	others := staying.startLoad(everyday)
	l := leaving.startLoad(everyday)
	leaving.pause(leaving.between(3*time.Second, 6*time.Second))
	t.Logf("the namespace was gone after %s", leaving.deleteNamespace(l))
	leaving.pause(3 * time.Second)
	errorsBefore, letters := o.errorsIn(leaving.Namespace), len(leaving.Mail.Messages())
	longest, which := staying.lasting(7*time.Second, staying.stillAllowed)
	t.Logf("%d errors were logged about the namespace; in the other one a cut-off took %s (%s)", errorsBefore, longest, which)
	if after := o.errorsIn(leaving.Namespace); after > errorsBefore {
		t.Errorf("%d errors more are logged about a namespace that is gone", after-errorsBefore)
	}
	if after := len(leaving.Mail.Messages()); after > letters {
		t.Errorf("%d messages are sent to members who are gone", after-letters)
	}
	if longest > promptly {
		t.Errorf("a cut-off in the other contact center took %s: %s", longest, which)
	}
	// The same people in a namespace of the same name are other people.
	again := newNamedEnvironment(t, c, leaving.Namespace, smtptest.Options{})
	again.operators = leaving.operators
	l = again.startLoad(everyday)
	again.pause(3 * time.Second)
	l.stop()
	others.stop()
	l.check()
	others.check()
	o.stop()
}
