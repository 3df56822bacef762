//go:build faults

package faults

import (
	"errors"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/apitest"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/smtptest"
)

const (
	// silence is how long an operator believes a watch on which nothing comes.
	silence = 135 * time.Second
	// slack is what it may take on top, on a busy machine.
	slack = 30 * time.Second
	// atOnce is how long something may take, on a busy machine, that waits for nothing.
	atOnce = 15 * time.Second
)

// light is a load for when several contact centres are tested at a time, for longer.
var light = loadOptions{administrators: 2, members: 8, perSecond: 8}

func TestWatchesThatBreakLoseAndRepeatNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sharedCluster(t), smtptest.Options{})
	d.mail.SetFaults(smtptest.Faults{Delay: 30 * time.Millisecond})
	proxy := d.startProxy()
	o := newOperator(t, proxy.Config(d.account), []*desk{d})
	o.start()
	l := d.startLoad(everyday)
	d.pause(2 * time.Second)
	proxy.SetFaults(apitest.Faults{WatchLife: 3 * time.Second})
	for range 5 * *rounds {
		d.pause(d.between(2*time.Second, 5*time.Second))
		proxy.CutWatches(nil)
	}
	l.stop()
	d.eventually("all is as it was asked for, in spite of it", l.settled)
	proxy.SetFaults(apitest.Faults{})
	t.Logf("the proxy: %+v", proxy.Counts())
	l.check()
	o.stop()
}

// deaf is a contact centre whose operator hears nothing of one kind.
type deaf struct {
	// resource is the kind, for the proxy.
	resource string
	// change is what somebody changes meanwhile, and noticed is nil once that has had
	// its effect.
	change  func(*load)
	noticed func(*desk) error
	// late is whether cut-offs come late too.
	late bool
}

// deafnesses are the kinds that matter.
var deafnesses = []deaf{
	{
		resource: "members", late: true,
		change:  func(l *load) { l.forceOffline("ana") },
		noticed: func(d *desk) error { return d.isOut("ana") },
	},
	{
		resource: "secrets",
		change: func(l *load) {
			l.people["ana"].issues++
			l.deleteByHand(&corev1.Secret{}, "ana"+v1alpha1.CredentialsSecretSuffix)
		},
		noticed: func(d *desk) error {
			return d.there(&corev1.Secret{}, "ana"+v1alpha1.CredentialsSecretSuffix)
		},
	},
	{
		resource: "contactcenters",
		change: func(l *load) {
			change := client.RawPatch(types.MergePatchType, []byte(`{"spec":{"mail":{"from":"Acme <desk@example.com>"}}}`))
			if err := l.desk.admin.Patch(l.desk.Context(), l.desk.center(), change, client.FieldOwner(controlplane.FieldManager)); err != nil {
				l.desk.Fatal(err)
			}
		},
		noticed: func(d *desk) error {
			center := d.center()
			if err := d.admin.Get(d.Context(), client.ObjectKeyFromObject(center), center); err != nil {
				return err
			}
			if center.Status.ObservedGeneration != center.Generation {
				return fmt.Errorf("observedGeneration is %d, generation %d", center.Status.ObservedGeneration, center.Generation)
			}
			return nil
		},
	},
	{
		resource: "rolebindings",
		change: func(l *load) {
			l.deleteByHand(&rbacv1.RoleBinding{}, bindingName("ana"))
			// Of this RoleBinding the operator knows only that it has made it.
			l.employ("new", v1alpha1.MemberSpec{Role: v1alpha1.RoleSupervisor})
			l.desk.eventually("new may do what supervisors may", func() error { return l.desk.isIn("new") })
			l.forceOffline("new")
			l.desk.within(atOnce, "new is out, with an operator that has not heard of its RoleBinding", func() error { return l.desk.isOut("new") })
		},
		noticed: func(d *desk) error { return d.isIn("ana") },
	},
}

// Each contact centre has watches of its own, so in each another kind falls silent.
func TestAWatchThatStaysSilentIsNoticed(t *testing.T) {
	t.Parallel()
	c, silent := sharedCluster(t), map[string]string{}
	desks, loads := make([]*desk, len(deafnesses)), make([]*load, len(deafnesses))
	for i, deafness := range deafnesses {
		desks[i] = newDesk(t, c, smtptest.Options{})
		silent[desks[i].namespace] = deafness.resource
	}
	ofSilence := func(r apitest.Request) bool { return r.Resource != "" && silent[r.Namespace] == r.Resource }
	proxy := desks[0].startProxy()
	o := newOperator(t, proxy.Config(c.account), desks)
	o.start()
	for i, d := range desks {
		loads[i] = d.startLoad(light)
		loads[i].employ("ana", v1alpha1.MemberSpec{Role: v1alpha1.RoleSupervisor})
		loads[i].employ("wei", v1alpha1.MemberSpec{Role: v1alpha1.RoleSupervisor})
	}
	for _, d := range desks {
		d.eventually("ana and wei may do what supervisors may", func() error { return errors.Join(d.isIn("ana"), d.isIn("wei")) })
	}
	proxy.SetFaults(apitest.Faults{Silence: ofSilence})
	began := time.Now() //nolint:forbidigo // to measure from
	if open, quiet := proxy.Watches(ofSilence); open != len(desks) || quiet != len(desks) {
		t.Fatalf("%d watches are open, %d silent, want %d", open, quiet, len(desks))
	}
	for i, deafness := range deafnesses {
		deafness.change(loads[i])
		loads[i].forceOffline("wei")
	}
	for i, deafness := range deafnesses {
		if !deafness.late {
			desks[i].within(atOnce, "wei is out, though there is silence about "+deafness.resource, func() error { return desks[i].isOut("wei") })
		}
	}
	awaitNoticed(desks, began)
	desks[0].eventually("no silent watch is left", func() error {
		if open, quiet := proxy.Watches(ofSilence); open != len(desks) || quiet != 0 {
			return fmt.Errorf("%d are open, %d silent", open, quiet)
		}
		return nil
	})
	t.Logf("the proxy: %+v", proxy.Counts())
	for _, l := range loads {
		l.stop()
		l.check()
	}
	o.stop()
}

