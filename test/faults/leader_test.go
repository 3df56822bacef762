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
)

const (
	// leaseDuration is after what time without a sign of life a leader is replaced.
	leaseDuration = 15 * time.Second
	// mailConcurrency is how many letters an operator has under way at most.
	mailConcurrency = 8
)

// replicas are two operators that serve a contact centre by turns.
func (d *desk) replicas() (first, second *operator) {
	d.Helper()
	return d.replicasAt(d.account, d.account)
}

// replicasAt are replicas that act at API servers of their own. Their Lease is in the
// contact centre's namespace, so that tests do not contend for one.
func (d *desk) replicasAt(one, other *rest.Config) (first, second *operator) {
	d.Helper()
	d.create(
		&rbacv1.Role{
			ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: "leases"},
			Rules:      []rbacv1.PolicyRule{{APIGroups: []string{"coordination.k8s.io"}, Resources: []string{"leases"}, Verbs: []string{"get", "create", "update"}}},
		},
		&rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: "leases"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "leases"},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: systemNamespace, Name: "rollcall-controller-manager"}},
		})
	elect := []string{"--leader-elect=true", "--leader-election-namespace=" + d.namespace}
	first = newOperator(d.T, one, []*desk{d}, elect...)
	second = newOperator(d.T, other, []*desk{d}, elect...)
	first.start()
	// The first is the leader.
	d.eventually("the first operator leads", func() error { return d.isLed("") })
	second.start()
	return first, second
}

// isLed is nil if there is a leader, other than one.
func (d *desk) isLed(besides string) error {
	if leader := d.leader(); leader == "" || leader == besides {
		return fmt.Errorf("the leader is %q", leader)
	}
	return nil
}

// leader is the name of the operator that holds the Lease; empty for none.
func (d *desk) leader() string {
	lease := &coordinationv1.Lease{}
	err := d.admin.Get(d.Context(), client.ObjectKey{Namespace: d.namespace, Name: "rollcall.dev"}, lease)
	if err != nil || lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *lease.Spec.HolderIdentity
}

// sleep stops the leader, and notes what may be under way.
func (d *desk) sleep(o *operator) gap {
	d.Helper()
	began := gap{from: time.Now(), issued: map[string]bool{}} //nolint:forbidigo // to compare with when letters came
	if err := o.Signal(syscall.SIGSTOP); err != nil {
		d.Fatal(err)
	}
	// What it has asked for may still happen.
	d.pause(500 * time.Millisecond)
	began.written = d.ledgers()
	secrets := &corev1.SecretList{}
	if err := d.admin.List(d.Context(), secrets, client.InNamespace(d.namespace)); err != nil {
		d.Fatal(err)
	}
	for i := range secrets.Items {
		began.issued[secrets.Items[i].Annotations[v1alpha1.IssueIDAnnotation]] = true
	}
	return began
}

// wake has a leader go on that slept.
func (d *desk) wake(o *operator) {
	d.Helper()
	if err := o.Signal(syscall.SIGCONT); err != nil {
		d.Fatal(err)
	}
}

// awaitWork waits until passwords are issued again, and returns how long after a
// time that was.
func (d *desk) awaitWork(since time.Time) time.Duration {
	d.Helper()
	// The witness' own watch may still be waiting, after an outage for a minute.
	d.lookAtSecrets()
	before := len(d.witness.passwords())
	d.within(3*leaseDuration, "a successor issues passwords", func() error {
		if d.lookAtSecrets(); len(d.witness.passwords()) == before {
			return errors.New("nothing is issued")
		}
		return nil
	})
	return elapsed(since)
}

// awaitEnd waits until an operator has ended by itself, as one does that has lost
// its Lease, and starts it again as a cluster does.
func (d *desk) awaitEnd(o *operator, g gap) {
	d.Helper()
	d.within(leaseDuration, "the operator that slept ends", func() error {
		if o.Exited() == nil {
			return errors.New("it runs")
		}
		return nil
	})
	// What it had sent the mail server may accept after its end.
	d.pause(time.Second)
	g.to = time.Now() //nolint:forbidigo // to compare with when letters came
	d.gaps = append(d.gaps, g)
	o.start()
}

// checkTwins checks that no more letters came twice than may have been under way,
// each time that a leader lost its Lease.
func (d *desk) checkTwins(times int) {
	d.Helper()
	count, twins := map[string]int{}, 0
	for _, letter := range d.mail.Messages() {
		if count[letter.MessageID()]++; count[letter.MessageID()] > 1 {
			twins++
		}
	}
	if twins > times*mailConcurrency {
		d.Errorf("%d letters came twice, and %d were under way at most", twins, times*mailConcurrency)
	}
}

