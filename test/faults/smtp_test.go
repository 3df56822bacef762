//go:build faults

package faults

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

const (
	// steadyMember is asked for things by the test, and not by the load.
	steadyMember = "steady"
	// accountSecret and authoritySecret are what a ContactCenter refers to.
	accountSecret, authoritySecret = "mail-account", "mail-authority"
	accountName                    = "rollcall"
	// The passwords of the mail account, which must not be seen either.
	firstAccountPassword, secondAccountPassword = "Mail-Account-0ne-Passw0rd", "Mail-Account-Tw0-Passw0rd"
	// fastEnough is how long a single thing may take that does not wait for a mail server,
	// however much else the machine has to do.
	fastEnough = 90 * time.Second
)

func TestEachContactCenterSuffersItsOwnMailServerOnly(t *testing.T) {
	t.Parallel()
	c := sharedCluster(t)
	probe := newProbe(t, c)
	desks := []*desk{probe.desk}
	var all []*suffering
	for i, outage := range outages() {
		s := newSuffering(t, c, outage)
		s.seed += uint64(i) // each has another load
		all, desks = append(all, s), append(desks, s.desk)
	}
	o := newOperator(t, c.account, desks)
	o.start()
	for _, s := range all {
		s.eventually("MailReady is True", s.works)
		s.load = s.startLoad(loadOptions{administrators: 1, members: 8, perSecond: 2})
		s.load.employ(steadyMember, v1alpha1.MemberSpec{Role: v1alpha1.RoleDeskStaff})
		s.load.employ(rejectedMember, v1alpha1.MemberSpec{Role: v1alpha1.RoleDeskStaff})
	}
	for _, s := range all {
		s.letterTo(steadyMember)
		s.letterTo(rejectedMember)
	}
	before := probe.measure("all mail servers work", 5*time.Second)

	for _, s := range all {
		s.begin()
	}
	for _, s := range all {
		s.cutOff()
	}
	during := probe.measure("all others fail", 25*time.Second*time.Duration(*rounds))
	for _, s := range all {
		s.checkStage()
	}
	for _, s := range all {
		s.end()
	}
	ended := time.Now() //nolint:forbidigo // to be measured
	t.Logf("beside failing mail servers: %s; before: %s", during, before)
	// What is usual, since the worst is the machine's doing.
	if slow := 2 * time.Second; median(during.mailed) > 5*median(before.mailed)+slow || median(during.denied) > 5*median(before.denied)+slow {
		t.Error("failing mail servers slow others down")
	}

	for _, s := range all {
		s.load.stop()
	}
	awaitRecovery(probe.desk, all, ended)
	for _, s := range all {
		s.askAgain()
		s.load.check()
		s.checkTwins()
	}
	for _, word := range []string{firstAccountPassword, secondAccountPassword} {
		if strings.Contains(o.text(), word) {
			t.Error("the operator's log has the password of a mail account")
		}
	}
	o.stop()
}

// awaitRecovery waits until every ContactCenter says again that its mail works, and
// everybody's letter was taken, but for those refused for good.
func awaitRecovery(d *desk, all []*suffering, since time.Time) {
	d.Helper()
	took := map[string]time.Duration{}
	d.eventually("all mail servers are known to work", func() error {
		var missing []error
		for _, s := range all {
			if _, known := took[s.name]; known {
				continue
			}
			if err := errors.Join(s.works(), s.delivered()); err != nil {
				missing = append(missing, err)
				continue
			}
			took[s.name] = time.Since(since).Round(100 * time.Millisecond) //nolint:forbidigo // to be measured
		}
		return errors.Join(missing...)
	})
	for _, s := range all {
		d.Logf("%s: all delivered %s after its end", s.name, took[s.name])
	}
}

// cutOff checks that a member forced offline is denied login whatever the mail server
// is at.
func (s *suffering) cutOff() {
	s.Helper()
	begun := time.Now() //nolint:forbidigo // to be measured
	s.want(steadyMember, func(spec *v1alpha1.MemberSpec) { spec.ForceOffline = true }, map[string]any{"forceOffline": true})
	s.within(fastEnough, "the cut-off while the mail server "+s.name, func() error {
		member, err := s.get(s.Context(), steadyMember)
		if err == nil && member.Status.Login != v1alpha1.LoginDenied {
			err = fmt.Errorf("login is %s", member.Status.Login)
		}
		return err
	})
	s.Logf("%s: denied after %s", s.name, time.Since(begun).Round(time.Millisecond)) //nolint:forbidigo // as above
}

// checkStage checks that MailReady names what is wrong.
func (s *suffering) checkStage() {
	s.Helper()
	if len(s.reasons) == 0 {
		return
	}
	var ready *metav1.Condition
	s.eventually("MailReady says that the mail server "+s.name, func() (err error) {
		ready, err = s.readiness()
		if err == nil && (ready.Status != metav1.ConditionFalse || !slices.Contains(s.reasons, ready.Reason) || !strings.Contains(ready.Message, s.says)) {
			err = fmt.Errorf("it is %s, %s: %s; wanted one of %q", ready.Status, ready.Reason, ready.Message, s.reasons)
		}
		return err
	})
	s.Logf("%s: %s: %s", s.name, ready.Reason, ready.Message)
}

// checkTwins checks that letters with the same password have the same Message-ID,
// so that mail stores can drop the twin.
func (s *suffering) checkTwins() {
	s.Helper()
	ids, twins := map[string]string{}, 0
	for _, m := range s.mail.Messages() {
		word, ok := m.ExtractPassword()
		if !ok {
			s.Error("a letter has no password")
			continue
		}
		if id, known := ids[word]; known {
			twins++
			if id != m.MessageID() {
				s.Errorf("a password was mailed with two Message-IDs, %s and %s", id, m.MessageID())
			}
		}
		ids[word] = m.MessageID()
	}
	s.Logf("%s: %d letters, %d of them twins", s.name, len(s.mail.Messages()), twins)
}