// awaitNoticed waits until what was changed in silence has had its effect everywhere.
func awaitNoticed(desks []*desk, began time.Time) {
	desks[0].Helper()
	noticed := map[string]time.Duration{}
	desks[0].within(silence+slack, "the silence is noticed", func() error {
		var missing error
		for i, deafness := range deafnesses {
			if _, ok := noticed[deafness.resource]; ok {
				continue
			}
			if err := errors.Join(deafness.noticed(desks[i]), desks[i].isOut("wei")); err != nil {
				missing = errors.Join(missing, fmt.Errorf("%s: %w", deafness.resource, err))
				continue
			}
			noticed[deafness.resource] = time.Since(began).Round(time.Second) //nolint:forbidigo // to tell how long it took
		}
		return missing
	})
	desks[0].Logf("noticed after %v", noticed)
}

func TestAnOperatorThatStartsInSilenceWorksOnceItHears(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sharedCluster(t), smtptest.Options{})
	proxy := d.startProxy()
	proxy.SetFaults(apitest.Faults{Silence: func(apitest.Request) bool { return true }, SilenceNew: true})
	o := newOperator(t, proxy.Config(d.account), []*desk{d})
	o.start()
	d.eventually("the operator watches Members", func() error {
		if open, quiet := proxy.Watches(func(r apitest.Request) bool { return r.Resource == "members" }); open == 0 || quiet != open {
			return fmt.Errorf("%d watches are open, %d silent", open, quiet)
		}
		return nil
	})
	proxy.SetFaults(apitest.Faults{})
	began := time.Now() //nolint:forbidigo // to measure from
	l := d.startLoad(light)
	l.employ("ana", v1alpha1.MemberSpec{Role: v1alpha1.RoleSupervisor})
	d.within(silence+slack, "ana may do what supervisors may", func() error { return d.isIn("ana") })
	t.Logf("it works %s after it hears what is new", time.Since(began).Round(time.Second)) //nolint:forbidigo // as above
	if err := o.Exited(); err != nil {
		t.Fatalf("the operator did not outlive it: %v\n%s", err, o.tail())
	}
	l.stop()
	l.check()
	o.stop()
}

// forceOffline forces somebody offline whom the administrators leave alone.
func (l *load) forceOffline(name string) {
	l.desk.Helper()
	p := l.people[name]
	p.spec.ForceOffline = true
	if err := l.patch(l.desk.Context(), p, map[string]any{"forceOffline": true}); err != nil {
		l.desk.Fatal(err)
	}
}

// deleteByHand deletes what is the operator's.
func (l *load) deleteByHand(object client.Object, name string) {
	l.desk.Helper()
	object.SetNamespace(l.desk.namespace)
	object.SetName(name)
	if err := l.desk.admin.Delete(l.desk.Context(), object); err != nil {
		l.desk.Fatal(err)
	}
}

// bindingName is the name of a Member's RoleBinding.
func bindingName(member string) string {
	return (&v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Name: member}}).RoleBindingName()
}

// there is nil if an object exists.
func (d *desk) there(object client.Object, name string) error {
	return d.admin.Get(d.Context(), client.ObjectKey{Namespace: d.namespace, Name: name}, object)
}

// isIn is nil for a member who may log in, and has the permissions of the role.
func (d *desk) isIn(name string) error {
	member, err := d.get(d.Context(), name)
	if err != nil {
		return err
	}
	if member.Status.Login != v1alpha1.LoginAllowed {
		return fmt.Errorf("login of %s is %q", name, member.Status.Login)
	}
	return d.there(&rbacv1.RoleBinding{}, bindingName(name))
}

// isOut is nil for a member who may not log in, and has no permissions.
func (d *desk) isOut(name string) error {
	member, err := d.get(d.Context(), name)
	if err != nil {
		return err
	}
	if member.Status.Login != v1alpha1.LoginDenied {
		return fmt.Errorf("login of %s is %q", name, member.Status.Login)
	}
	err = d.there(&rbacv1.RoleBinding{}, bindingName(name))
	if apierrors.IsNotFound(err) {
		return nil
	}
	return errors.Join(fmt.Errorf("%s has a RoleBinding", name), err)
}
