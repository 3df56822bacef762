//go:build faults

package faults

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/smtptest"
	"rollcall.dev/rollcall/test/testenv"
)

const (
	// leaseDuration is after what time without a sign of life a leader is replaced.
	leaseDuration = 15 * time.Second
	// mailConcurrency is how many messages an operator has under way at most.
	mailConcurrency = 8
)

// replicas are two operators that serve a contact center by turns.
func (env *environment) replicas() (first, second *operator) {
	env.Helper()
	return env.replicasAt(env.Cluster.Operator, env.Cluster.Operator)
}

// replicasAt are replicas that act at API servers of their own. Their Lease is in the
// contact center's namespace, so that tests do not contend for one.
func (env *environment) replicasAt(one, other *rest.Config) (first, second *operator) {
	env.Helper()
	env.CreateAll(
		&rbacv1.Role{
			ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "leases"},
			Rules:      []rbacv1.PolicyRule{{APIGroups: []string{"coordination.k8s.io"}, Resources: []string{"leases"}, Verbs: []string{"get", "create", "update"}}},
		},
		&rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "leases"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "leases"},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: testenv.SystemNamespace, Name: "rollcall-controller-manager"}},
		})
	elect := []string{"--leader-elect=true", "--leader-election-namespace=" + env.Namespace}
	first = newOperator(env.T, one, []*environment{env}, elect...)
	second = newOperator(env.T, other, []*environment{env}, elect...)
	first.start()
	// The first is the leader.
	env.Eventually("the first operator leads", func() error { return env.checkLeader("") })
	second.start()
	return first, second
}

// checkLeader is nil if there is a leader, other than one.
func (env *environment) checkLeader(besides string) error {
	if leader := env.leader(); leader == "" || leader == besides {
		return fmt.Errorf("the leader is %q", leader)
	}
	return nil
}

// leader is the name of the operator that holds the Lease; empty for none.
func (env *environment) leader() string {
	lease := &coordinationv1.Lease{}
	err := env.Get(env.Context(), client.ObjectKey{Namespace: env.Namespace, Name: "rollcall.dev"}, lease)
	if err != nil || lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *lease.Spec.HolderIdentity
}

// suspend stops the leader, and notes what may be under way.
func (env *environment) suspend(o *operator) gap {
	env.Helper()
	began := gap{from: time.Now(), issued: map[string]bool{}} //nolint:forbidigo // to compare with when letters came
	if err := o.Signal(syscall.SIGSTOP); err != nil {
		env.Fatal(err)
	}
	// What it has asked for may still happen.
	env.pause(500 * time.Millisecond)
	began.written = env.acceptedIssues()
	secrets := &corev1.SecretList{}
	if err := env.List(env.Context(), secrets, client.InNamespace(env.Namespace)); err != nil {
		env.Fatal(err)
	}
	for i := range secrets.Items {
		began.issued[secrets.Items[i].Annotations[v1alpha1.IssueIDAnnotation]] = true
	}
	return began
}

// resume has a leader go on that slept.
func (env *environment) resume(o *operator) {
	env.Helper()
	if err := o.Signal(syscall.SIGCONT); err != nil {
		env.Fatal(err)
	}
}

// awaitWork waits until passwords are issued again, and returns how long after a
// time that was.
func (env *environment) awaitWork(since time.Time) time.Duration {
	env.Helper()
	// the observer' own watch may still be waiting, after an outage for a minute.
	env.lookAtSecrets()
	before := len(env.secrets.passwords())
	env.Within(3*leaseDuration, "a successor issues passwords", func() error {
		if env.lookAtSecrets(); len(env.secrets.passwords()) == before {
			return errors.New("nothing is issued")
		}
		return nil
	})
	return elapsed(since)
}

// awaitEnd waits until an operator has ended by itself, as one does that has lost
// its Lease, and starts it again as a cluster does.
func (env *environment) awaitEnd(o *operator, g gap) {
	env.Helper()
	env.Within(leaseDuration, "the operator that slept ends", func() error {
		if o.Exited() == nil {
			return errors.New("it runs")
		}
		return nil
	})
	// What it had sent the mail server may accept after its end.
	env.pause(time.Second)
	g.to = time.Now() //nolint:forbidigo // to compare with when letters came
	env.gaps = append(env.gaps, g)
	o.start()
}

// checkRepeats checks that no more messages came twice than may have been under way,
// each time that a leader lost its Lease.
func (env *environment) checkRepeats(times int) {
	env.Helper()
	count, twins := map[string]int{}, 0
	for _, message := range env.Mail.Messages() {
		if count[message.MessageID()]++; count[message.MessageID()] > 1 {
			twins++
		}
	}
	if twins > times*mailConcurrency {
		env.Errorf("%d messages came twice, and %d were under way at most", twins, times*mailConcurrency)
	}
}