func TestALeaderThatSleptPastItsLeaseUndoesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sharedCluster(t), smtptest.Options{})
	d.mail.SetFaults(smtptest.Faults{Delay: 300 * time.Millisecond})
	first, second := d.replicas()
	l := d.startLoad(everyday)
	d.pause(d.between(3*time.Second, 6*time.Second))
	// Each sleeps in its turn.
	for _, leader := range []*operator{first, second} {
		// As many letters are under way as can be.
		d.mail.SetFaults(smtptest.Faults{Delay: 3 * time.Second})
		d.pause(2 * time.Second)
		slept := d.sleep(leader)
		d.mail.SetFaults(smtptest.Faults{Delay: 30 * time.Millisecond})
		t.Logf("from the leader's last sign of life to the first work of its successor: %s", d.awaitWork(slept.from))
		d.pause(d.between(0, 2*time.Second))
		d.wake(leader)
		d.awaitEnd(leader, slept)
	}
	d.pause(2 * time.Second)
	l.stop()
	l.check()
	d.checkTwins(2)
	second.stop()
	first.stop()
}

func TestAStandbyGoesOnWhereAKilledLeaderEnded(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sharedCluster(t), smtptest.Options{})
	d.mail.SetFaults(smtptest.Faults{Delay: 300 * time.Millisecond})
	first, second := d.replicas()
	l := d.startLoad(everyday)
	d.pause(d.between(3*time.Second, 6*time.Second))
	from := time.Now() //nolint:forbidigo // to measure from
	d.crash(first)
	t.Logf("from the leader's end to the first work of its successor: %s", d.awaitWork(from))
	first.start()
	d.pause(d.between(0, 3*time.Second))
	d.crash(second)
	t.Logf("from the second leader's end to the first work of its successor: %s", d.awaitWork(d.gaps[1].from))
	d.pause(2 * time.Second)
	l.stop()
	l.check()
	d.checkTwins(2)
	first.stop()
}

func TestALeaderThatIsStoppedForLessThanItsLeaseGoesOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sharedCluster(t), smtptest.Options{})
	d.mail.SetFaults(smtptest.Faults{Delay: 300 * time.Millisecond})
	first, second := d.replicas()
	leader := d.leader()
	l := d.startLoad(everyday)
	for range 4 * *rounds {
		d.pause(d.between(time.Second, 4*time.Second))
		slept := d.sleep(first)
		// Renewed every 2 s, given up after 10 s without.
		d.pause(d.between(time.Second, 4*time.Second))
		d.wake(first)
		t.Logf("it slept for %s; its first work came after %s", elapsed(slept.from), d.awaitWork(slept.from))
	}
	if err := first.Exited(); err != nil || d.leader() != leader {
		t.Errorf("the leader is %s, no longer %s: %v", d.leader(), leader, err)
	}
	l.stop()
	l.check()
	d.checkTwins(0)
	second.stop()
	first.stop()
}

func TestALeaderThatSleptUntilItsLeaseWasAboutToEndDoesNotWorkBesideItsSuccessor(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sharedCluster(t), smtptest.Options{})
	d.mail.SetFaults(smtptest.Faults{Delay: 300 * time.Millisecond})
	first, second := d.replicas()
	leader := d.leader()
	l := d.startLoad(everyday)
	d.pause(d.between(3*time.Second, 6*time.Second))
	slept := d.sleep(first)
	d.pause(d.between(11*time.Second, 16*time.Second))
	d.wake(first)
	t.Logf("it slept for %s; the first work came after %s", elapsed(slept.from), d.awaitWork(slept.from))
	d.pause(2 * leaseDuration / 3)
	if first.Exited() != nil {
		// Where it woke before its successor came, it worked until it noticed, and ended
		// as in a crash: also what it issued then may have been under way.
		slept.issued = nil
		d.awaitEnd(first, slept)
	}
	d.eventually("there is a leader", func() error { return d.isLed("") })
	t.Logf("another leads: %t", d.leader() != leader)
	l.stop()
	l.check()
	d.checkTwins(1)
	second.stop()
	first.stop()
}

// With nobody to take its place it stays the leader for a moment in which its Lease has
// run out: what it wants to mail then has to wait, and not to be given up. As a rule it
// then ends, and is started again as a cluster does.
func TestALoneLeaderThatSleptPastItsLeaseForgetsNoLetter(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sharedCluster(t), smtptest.Options{})
	leader, other := d.replicas()
	other.stop()
	l := d.startLoad(everyday)
	d.pause(d.between(2*time.Second, 4*time.Second))
	slept := d.sleep(leader)
	d.pause(leaseDuration + d.between(2*time.Second, 5*time.Second))
	d.wake(leader)
	d.pause(3 * time.Second)
	if leader.Exited() != nil {
		leader.start()
	}
	slept.to = time.Now() //nolint:forbidigo // to compare with when letters came
	d.gaps = append(d.gaps, slept)
	l.stop()
	l.check()
	leader.stop()
}
