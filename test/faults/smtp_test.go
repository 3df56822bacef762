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

func TestEachContactCenterIsAffectedByItsOwnMailServerOnly(t *testing.T) {
	t.Parallel()
	c := shared.Cluster(t)
	probe := newProbe(t, c)
	environments := []*environment{probe.environment}
	var all []*outageEnvironment
	for i, outage := range outages() {
		env := newOutageEnvironment(t, c, outage)
		env.seed += uint64(i) // each has another load
		all, environments = append(all, env), append(environments, env.environment)
	}
	o := newOperator(t, c.Operator, environments)
	o.start()
	for _, env := range all {
		env.Eventually("MailReady is True", env.works)
		env.load = env.startLoad(loadOptions{administrators: 1, members: 8, perSecond: 2})
		env.load.addMember(steadyMember, v1alpha1.MemberSpec{Role: v1alpha1.RoleDeskStaff})
		env.load.addMember(rejectedMember, v1alpha1.MemberSpec{Role: v1alpha1.RoleDeskStaff})
	}
	for _, env := range all {
		env.messageTo(steadyMember)
		env.messageTo(rejectedMember)
	}
	before := probe.measure("all mail servers work", 5*time.Second)

	for _, env := range all {
		env.begin()
	}
	for _, env := range all {
		env.cutOff()
	}
	during := probe.measure("all others fail", 25*time.Second*time.Duration(*rounds))
	for _, env := range all {
		env.checkOutage()
	}
	for _, env := range all {
		env.end()
	}
	ended := time.Now() //nolint:forbidigo // to be measured
	t.Logf("beside failing mail servers: %s; before: %s", during, before)
	// What is usual, since the worst is the machine's doing.
	if slow := 2 * time.Second; median(during.mailed) > 5*median(before.mailed)+slow || median(during.denied) > 5*median(before.denied)+slow {
		t.Error("failing mail servers slow others down")
	}

	for _, env := range all {
		env.load.stop()
	}
	awaitRecovery(probe.environment, all, ended)
	for _, env := range all {
		env.resetAgain()
		env.load.check()
		env.checkRepeats()
	}
	for _, word := range []string{firstAccountPassword, secondAccountPassword} {
		if strings.Contains(o.text(), word) {
			t.Error("the operator's log has the password of a mail account")
		}
	}
	o.stop()
}

// awaitRecovery waits until every ContactCenter says again that its mail works, and
// all messages were accepted, but for those refused for good.
func awaitRecovery(env *environment, all []*outageEnvironment, since time.Time) {
	env.Helper()
	took := map[string]time.Duration{}
	env.Eventually("all mail servers are known to work", func() error {
		var missing []error
		for _, env := range all {
			if _, known := took[env.name]; known {
				continue
			}
			if err := errors.Join(env.works(), env.delivered()); err != nil {
				missing = append(missing, err)
				continue
			}
			took[env.name] = time.Since(since).Round(100 * time.Millisecond) //nolint:forbidigo // to be measured
		}
		return errors.Join(missing...)
	})
	for _, env := range all {
		env.Logf("%s: all delivered %s after its end", env.name, took[env.name])
	}
}

// cutOff checks that a member forced offline is denied login whatever the mail server
// is at.
func (env *outageEnvironment) cutOff() {
	env.Helper()
	begun := time.Now() //nolint:forbidigo // to be measured
	env.want(steadyMember, func(spec *v1alpha1.MemberSpec) { spec.ForceOffline = true }, map[string]any{"forceOffline": true})
	env.Within(fastEnough, "the cut-off while the mail server "+env.name, func() error {
		member, err := env.getMember(env.Context(), steadyMember)
		if err == nil && member.Status.Login != v1alpha1.LoginDenied {
			err = fmt.Errorf("login is %s", member.Status.Login)
		}
		return err
	})
	env.Logf("%s: denied after %s", env.name, time.Since(begun).Round(time.Millisecond)) //nolint:forbidigo // as above
}

// checkOutage checks that MailReady names what is wrong.
func (env *outageEnvironment) checkOutage() {
	env.Helper()
	if len(env.reasons) == 0 {
		return
	}
	var ready *metav1.Condition
	env.Eventually("MailReady says that the mail server "+env.name, func() (err error) {
		ready, err = env.readiness()
		if err == nil && (ready.Status != metav1.ConditionFalse || !slices.Contains(env.reasons, ready.Reason) || !strings.Contains(ready.Message, env.says)) {
			err = fmt.Errorf("it is %s, %s: %s; wanted one of %q", ready.Status, ready.Reason, ready.Message, env.reasons)
		}
		return err
	})
	env.Logf("%s: %s: %s", env.name, ready.Reason, ready.Message)
}

// checkRepeats checks that messages with the same password have the same Message-ID,
// so that mail stores can drop the twin.
func (env *outageEnvironment) checkRepeats() {
	env.Helper()
	ids, twins := map[string]string{}, 0
	for _, m := range env.Mail.Messages() {
		word, ok := m.ExtractPassword()
		if !ok {
			env.Error("a message has no password")
			continue
		}
		if id, known := ids[word]; known {
			twins++
			if id != m.MessageID() {
				env.Errorf("a password was mailed with two Message-IDs, %s and %s", id, m.MessageID())
			}
		}
		ids[word] = m.MessageID()
	}
	env.Logf("%s: %d messages, %d of them twins", env.name, len(env.Mail.Messages()), twins)
}
