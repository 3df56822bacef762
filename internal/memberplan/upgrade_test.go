package memberplan

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/login"
)

// TestUpgradesAndRollbacksKeepValidSessionsAndReviveNone plays operators and login gates of this
// version and of the one before it, in any order, over one Member. The version before had no
// status.loginAllowedSince: its operator kept the transition times of LoginAllowed apart, and its gate
// compared them. After each step, gates of both versions must judge every session the same: it is valid
// in the period in which the member logged in, and never again.
func TestUpgradesAndRollbacksKeepValidSessionsAndReviveNone(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		p := newUpgradePlay(seed)
		for step := range 200 {
			action := p.step()
			if problem := p.check(); problem != "" {
				t.Fatalf("seed %d, step %d (%s): %s", seed, step, action, problem)
			}
		}
	}
}

// upgradePlay is a Member that operators of two versions write, and the sessions that gates of two
// versions opened.
type upgradePlay struct {
	random   *rand.Rand
	observed Observation
	// period counts the periods in which login is allowed.
	period   int
	sessions []playedSession
}

// playedSession is a session with the time that a gate put into its cookie.
type playedSession struct {
	period int
	since  int64
}

func newUpgradePlay(seed uint64) *upgradePlay {
	return &upgradePlay{random: rand.New(rand.NewPCG(seed, 13)), observed: observedMember(func(o *Observation) {
		o.Member.Status = v1alpha1.MemberStatus{}
	})}
}

// step lets one thing happen, and names it.
func (p *upgradePlay) step() string {
	status := &p.observed.Member.Status
	switch p.random.IntN(8) {
	case 0: // within one second, or later
		p.observed.Now = p.observed.Now.Add(time.Duration(p.random.IntN(4500)) * time.Millisecond)
		return "time passes"
	case 1:
		p.observed.Now = p.observed.Now.Add(-time.Duration(p.random.IntN(5)) * time.Second)
		return "the clock is set back"
	case 2:
		p.observed.Member.Spec.ForceOffline = !p.observed.Member.Spec.ForceOffline
		return "an administrator forces the member offline, or restores it"
	case 3:
		status.Login = v1alpha1.LoginDenied
		return "an operator writes the denial alone"
	case 4:
		if p.random.IntN(2) == 0 {
			status.LoginAllowedSince = nil
		}
		return "the CRD is rolled back, perhaps"
	case 5:
		p.logIn()
		return "the member logs in"
	case 6:
		p.write(legacyStatus(p.observed))
		return "the operator before reconciles"
	default:
		p.write(Status(p.observed, Outcome{Secret: p.observed.Secret}))
		return "the operator reconciles"
	}
}

// write replaces the status, and counts a new period.
func (p *upgradePlay) write(after v1alpha1.MemberStatus) {
	before := p.observed.Member.Status.Login
	p.observed.Member.Status = after
	if after.Login == v1alpha1.LoginAllowed && before != v1alpha1.LoginAllowed {
		p.period++
	}
}

// logIn opens a session at a gate of either version.
func (p *upgradePlay) logIn() {
	status := &p.observed.Member.Status
	if status.Login != v1alpha1.LoginAllowed {
		return
	}
	since := login.Period(status)
	if p.random.IntN(2) == 0 {
		since = legacyPeriod(status)
	}
	p.sessions = append(p.sessions, playedSession{p.period, since})
}

// check returns how a gate misjudges a session; empty if none does.
func (p *upgradePlay) check() string {
	status := &p.observed.Member.Status
	if status.Login != v1alpha1.LoginAllowed {
		return "" // both gates deny login whatever the session
	}
	for _, session := range p.sessions {
		valid := session.period == p.period
		if now, before := session.since == login.Period(status), session.since == legacyPeriod(status); now != valid || before != valid {
			return fmt.Sprintf("a session of period %d is valid %t by this gate and %t by the one before, in period %d: %+v", session.period, now, before, p.period, status)
		}
	}
	return ""
}

// legacyStatus is what the operator of the version before made of LoginAllowed: each change of the
// condition was at least a second after the one before it.
func legacyStatus(observed Observation) v1alpha1.MemberStatus {
	status := *observed.Member.Status.DeepCopy()
	denied := status.Login == v1alpha1.LoginDenied
	status.Login, status.LoginReason = loginStatus(observed, observed.Secret.Valid())
	if denied {
		legacySet(&status, metav1.ConditionFalse, observed.Now)
	}
	state := metav1.ConditionFalse
	if status.Login == v1alpha1.LoginAllowed {
		state = metav1.ConditionTrue
	}
	legacySet(&status, state, observed.Now)
	return status
}

func legacySet(status *v1alpha1.MemberStatus, state metav1.ConditionStatus, at time.Time) {
	condition := metav1.Condition{
		Type: v1alpha1.LoginAllowedCondition, Status: state, Reason: string(status.LoginReason), LastTransitionTime: metav1.NewTime(at).Rfc3339Copy(),
	}
	before := apimeta.FindStatusCondition(status.Conditions, condition.Type)
	if before != nil && before.Status != state {
		if next := before.LastTransitionTime.Add(time.Second); next.After(condition.LastTransitionTime.Time) {
			condition.LastTransitionTime = metav1.NewTime(next)
		}
	}
	apimeta.SetStatusCondition(&status.Conditions, condition)
}

// legacyPeriod is what the gate of the version before compared.
func legacyPeriod(status *v1alpha1.MemberStatus) int64 {
	condition := apimeta.FindStatusCondition(status.Conditions, v1alpha1.LoginAllowedCondition)
	if condition == nil || condition.Status != metav1.ConditionTrue {
		return 0
	}
	return condition.LastTransitionTime.Unix()
}
