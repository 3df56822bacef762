//go:build faults

package faults

import (
	"testing"
	"time"

	"rollcall.dev/rollcall/test/smtptest"
)

func TestAnOperatorKilledAtRandomMomentsLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sharedCluster(t), smtptest.Options{})
	// A server that takes its time has letters under way at every moment.
	d.mail.SetFaults(smtptest.Faults{Delay: 30 * time.Millisecond})
	o := newOperator(t, d.account, []*desk{d})
	l := d.startLoad(everyday)
	for range 30 * *rounds {
		o.start()
		d.pause(d.between(200*time.Millisecond, 3*time.Second))
		d.crash(o)
	}
	o.start()
	l.stop()
	l.check()
	o.stop()
}
