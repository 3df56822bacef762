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

// TestUpgradesAndRollbacksKeepValidSessionsAndReviveNone simulates operators and login gates of this
// version and of the previous one, in random order, on one Member. The previous version had no
// status.loginAllowedSince: its operator kept the transition times of LoginAllowed different, and its
// gate compared them. After each step, the gates of both versions must agree on each session: it is
// valid in the period in which the member logged in, and never again.
func TestUpgradesAndRollbacksKeepValidSessionsAndReviveNone(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		m := newUpgradeModel(seed)
		for step := range 200 {
			action := m.step()
			if problem := m.check(); problem != "" {
				t.Fatalf("seed %d, step %d (%s): %s", seed, step, action, problem)
			}
		}
	}
}

// upgradeModel is a model of a Member that operators of two versions write, and of the sessions that
// gates of two versions opened.
type upgradeModel struct {
	random   *rand.Rand
	observed Observation
	// period counts the periods in which login is allowed.
	period   int
	sessions []modelSession
}

// modelSession is a session with the time that the gate stored in its cookie.
type modelSession struct {
	period int
	since  int64
}

func newUpgradeModel(seed uint64) *upgradeModel {
	return &upgradeModel{random: rand.New(rand.NewPCG(seed, 13)), observed: observedMember(func(o *Observation) {
		o.Member.Status = v1alpha1.MemberStatus{}
	})}
}

// step makes one random step and returns its description.
func (m *upgradeModel) step() string {
	status := &m.observed.Member.Status
	switch m.random.IntN(8) {
	case 0: // less than a second, or more
		m.observed.Now = m.observed.Now.Add(time.Duration(m.random.IntN(4500)) * time.Millisecond)
		return "time passes"
	case 1:
		m.observed.Now = m.observed.Now.Add(-time.Duration(m.random.IntN(5)) * time.Second)
		return "the clock is set back"
	case 2:
		m.observed.Member.Spec.ForceOffline = !m.observed.Member.Spec.ForceOffline
		return "an administrator forces the member offline, or restores it"
	case 3:
		status.Login = v1alpha1.LoginDenied
		return "an operator writes the denial alone"
	case 4:
		if m.random.IntN(2) == 0 {
			status.LoginAllowedSince = nil
		}
		return "the CRD may be rolled back"
	case 5:
		m.logIn()
		return "the member logs in"
	case 6:
		m.write(legacyStatus(m.observed))
		return "the previous operator reconciles"
	default:
		m.write(Status(m.observed, Outcome{Secret: m.observed.Secret}))
		return "the operator reconciles"
	}
}

// write replaces the status, and counts a period that begins.
func (m *upgradeModel) write(after v1alpha1.MemberStatus) {
	before := m.observed.Member.Status.Login
	m.observed.Member.Status = after
	if after.Login == v1alpha1.LoginAllowed && before != v1alpha1.LoginAllowed {
		m.period++
	}
}

// logIn opens a session at a gate of either version.
func (m *upgradeModel) logIn() {
	status := &m.observed.Member.Status
	if status.Login != v1alpha1.LoginAllowed {
		return
	}
	since := login.Period(status)
	if m.random.IntN(2) == 0 {
		since = legacyPeriod(status)
	}
	m.sessions = append(m.sessions, modelSession{m.period, since})
}

// check describes a session that a gate misjudges. It returns an empty string if there is none.
func (m *upgradeModel) check() string {
	status := &m.observed.Member.Status
	if status.Login != v1alpha1.LoginAllowed {
		return "" // both gates refuse every session
	}
	for _, session := range m.sessions {
		valid := session.period == m.period
		if now, before := session.since == login.Period(status), session.since == legacyPeriod(status); now != valid || before != valid {
			return fmt.Sprintf("in period %d, a session of period %d is valid: %t at this gate, %t at the previous one: %+v", m.period, session.period, now, before, status)
		}
	}
	return ""
}

// legacyStatus returns the status that the previous operator wrote: each change of LoginAllowed was at
// least a second later than the last.
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

// legacyPeriod returns the period that the previous gate compared.
func legacyPeriod(status *v1alpha1.MemberStatus) int64 {
	condition := apimeta.FindStatusCondition(status.Conditions, v1alpha1.LoginAllowedCondition)
	if condition == nil || condition.Status != metav1.ConditionTrue {
		return 0
	}
	return condition.LastTransitionTime.Unix()
}
