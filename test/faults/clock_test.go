//go:build faults

package faults

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/smtptest"
	"rollcall.dev/rollcall/test/testenv"
)

// wrongClock is the clock of an operator.
type wrongClock struct {
	*environment
	file string
}

// newClock gives an operator that does not run yet a clock that is right.
func (env *environment) newClock(o *operator) wrongClock {
	env.Helper()
	c := wrongClock{environment: env, file: filepath.Join(env.TempDir(), "clock")}
	c.set(0)
	o.SetEnvironment(testenv.ClockVariable + "=" + c.file)
	return c
}

// set puts the clock ahead of the machine's, or behind it.
func (c wrongClock) set(ahead time.Duration) {
	c.Helper()
	if err := os.WriteFile(c.file+".new", []byte(ahead.String()), 0o600); err != nil {
		c.Fatal(err)
	}
	// The operator reads it all the time, and never half of it.
	if err := os.Rename(c.file+".new", c.file); err != nil {
		c.Fatal(err)
	}
}

// limitMail has the contact center's mail limited, so that its rate limit sees the
// clock too.
func (env *environment) limitMail(perMinute int) {
	env.Helper()
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"mail": map[string]any{"smtp": map[string]any{"maxPerMinute": perMinute}}}})
	if err != nil {
		env.Fatal(err)
	}
	if err := env.Patch(env.Context(), env.ContactCenterWithIdentity(), client.RawPatch("application/merge-patch+json", patch), client.FieldOwner(controlplane.FieldManager)); err != nil {
		env.Fatal(err)
	}
}

func TestAClockThatWasWrongLeavesNothingBehindOnceItIsRight(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	tests := map[string]struct {
		ahead time.Duration
		// down reports whether the operator is down whenever the clock changes.
		down bool
	}{
		"an hour ahead":            {ahead: time.Hour},
		"a day behind":             {ahead: -day},
		"a year ahead over starts": {ahead: 365 * day, down: true},
		"an hour behind at starts": {ahead: -time.Hour, down: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
			env.limitMail(3000)
			o := newOperator(t, env.Cluster.Operator, []*environment{env})
			clock := env.newClock(o)
			change := func(ahead time.Duration) {
				if test.down {
					o.stop()
				}
				clock.set(ahead)
				if test.down {
					o.start()
				}
			}
			o.start()
			l := env.startLoad(everyday)
			now := time.Now() //nolint:forbidigo // to compare with the operator's
			// One is to be back while the clock is wrong, one soon after, one much later.
			for name, after := range map[string]time.Duration{"soon": 10 * time.Second, "later": 25 * time.Second, "much-later": 30 * time.Minute} {
				until := metav1.NewTime(now.Add(after).Truncate(time.Second))
				l.addMember(name, v1alpha1.MemberSpec{Role: v1alpha1.RoleSupervisor, ForceOfflineUntil: &until})
			}
			env.pause(env.between(2*time.Second, 4*time.Second))
			env.Mail.SetFaults(smtptest.Faults{Rcpt: &smtp.SMTPError{Code: 451, Message: "later"}})
			env.pause(2 * time.Second)
			change(test.ahead)
			env.pause(env.between(5*time.Second, 8*time.Second))
			env.Mail.SetFaults(smtptest.Faults{})
			env.pause(2 * time.Second)
			env.Mail.SetFaults(smtptest.Faults{Rcpt: &smtp.SMTPError{Code: 451, Message: "later"}})
			env.pause(2 * time.Second)
			change(0)
			right := time.Now() //nolint:forbidigo // to measure from
			env.Mail.SetFaults(smtptest.Faults{})
			env.pause(2 * time.Second)
			l.stop()
			// A message that was put off waits for a minute at the longest.
			env.Within(70*time.Second, "all is as the clock says", l.settled)
			t.Logf("all was as the clock says %s after it was right", elapsed(right))
			l.check()
			env.checkRepeats(0)
			o.stop()
		})
	}
}
