//go:build faults

package faults

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/smtptest"
	"rollcall.dev/rollcall/test/testenv"
)

// probe is a contact center with nothing wrong, and nothing else to do, whose members
// are timed.
type probe struct {
	*environment
	mailed  chan string
	members int
}

// timings are how long members took.
type timings struct{ mailed, denied []time.Duration }

// String is what is usual, and the worst.
func (m timings) String() string {
	text := ""
	for _, one := range []struct {
		name string
		took []time.Duration
	}{{"created -> mailed", m.mailed}, {"forceOffline -> Denied", m.denied}} {
		text += fmt.Sprintf("%s p50 %s, max %s, of %d; ", one.name,
			median(one.took).Round(time.Millisecond), slices.Max(one.took).Round(time.Millisecond), len(one.took))
	}
	return text
}

// median is what is usual.
func median(took []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(took))[len(took)/2]
}

func newProbe(t *testing.T, c *testenv.Cluster) *probe {
	t.Helper()
	p := &probe{mailed: make(chan string, 1000)}
	p.environment = newEnvironment(t, c, smtptest.Options{OnMessage: func(m smtptest.Message) { p.mailed <- m.To[0] }})
	return p
}

// measure times members, one after the other, for a while.
func (p *probe) measure(what string, duration time.Duration) timings {
	p.Helper()
	var found timings
	for end := time.Now().Add(duration); time.Now().Before(end); { //nolint:forbidigo // to be measured
		p.members++
		name := fmt.Sprintf("probe-%d", p.members)
		begun := time.Now() //nolint:forbidigo // as above
		p.harmlessMember(name, v1alpha1.LocaleEnglish)
		p.awaitMail(what, name+"@example.com")
		found.mailed = append(found.mailed, time.Since(begun)) //nolint:forbidigo // as above
		begun = time.Now()                                     //nolint:forbidigo // as above
		if err := p.patch(p.Context(), name, `{"forceOffline":true}`); err != nil {
			p.Fatal(err)
		}
		p.awaitDenied(what, name)
		found.denied = append(found.denied, time.Since(begun)) //nolint:forbidigo // as above
		p.pause(100 * time.Millisecond)
	}
	return found
}

// awaitMail waits for a message.
func (p *probe) awaitMail(what, address string) {
	p.Helper()
	timer := time.NewTimer(fastEnough)
	defer timer.Stop()
	for {
		select {
		case to := <-p.mailed:
			if to == address {
				return
			}
		case <-timer.C:
			p.Fatalf("%s, and the message to %s takes longer than %s", what, address, fastEnough)
		}
	}
}

// awaitDenied waits until a member's login is denied.
func (p *probe) awaitDenied(what, name string) {
	p.Helper()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	timer := time.NewTimer(fastEnough)
	defer timer.Stop()
	for {
		select {
		case <-ticker.C:
			member, err := p.getMember(p.Context(), name)
			if err != nil {
				p.Fatal(err)
			}
			if member.Status.Login == v1alpha1.LoginDenied {
				return
			}
		case <-timer.C:
			p.Fatalf("%s, and the cut-off of %s takes longer than %s", what, name, fastEnough)
		}
	}
}
