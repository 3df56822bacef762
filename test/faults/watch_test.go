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
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/faultproxy"
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

// light is a load for when several contact centers are tested at a time, for longer.
var light = loadOptions{administrators: 2, members: 8, perSecond: 8}

func TestWatchesThatBreakLoseAndRepeatNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
	env.Mail.SetFaults(smtptest.Faults{Delay: 30 * time.Millisecond})
	proxy := env.startProxy()
	o := newOperator(t, proxy.Config(env.Cluster.Operator), []*environment{env})
	o.start()
	l := env.startLoad(everyday)
	env.pause(2 * time.Second)
	proxy.SetFaults(faultproxy.Faults{WatchLife: 3 * time.Second})
	for range 5 * *rounds {
		env.pause(env.between(2*time.Second, 5*time.Second))
		proxy.CutWatches(nil)
	}
	l.stop()
	env.Eventually("all is as it was asked for, in spite of it", l.settled)
	proxy.SetFaults(faultproxy.Faults{})
	t.Logf("the proxy: %+v", proxy.Counts())
	l.check()
	o.stop()
}

// silentWatch is a contact center whose operator gets no events of one resource kind.
type silentWatch struct {
	// resource is the kind, for the proxy.
	resource string
	// change is what an administrator changes meanwhile, and noticed is nil once that has had
	// its effect.
	change  func(*load)
	noticed func(*environment) error
	// late reports whether cut-offs come late too.
	late bool
}

