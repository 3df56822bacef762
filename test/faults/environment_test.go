//go:build faults

package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/smtptest"
	"rollcall.dev/rollcall/test/testenv"
)

// patience is how long a test waits for what must come: the operator has all the
// time that back-off, a busy machine and the race detector take. And so has the
// garbage collector, whose back-off doubles during an outage, to minutes.
const patience = 4 * time.Minute

// environment is a contact center in a namespace of its own, with a mail server.
type environment struct {
	*testenv.Environment

	// seed is the test's; random, which decides the moments of faults, comes from it.
	seed   uint64
	random *rand.Rand
	// operators are those that serve it.
	operators []*operator
	secrets   *secretObserver
	// gaps are the times in which a message may be sent twice.
	gaps []gap
}

// newEnvironment creates a contact center with a mail server that works.
func newEnvironment(t *testing.T, c *testenv.Cluster, options smtptest.Options) *environment {
	t.Helper()
	return newNamedEnvironment(t, c, "faults-", options)
}

// newNamedEnvironment is newEnvironment with the name of the namespace, or a prefix of it.
func newNamedEnvironment(t *testing.T, c *testenv.Cluster, name string, options smtptest.Options) *environment {
	t.Helper()
	env := &environment{Environment: c.NewEnvironment(t, name, options), seed: seedOf(t)}
	env.Patience = patience
	env.Logs = func() (logs string) {
		for _, o := range env.operators {
			logs += "\nend of an operator's log:\n" + o.tail()
		}
		return logs
	}
	env.random = env.stream(0)
	env.observeSecrets()
	env.CreateAll(env.ContactCenterWithIdentity())
	return env
}

// stream is a sequence of random numbers that depends on the seed and its own
// number only.
func (env *environment) stream(number uint64) *rand.Rand {
	return rand.New(rand.NewPCG(env.seed, number))
}

// between is a random duration.
func (env *environment) between(least, most time.Duration) time.Duration {
	return least + time.Duration(env.random.Int64N(int64(most-least)))
}

// pause lets the load go on for a while, since a fault has to last.
func (env *environment) pause(duration time.Duration) {
	env.Helper()
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-env.Context().Done():
		env.Fatal(env.Context().Err())
	}
}

// elapsed is how long ago something was, for what tests measure.
func elapsed(begun time.Time) time.Duration {
	return time.Since(begun) //nolint:forbidigo // measuring
}

// getMember reads a Member.
func (env *environment) getMember(ctx context.Context, name string) (*v1alpha1.Member, error) {
	member := &v1alpha1.Member{}
	return member, env.Get(ctx, client.ObjectKey{Namespace: env.Namespace, Name: name}, member)
}

// patch changes a Member's spec as an administrator does.
func (env *environment) patch(ctx context.Context, name, spec string) error {
	member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: name}}
	change := client.RawPatch("application/merge-patch+json", []byte(`{"spec":`+spec+`}`))
	return env.Patch(ctx, member, change, client.FieldOwner(controlplane.FieldManager))
}

// gap is a time in which an operator could not tell that it had sent a message: when
// it was killed, or slept.
type gap struct {
	from, to time.Time
	// written are the issue IDs that a mail record had when the gap began: a message with
	// one of them is never sent again.
	written map[string]bool
	// issued are the issue IDs that Secrets had then, where it is known: a message
	// with another was not under way, and is not sent twice. nil: any.
	issued map[string]bool
}

// crash kills the only operator, and notes what the mail records have then.
func (env *environment) crash(o *operator) {
	env.Helper()
	from := time.Now() //nolint:forbidigo // to compare with when letters came
	o.kill()
	// What it had sent the mail server may accept after its end.
	env.Eventually("the mail server is done with the operator's connections", func() error {
		if _, open := env.Mail.Connections(); open > 0 {
			return fmt.Errorf("%d are open", open)
		}
		return nil
	})
	env.gaps = append(env.gaps, gap{from: from, to: time.Now(), written: env.acceptedIssues()}) //nolint:forbidigo // as above
}

// acceptedIssues are the issue IDs that Members' statuses have as mailed.
func (env *environment) acceptedIssues() map[string]bool {
	env.Helper()
	members, err := env.ListMembers()
	if err != nil {
		env.Fatal(err)
	}
	written := map[string]bool{}
	for _, member := range members {
		if record := member.Status.Mail; record != nil && record.AcceptedAt != nil {
			written[record.IssueID] = true
		}
	}
	return written
}
