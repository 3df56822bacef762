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
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/faultproxy"
	"rollcall.dev/rollcall/test/smtptest"
)

// downtime is a way for the API server to be down.
type downtime struct {
	name   string
	server *controlplane.Server
	end    func(*controlplane.Server) error
}

// downtimes are the ways for it to be down, in a random order.
func (env *environment) downtimes() []downtime {
	all := []downtime{
		{"the API server is stopped", env.Cluster.APIServer, (*controlplane.Server).Stop},
		{"the API server is killed", env.Cluster.APIServer, (*controlplane.Server).Kill},
		{"etcd is stopped", env.Cluster.Etcd, (*controlplane.Server).Stop},
		{"etcd is killed", env.Cluster.Etcd, (*controlplane.Server).Kill},
	}
	env.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// takeDown has a downtime happen that lasts for a while, and returns once Members can be
// written again and are collected when they are deleted.
func (env *environment) takeDown(o downtime, lasting time.Duration) {
	env.Helper()
	if err := o.end(o.server); err != nil {
		env.Fatalf("%s: %v", o.name, err)
	}
	env.pause(lasting)
	began := time.Now() //nolint:forbidigo // to measure from
	if err := o.server.Start(env.Context()); err != nil {
		env.Fatalf("%s: %v", o.name, err)
	}
	ready := time.Since(began) //nolint:forbidigo // as above
	// An API server that has started refuses what policies with parameters are about
	// until it knows the parameters' kind, which it asks itself twice a minute.
	env.Eventually("Members can be written", func() error {
		return env.Create(env.Context(), &v1alpha1.Member{
			ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "nobody"},
			Spec:       v1alpha1.MemberSpec{Email: "nobody@example.com"},
		}, client.DryRunAll)
	})
	env.Logf("%s for %s; ready %s after the start, and Members writable after %s", o.name, lasting.Round(time.Millisecond),
		ready.Round(time.Millisecond), time.Since(began).Round(time.Millisecond)) //nolint:forbidigo // as above
	// The garbage collector takes a Member that was deleted and added again while its
	// watch was broken for one that was changed, and then never ends a deletion in the
	// foreground, for which the load waits. Another one begins anew.
	if err := env.Cluster.RestartControllerManager(env.Context()); err != nil {
		env.Fatal(err)
	}
}

func TestRestartsOfTheAPIServerAndOfEtcdLoseAndRepeatNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t, ownCluster(t), smtptest.Options{})
	env.Mail.SetFaults(smtptest.Faults{Delay: 30 * time.Millisecond})
	o := newOperator(t, env.Cluster.Operator, []*environment{env})
	o.start()
	// Without an API server it would end while it starts, for a cluster to start again.
	env.Eventually("the operator is at work", func() error {
		_, err := env.getMember(t.Context(), v1alpha1.SuperAdminMemberName)
		return err
	})
	l := env.startLoad(everyday)
	for range *rounds {
		for _, downtime := range env.downtimes() {
			env.pause(env.between(time.Second, 4*time.Second))
			env.takeDown(downtime, env.between(0, 5*time.Second))
		}
	}
	env.pause(2 * time.Second)
	if err := o.Exited(); err != nil {
		t.Fatalf("the operator did not outlive it: %v\n%s", err, o.tail())
	}
	l.stop()
	l.check()
	o.stop()
}

func TestAnOutageThatCostsALeaderItsLeaseLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t, ownCluster(t), smtptest.Options{})
	env.Mail.SetFaults(smtptest.Faults{Delay: 30 * time.Millisecond})
	first, second := env.replicas()
	stop := env.restartWhenEnded(first, second)
	l := env.startLoad(everyday)
	for _, downtime := range env.downtimes()[:2**rounds] {
		env.pause(env.between(3*time.Second, 5*time.Second))
		g := gap{from: time.Now(), written: env.acceptedIssues()} //nolint:forbidigo // to compare with when letters came
		// A leader gives up 10 s after it could renew its Lease for the last time.
		env.takeDown(downtime, env.between(12*time.Second, 16*time.Second))
		t.Logf("from the downtime's begin to the first work after it: %s", env.awaitWork(g.from))
		g.to = time.Now() //nolint:forbidigo // as above
		env.gaps = append(env.gaps, g)
	}
	l.stop()
	l.check()
	stop()
}

// restartWhenEnded starts operators again that have ended, as a cluster does, until the
// function is called, which stops them.
func (env *environment) restartWhenEnded(operators ...*operator) (stop func()) {
	ctx, cancel := context.WithCancel(env.Context())
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
	env.Cleanup(func() { cancel(); keeping.Wait() })
	return func() {
		env.Helper()
		cancel()
		keeping.Wait()
		for _, o := range operators {
			o.stop()
		}
	}
}

func TestAnAPIServerThatRefusesAShareOfRequestsLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	writes := faultproxy.Request.Writes
	failShare(t, []faultproxy.Fault{
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
	writes := faultproxy.Request.Writes
	failShare(t, []faultproxy.Fault{
		{Match: writes, Share: 0.12, Code: http.StatusInternalServerError, After: true},
		{Match: writes, Share: 0.12, Code: http.StatusGatewayTimeout, After: true},
		{Match: writes, Share: 0.12, Cut: true, After: true},
		{Share: 0.1, Delay: 300 * time.Millisecond, After: true},
	})
}

// failShare has an API server fail while a load is on it.
func failShare(t *testing.T, faults []faultproxy.Fault) {
	t.Helper()
	env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
	env.Mail.SetFaults(smtptest.Faults{Delay: 30 * time.Millisecond})
	proxy := env.startProxy()
	o := newOperator(t, proxy.Config(env.Cluster.Operator), []*environment{env})
	proxy.SetFaults(faultproxy.Faults{Requests: faults})
	o.start()
	l := env.startLoad(everyday)
	env.pause(time.Duration(*rounds) * 20 * time.Second)
	l.stop()
	if err := o.Exited(); err != nil {
		t.Fatalf("the operator did not outlive it: %v\n%s", err, o.tail())
	}
	// What was failed so far has to be made up for while more is failed.
	env.Eventually("all is as it was asked for, in spite of it", l.settled)
	proxy.SetFaults(faultproxy.Faults{})
	t.Logf("the proxy: %+v", proxy.Counts())
	l.check()
	o.stop()
}