// silentWatches are the resource kinds that matter.
var silentWatches = []silentWatch{
	{
		resource: "members", late: true,
		change:  func(l *load) { l.forceOffline("ana") },
		noticed: func(env *environment) error { return env.loginIsDenied("ana") },
	},
	{
		resource: "secrets",
		change: func(l *load) {
			l.members["ana"].issues++
			l.deleteByHand(&corev1.Secret{}, "ana"+v1alpha1.CredentialsSecretSuffix)
		},
		noticed: func(env *environment) error {
			return env.exists(&corev1.Secret{}, "ana"+v1alpha1.CredentialsSecretSuffix)
		},
	},
	{
		resource: "contactcenters",
		change: func(l *load) {
			change := client.RawPatch(types.MergePatchType, []byte(`{"spec":{"mail":{"from":"Acme <desk@example.com>"}}}`))
			if err := l.env.Patch(l.env.Context(), l.env.ContactCenterWithIdentity(), change, client.FieldOwner(controlplane.FieldManager)); err != nil {
				l.env.Fatal(err)
			}
		},
		noticed: func(env *environment) error {
			center := env.ContactCenterWithIdentity()
			if err := env.Get(env.Context(), client.ObjectKeyFromObject(center), center); err != nil {
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
			l.addMember("new", v1alpha1.MemberSpec{Role: v1alpha1.RoleSupervisor})
			l.env.Eventually("new may do what supervisors may", func() error { return l.env.loginIsAllowed("new") })
			l.forceOffline("new")
			l.env.Within(atOnce, "new is out, with an operator that has not heard of its RoleBinding", func() error { return l.env.loginIsDenied("new") })
		},
		noticed: func(env *environment) error { return env.loginIsAllowed("ana") },
	},
}

// Each contact center has watches of its own, so in each another resource kind falls silent.
func TestAWatchThatStaysSilentIsNoticed(t *testing.T) {
	t.Parallel()
	c, silent := shared.Cluster(t), map[string]string{}
	environments, loads := make([]*environment, len(silentWatches)), make([]*load, len(silentWatches))
	for i, deafness := range silentWatches {
		environments[i] = newEnvironment(t, c, smtptest.Options{})
		silent[environments[i].Namespace] = deafness.resource
	}
	ofSilence := func(r faultproxy.Request) bool { return r.Resource != "" && silent[r.Namespace] == r.Resource }
	proxy := environments[0].startProxy()
	o := newOperator(t, proxy.Config(c.Operator), environments)
	o.start()
	for i, env := range environments {
		loads[i] = env.startLoad(light)
		loads[i].addMember("ana", v1alpha1.MemberSpec{Role: v1alpha1.RoleSupervisor})
		loads[i].addMember("wei", v1alpha1.MemberSpec{Role: v1alpha1.RoleSupervisor})
	}
	for _, env := range environments {
		env.Eventually("ana and wei may do what supervisors may", func() error { return errors.Join(env.loginIsAllowed("ana"), env.loginIsAllowed("wei")) })
	}
	proxy.SetFaults(faultproxy.Faults{Silence: ofSilence})
	began := time.Now() //nolint:forbidigo // to measure from
	if open, quiet := proxy.Watches(ofSilence); open != len(environments) || quiet != len(environments) {
		t.Fatalf("%d watches are open, %d silent, want %d", open, quiet, len(environments))
	}
	for i, deafness := range silentWatches {
		deafness.change(loads[i])
		loads[i].forceOffline("wei")
	}
	for i, deafness := range silentWatches {
		if !deafness.late {
			environments[i].Within(atOnce, "wei is out, though there is silence about "+deafness.resource, func() error { return environments[i].loginIsDenied("wei") })
		}
	}
	awaitNoticed(environments, began)
	environments[0].Eventually("no silent watch is left", func() error {
		if open, quiet := proxy.Watches(ofSilence); open != len(environments) || quiet != 0 {
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
func awaitNoticed(environments []*environment, began time.Time) {
	environments[0].Helper()
	noticed := map[string]time.Duration{}
	environments[0].Within(silence+slack, "the silence is noticed", func() error {
		var missing error
		for i, deafness := range silentWatches {
			if _, ok := noticed[deafness.resource]; ok {
				continue
			}
			if err := errors.Join(deafness.noticed(environments[i]), environments[i].loginIsDenied("wei")); err != nil {
				missing = errors.Join(missing, fmt.Errorf("%s: %w", deafness.resource, err))
				continue
			}
			noticed[deafness.resource] = time.Since(began).Round(time.Second) //nolint:forbidigo // to tell how long it took
		}
		return missing
	})
	environments[0].Logf("noticed after %v", noticed)
}

func TestAnOperatorThatStartsWithSilentWatchesWorksOnceTheyRecover(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
	proxy := env.startProxy()
	proxy.SetFaults(faultproxy.Faults{Silence: func(faultproxy.Request) bool { return true }, SilenceNew: true})
	o := newOperator(t, proxy.Config(env.Cluster.Operator), []*environment{env})
	o.start()
	env.Eventually("the operator watches Members", func() error {
		if open, quiet := proxy.Watches(func(r faultproxy.Request) bool { return r.Resource == "members" }); open == 0 || quiet != open {
			return fmt.Errorf("%d watches are open, %d silent", open, quiet)
		}
		return nil
	})
	proxy.SetFaults(faultproxy.Faults{})
	began := time.Now() //nolint:forbidigo // to measure from
	l := env.startLoad(light)
	l.addMember("ana", v1alpha1.MemberSpec{Role: v1alpha1.RoleSupervisor})
	env.Within(silence+slack, "ana may do what supervisors may", func() error { return env.loginIsAllowed("ana") })
	t.Logf("it works %s after it hears what is new", time.Since(began).Round(time.Second)) //nolint:forbidigo // as above
	if err := o.Exited(); err != nil {
		t.Fatalf("the operator did not outlive it: %v\n%s", err, o.tail())
	}
	l.stop()
	l.check()
	o.stop()
}

// forceOffline forces a member offline whom the load leaves alone.
func (l *load) forceOffline(name string) {
	l.env.Helper()
	p := l.members[name]
	p.spec.ForceOffline = true
	if err := l.patch(l.env.Context(), p, map[string]any{"forceOffline": true}); err != nil {
		l.env.Fatal(err)
	}
}

// deleteByHand deletes what is the operator's.
func (l *load) deleteByHand(object client.Object, name string) {
	l.env.Helper()
	object.SetNamespace(l.env.Namespace)
	object.SetName(name)
	if err := l.env.Delete(l.env.Context(), object); err != nil {
		l.env.Fatal(err)
	}
}

// bindingName is the name of a Member's RoleBinding.
func bindingName(member string) string {
	return (&v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Name: member}}).RoleBindingName()
}

// exists is nil if an object exists.
func (env *environment) exists(object client.Object, name string) error {
	return env.Get(env.Context(), client.ObjectKey{Namespace: env.Namespace, Name: name}, object)
}

// loginIsAllowed returns nil for a member who may log in, and has the permissions of the role.
func (env *environment) loginIsAllowed(name string) error {
	member, err := env.getMember(env.Context(), name)
	if err != nil {
		return err
	}
	if member.Status.Login != v1alpha1.LoginAllowed {
		return fmt.Errorf("login of %s is %q", name, member.Status.Login)
	}
	return env.exists(&rbacv1.RoleBinding{}, bindingName(name))
}

// loginIsDenied returns nil for a member who may not log in, and has no permissions.
func (env *environment) loginIsDenied(name string) error {
	member, err := env.getMember(env.Context(), name)
	if err != nil {
		return err
	}
	if member.Status.Login != v1alpha1.LoginDenied {
		return fmt.Errorf("login of %s is %q", name, member.Status.Login)
	}
	err = env.exists(&rbacv1.RoleBinding{}, bindingName(name))
	if apierrors.IsNotFound(err) {
		return nil
	}
	return errors.Join(fmt.Errorf("%s has a RoleBinding", name), err)
}