func TestALeaderSuspendedPastItsLeaseUndoesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
	env.Mail.SetFaults(smtptest.Faults{Delay: 300 * time.Millisecond})
	first, second := env.replicas()
	l := env.startLoad(everyday)
	env.pause(env.between(3*time.Second, 6*time.Second))
	// Each sleeps in its turn.
	for _, leader := range []*operator{first, second} {
		// As many messages are under way as can be.
		env.Mail.SetFaults(smtptest.Faults{Delay: 3 * time.Second})
		env.pause(2 * time.Second)
		slept := env.suspend(leader)
		env.Mail.SetFaults(smtptest.Faults{Delay: 30 * time.Millisecond})
		t.Logf("from the leader's last sign of life to the first work of its successor: %s", env.awaitWork(slept.from))
		env.pause(env.between(0, 2*time.Second))
		env.resume(leader)
		env.awaitEnd(leader, slept)
	}
	env.pause(2 * time.Second)
	l.stop()
	l.check()
	env.checkRepeats(2)
	second.stop()
	first.stop()
}

func TestAStandbyGoesOnWhereAKilledLeaderEnded(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
	env.Mail.SetFaults(smtptest.Faults{Delay: 300 * time.Millisecond})
	first, second := env.replicas()
	l := env.startLoad(everyday)
	env.pause(env.between(3*time.Second, 6*time.Second))
	from := time.Now() //nolint:forbidigo // to measure from
	env.crash(first)
	t.Logf("from the leader's end to the first work of its successor: %s", env.awaitWork(from))
	first.start()
	env.pause(env.between(0, 3*time.Second))
	env.crash(second)
	t.Logf("from the second leader's end to the first work of its successor: %s", env.awaitWork(env.gaps[1].from))
	env.pause(2 * time.Second)
	l.stop()
	l.check()
	env.checkRepeats(2)
	first.stop()
}

func TestALeaderSuspendedForLessThanItsLeaseContinues(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
	env.Mail.SetFaults(smtptest.Faults{Delay: 300 * time.Millisecond})
	first, second := env.replicas()
	leader := env.leader()
	l := env.startLoad(everyday)
	for range 4 * *rounds {
		env.pause(env.between(time.Second, 4*time.Second))
		slept := env.suspend(first)
		// Renewed every 2 s, given up after 10 s without.
		env.pause(env.between(time.Second, 4*time.Second))
		env.resume(first)
		t.Logf("it slept for %s; its first work came after %s", elapsed(slept.from), env.awaitWork(slept.from))
	}
	if err := first.Exited(); err != nil || env.leader() != leader {
		t.Errorf("the leader is %s, no longer %s: %v", env.leader(), leader, err)
	}
	l.stop()
	l.check()
	env.checkRepeats(0)
	second.stop()
	first.stop()
}

func TestALeaderSuspendedUntilItsLeaseIsAboutToEndDoesNotWorkBesideItsSuccessor(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
	env.Mail.SetFaults(smtptest.Faults{Delay: 300 * time.Millisecond})
	first, second := env.replicas()
	leader := env.leader()
	l := env.startLoad(everyday)
	env.pause(env.between(3*time.Second, 6*time.Second))
	slept := env.suspend(first)
	env.pause(env.between(11*time.Second, 16*time.Second))
	env.resume(first)
	t.Logf("it slept for %s; the first work came after %s", elapsed(slept.from), env.awaitWork(slept.from))
	env.pause(2 * leaseDuration / 3)
	if first.Exited() != nil {
		// Where it woke before its successor came, it worked until it noticed, and ended
		// as in a crash: also what it issued then may have been under way.
		slept.issued = nil
		env.awaitEnd(first, slept)
	}
	env.Eventually("there is a leader", func() error { return env.checkLeader("") })
	t.Logf("another leads: %t", env.leader() != leader)
	l.stop()
	l.check()
	env.checkRepeats(1)
	second.stop()
	first.stop()
}

// Without a successor it stays the leader for a moment in which its Lease has
// run out: what it wants to mail then has to wait, and not to be given up. As a rule it
// then ends, and is started again as a cluster does.
func TestALoneLeaderSuspendedPastItsLeaseForgetsNoMessage(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
	leader, other := env.replicas()
	other.stop()
	l := env.startLoad(everyday)
	env.pause(env.between(2*time.Second, 4*time.Second))
	slept := env.suspend(leader)
	env.pause(leaseDuration + env.between(2*time.Second, 5*time.Second))
	env.resume(leader)
	env.pause(3 * time.Second)
	if leader.Exited() != nil {
		leader.start()
	}
	slept.to = time.Now() //nolint:forbidigo // to compare with when letters came
	env.gaps = append(env.gaps, slept)
	l.stop()
	l.check()
	leader.stop()
}
