//go:build faults

package faults

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/apitest"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/smtptest"
)

// downtime is a way for the API server to be down.
type downtime struct {
	name   string
	server *controlplane.Server
	end    func(*controlplane.Server) error
}

// downtimes are the ways for it to be down, in a random order.
func (d *desk) downtimes() []downtime {
	all := []downtime{
		{"the API server is stopped", d.plane.APIServer, (*controlplane.Server).Stop},
		{"the API server is killed", d.plane.APIServer, (*controlplane.Server).Kill},
		{"etcd is stopped", d.plane.Etcd, (*controlplane.Server).Stop},
		{"etcd is killed", d.plane.Etcd, (*controlplane.Server).Kill},
	}
	d.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// suffer has a downtime happen that lasts for a while, and returns once Members can be
// written again and are collected when they are deleted.
func (d *desk) suffer(o downtime, lasting time.Duration) {
	d.Helper()
	if err := o.end(o.server); err != nil {
		d.Fatalf("%s: %v", o.name, err)
	}
	d.pause(lasting)
	began := time.Now() //nolint:forbidigo // to measure from
	if err := o.server.Start(d.Context()); err != nil {
		d.Fatalf("%s: %v", o.name, err)
	}
	ready := time.Since(began) //nolint:forbidigo // as above
	// An API server that has started refuses what policies with parameters are about
	// until it knows the parameters' kind, which it asks itself twice a minute.
	d.eventually("Members can be written", func() error {
		return d.admin.Create(d.Context(), &v1alpha1.Member{
			ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: "nobody"},
			Spec:       v1alpha1.MemberSpec{Email: "nobody@example.com"},
		}, client.DryRunAll)
	})
	d.Logf("%s for %s; ready %s after the start, and Members writable after %s", o.name, lasting.Round(time.Millisecond),
		ready.Round(time.Millisecond), time.Since(began).Round(time.Millisecond)) //nolint:forbidigo // as above
	// The garbage collector takes a Member that was deleted and added again while its
	// watch was broken for one that was changed, and then never ends a deletion in the
	// foreground, for which the load waits. Another one begins anew.
	if err := d.plane.RestartControllerManager(d.Context()); err != nil {
		d.Fatal(err)
	}
}

func TestRestartsOfTheAPIServerAndOfEtcdLoseAndRepeatNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, ownCluster(t), smtptest.Options{})
	d.mail.SetFaults(smtptest.Faults{Delay: 30 * time.Millisecond})
	o := newOperator(t, d.account, []*desk{d})
	o.start()
	// Without an API server it would end while it starts, for a cluster to start again.
	d.eventually("the operator is at work", func() error {
		_, err := d.get(t.Context(), v1alpha1.SuperAdminMemberName)
		return err
	})
	l := d.startLoad(everyday)
	for range *rounds {
		for _, downtime := range d.downtimes() {
			d.pause(d.between(time.Second, 4*time.Second))
			d.suffer(downtime, d.between(0, 5*time.Second))
		}
	}
	d.pause(2 * time.Second)
	if err := o.Exited(); err != nil {
		t.Fatalf("the operator did not outlive it: %v\n%s", err, o.tail())
	}
	l.stop()
	l.check()
	o.stop()
}

func TestAnOutageThatCostsALeaderItsLeaseLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, ownCluster(t), smtptest.Options{})
	d.mail.SetFaults(smtptest.Faults{Delay: 30 * time.Millisecond})
	first, second := d.replicas()
	stop := d.keepRunning(first, second)
	l := d.startLoad(everyday)
	for _, downtime := range d.downtimes()[:2**rounds] {
		d.pause(d.between(3*time.Second, 5*time.Second))
		g := gap{from: time.Now(), written: d.ledgers()} //nolint:forbidigo // to compare with when letters came
		// A leader gives up 10 s after it could renew its Lease for the last time.
		d.suffer(downtime, d.between(12*time.Second, 16*time.Second))
		t.Logf("from the downtime's begin to the first work after it: %s", d.awaitWork(g.from))
		g.to = time.Now() //nolint:forbidigo // as above
		d.gaps = append(d.gaps, g)
	}
	l.stop()
	l.check()
	stop()
}

// keepRunning starts operators again that have ended, as a cluster does, until the
// function is called, which stops them.
func (d *desk) keepRunning(operators ...*operator) (stop func()) {
	ctx, cancel := context.WithCancel(d.Context())
	var keeping sync.WaitGroup
	for _, o := range operators {
		keeping.Go(func() {
			for {
				select {
				case <-o.Done():
					if err := o.launch(); err != nil { //nolint:contextcheck // it has the test's
						o.Errorf("starting the operator again: %v", err)
						return
					}
				case <-ctx.Done():
					return
				}
			}
		})
	}
	d.Cleanup(func() { cancel(); keeping.Wait() })
	return func() {
		d.Helper()
		cancel()
		keeping.Wait()
		for _, o := range operators {
			o.stop()
		}
	}
}

func TestAnAPIServerThatRefusesAShareOfRequestsLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	writes := apitest.Request.Writes
	failShare(t, []apitest.Fault{
		{Match: writes, Share: 0.08, Code: http.StatusConflict},
		{Match: writes, Share: 0.04, Code: http.StatusTooManyRequests},
		{Match: writes, Share: 0.08, Code: http.StatusInternalServerError},
		{Match: writes, Share: 0.08, Code: http.StatusServiceUnavailable},
		{Match: writes, Share: 0.04, Cut: true},
		{Share: 0.1, Code: http.StatusInternalServerError},
		{Share: 0.1, Delay: 300 * time.Millisecond},
	})
}

func TestAnAPIServerThatDoesAShareOfRequestsWithoutSayingSoLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	writes := apitest.Request.Writes
	failShare(t, []apitest.Fault{
		{Match: writes, Share: 0.12, Code: http.StatusInternalServerError, After: true},
		{Match: writes, Share: 0.12, Code: http.StatusGatewayTimeout, After: true},
		{Match: writes, Share: 0.12, Cut: true, After: true},
		{Share: 0.1, Delay: 300 * time.Millisecond, After: true},
	})
}

// failShare has an API server fail while a load is on it.
func failShare(t *testing.T, faults []apitest.Fault) {
	t.Helper()
	d := newDesk(t, sharedCluster(t), smtptest.Options{})
	d.mail.SetFaults(smtptest.Faults{Delay: 30 * time.Millisecond})
	proxy := d.startProxy()
	o := newOperator(t, proxy.Config(d.account), []*desk{d})
	proxy.SetFaults(apitest.Faults{Requests: faults})
	o.start()
	l := d.startLoad(everyday)
	d.pause(time.Duration(*rounds) * 20 * time.Second)
	l.stop()
	if err := o.Exited(); err != nil {
		t.Fatalf("the operator did not outlive it: %v\n%s", err, o.tail())
	}
	// What was failed so far has to be made up for while more is failed.
	d.eventually("all is as it was asked for, in spite of it", l.settled)
	proxy.SetFaults(apitest.Faults{})
	t.Logf("the proxy: %+v", proxy.Counts())
	l.check()
	o.stop()
}
