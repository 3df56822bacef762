//go:build faults

package faults

import (
	"testing"
	"time"

	"rollcall.dev/rollcall/test/smtptest"
)

func TestAnOperatorKilledAtRandomMomentsLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
	// A server that takes its time has messages under way at every moment.
	env.Mail.SetFaults(smtptest.Faults{Delay: 30 * time.Millisecond})
	o := newOperator(t, env.Cluster.Operator, []*environment{env})
	l := env.startLoad(everyday)
	for range 30 * *rounds {
		o.start()
		env.pause(env.between(200*time.Millisecond, 3*time.Second))
		env.crash(o)
	}
	o.start()
	l.stop()
	l.check()
	o.stop()
}
