//go:build faults

package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/smtptest"
)

// patience is how long a test waits for what must come: the operator has all the
// time that back-off, a busy machine and the race detector take. And so has the
// garbage collector, whose back-off doubles during an outage, to minutes.
const patience = 4 * time.Minute

// usernamePrefix is what members are called at the API server.
const usernamePrefix = "oidc:"

// desk is a contact centre in a namespace of its own, with a mail server.
type desk struct {
	*testing.T
	*cluster
	namespace string
	mail      *smtptest.Server
	// seed is the test's, and random comes from it, for the moments of faults.
	seed   uint64
	random *rand.Rand
	// operators are those that serve it.
	operators []*operator
	witness   *witness
	// gaps are the times in which a letter may go out twice.
	gaps []gap
}

// newDesk opens a contact centre, with a mail server that works.
func newDesk(t *testing.T, c *cluster, options smtptest.Options) *desk {
	t.Helper()
	return openDesk(t, c, metav1.ObjectMeta{GenerateName: "faults-"}, options)
}

// openDesk opens a contact centre in a namespace that is called so.
func openDesk(t *testing.T, c *cluster, called metav1.ObjectMeta, options smtptest.Options) *desk {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: called}
	if err := c.admin.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	server, err := smtptest.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("closing the mail server: %v", err)
		}
	})
	d := &desk{T: t, cluster: c, namespace: namespace.Name, mail: server, seed: seedOf(t)}
	d.random = d.stream(0)
	d.watchSecrets()
	d.create(d.center())
	return d
}

// stream is a sequence of random numbers that depends on the seed and its own
// number only.
func (d *desk) stream(number uint64) *rand.Rand {
	return rand.New(rand.NewPCG(d.seed, number))
}

// between is a random duration.
func (d *desk) between(least, most time.Duration) time.Duration {
	return least + time.Duration(d.random.Int64N(int64(most-least)))
}

// center is the ContactCenter.
func (d *desk) center() *v1alpha1.ContactCenter {
	return &v1alpha1.ContactCenter{
		ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: v1alpha1.ContactCenterName},
		Spec: v1alpha1.ContactCenterSpec{
			DisplayName: "Acme Support",
			LoginURL:    "https://desk.example.com/login",
			SuperAdmin:  v1alpha1.SuperAdmin{Name: "Sam Okafor", Email: "sam@example.com"},
			Identity:    &v1alpha1.Identity{UsernamePrefix: usernamePrefix},
			Mail: &v1alpha1.Mail{
				From: "Acme <rollcall@example.com>",
				SMTP: v1alpha1.SMTP{Host: d.mail.Host(), Port: int32(d.mail.Port()), TLS: v1alpha1.TLSNone},
			},
		},
	}
}

// create creates objects.
func (d *desk) create(objects ...client.Object) {
	d.Helper()
	for _, object := range objects {
		if err := d.admin.Create(d.Context(), object); err != nil {
			d.Fatalf("creating %T %s: %v", object, object.GetName(), err)
		}
	}
}

// eventually waits until a state of the world is reached, and fails with what was
// last missing.
func (d *desk) eventually(what string, reached func() error) {
	d.Helper()
	d.within(patience, what, reached)
}

// within is eventually, with a time of its own.
func (d *desk) within(limit time.Duration, what string, reached func() error) {
	d.Helper()
	var missing error
	err := wait.PollUntilContextTimeout(d.Context(), 50*time.Millisecond, limit, true, func(context.Context) (bool, error) {
		missing = reached()
		return missing == nil, nil
	})
	if err != nil {
		logs := ""
		for _, o := range d.operators {
			logs += "\nlog of an operator, its end:\n" + o.tail()
		}
		d.Fatalf("%s: not within %s: %v%s", what, limit, missing, logs)
	}
}

// pause lets the load go on for a while, since a fault has to last.
func (d *desk) pause(duration time.Duration) {
	d.Helper()
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.Context().Done():
		d.Fatal(d.Context().Err())
	}
}

// elapsed is how long ago something was, for what tests measure.
func elapsed(begun time.Time) time.Duration {
	return time.Since(begun) //nolint:forbidigo // measuring
}

// get reads a Member.
func (d *desk) get(ctx context.Context, name string) (*v1alpha1.Member, error) {
	member := &v1alpha1.Member{}
	return member, d.admin.Get(ctx, client.ObjectKey{Namespace: d.namespace, Name: name}, member)
}

// patch changes a Member's spec as an administrator does.
func (d *desk) patch(ctx context.Context, name, spec string) error {
	member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: name}}
	change := client.RawPatch("application/merge-patch+json", []byte(`{"spec":`+spec+`}`))
	return d.admin.Patch(ctx, member, change, client.FieldOwner(controlplane.FieldManager))
}

// members are all Members, by name.
func (d *desk) members() (map[string]*v1alpha1.Member, error) {
	list := &v1alpha1.MemberList{}
	if err := d.admin.List(d.Context(), list, client.InNamespace(d.namespace)); err != nil {
		return nil, err
	}
	found := make(map[string]*v1alpha1.Member, len(list.Items))
	for i := range list.Items {
		found[list.Items[i].Name] = &list.Items[i]
	}
	return found, nil
}

// gap is a time in which an operator could not tell that it had sent a letter: when
// it was killed, or slept.
type gap struct {
	from, to time.Time
	// written are the issue IDs that a ledger had when the gap began: a letter with
	// one of them is never sent again.
	written map[string]bool
	// issued are the issue IDs that Secrets had then, where it is known: a letter
	// with another was not under way, and is not sent twice. nil: any.
	issued map[string]bool
}

// crash kills the only operator, and notes what the ledgers have then.
func (d *desk) crash(o *operator) {
	d.Helper()
	from := time.Now() //nolint:forbidigo // to compare with when letters came
	o.kill()
	// What it had sent the mail server may accept after its end.
	d.eventually("the mail server is done with the operator's connections", func() error {
		if _, open := d.mail.Connections(); open > 0 {
			return fmt.Errorf("%d are open", open)
		}
		return nil
	})
	d.gaps = append(d.gaps, gap{from: from, to: time.Now(), written: d.ledgers()}) //nolint:forbidigo // as above
}

// ledgers are the issue IDs that Members' statuses have as mailed.
func (d *desk) ledgers() map[string]bool {
	d.Helper()
	members, err := d.members()
	if err != nil {
		d.Fatal(err)
	}
	written := map[string]bool{}
	for _, member := range members {
		if ledger := member.Status.Mail; ledger != nil && ledger.AcceptedAt != nil {
			written[ledger.IssueID] = true
		}
	}
	return written
}
