//go:build faults

package faults

import (
	"fmt"
	"testing"
	"time"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/faultproxy"
	"rollcall.dev/rollcall/test/smtptest"
)

func TestALeaderSuspendedBeforeItMailsAPasswordDoesNotMailItAfterANewerOne(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
	proxy := env.startProxy()
	first, second := env.replicasAt(proxy.Config(env.Cluster.Operator), env.Cluster.Operator)
	l := env.startLoad(loadOptions{perSecond: 1})
	people := make([]*expectedMember, 20)
	for i := range people {
		people[i] = l.addMember(fmt.Sprintf("ada-%02d", i), v1alpha1.MemberSpec{Role: v1alpha1.RoleDeskStaff})
	}
	env.Eventually("all members have a password", l.settled)
	// The passwords of messages arrive late, and the leader falls asleep over them.
	proxy.SetFaults(faultproxy.Faults{Requests: []faultproxy.Fault{{
		Match: func(r faultproxy.Request) bool { return r.Verb == "get" && r.Resource == "secrets" },
		Share: 1, After: true, Delay: 3 * time.Second,
	}}})
	for _, p := range people {
		l.reset(p, "before")
	}
	env.Eventually("the leader waits for passwords", func() error {
		if delayed := proxy.Counts().Delayed; delayed < 4 {
			return fmt.Errorf("for %d", delayed)
		}
		return nil
	})
	slept := env.suspend(first)
	proxy.SetFaults(faultproxy.Faults{})
	for _, p := range people {
		l.reset(p, "meanwhile")
	}
	env.Eventually("the successor has mailed all members", l.settled)
	env.resume(first)
	env.awaitEnd(first, slept)
	l.stop()
	l.check()
	second.stop()
	first.stop()
}
