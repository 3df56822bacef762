package login

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// at is the time in the tests of this package.
var at = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func TestDenialReturnsTheFirstReasonThatApplies(t *testing.T) {
	t.Parallel()
	later := metav1.NewTime(at.Add(time.Second))
	all := Facts{
		Spec:     &v1alpha1.MemberSpec{ForceOffline: true, Active: new(false)},
		Deleting: true, Duplicate: true, NotIssued: true, Unlicensed: true, Status: v1alpha1.LoginReasonForcedOffline,
	}
	without := func(changes ...func(*Facts)) Facts {
		facts := all
		for _, change := range changes {
			change(&facts)
		}
		return facts
	}
	alive := func(f *Facts) { f.Deleting = false }
	inactive := func(f *Facts) { f.Spec = &v1alpha1.MemberSpec{Active: new(false)} }
	active := func(f *Facts) { f.Spec = &v1alpha1.MemberSpec{} }
	unique := func(f *Facts) { f.Duplicate = false }
	issued := func(f *Facts) { f.NotIssued = false }
	licensed := func(f *Facts) { f.Unlicensed = false }
	for name, test := range map[string]struct {
		facts Facts
		want  v1alpha1.LoginReason
	}{
		"nothing denies":             {Facts{Spec: &v1alpha1.MemberSpec{}}, ""},
		"everything denies":          {all, v1alpha1.LoginReasonDeleting},
		"the spec comes next":        {without(alive), v1alpha1.LoginReasonForcedOffline},
		"until later":                {Facts{Spec: &v1alpha1.MemberSpec{ForceOfflineUntil: &later}}, v1alpha1.LoginReasonForcedOffline},
		"then an inactive member":    {without(alive, inactive), v1alpha1.LoginReasonInactive},
		"then a duplicate":           {without(alive, active), v1alpha1.LoginReasonDuplicate},
		"then no password":           {without(alive, active, unique), v1alpha1.LoginReasonNotIssued},
		"then no license":            {without(alive, active, unique, issued), v1alpha1.LoginReasonNoLicense},
		"then the status of another": {without(alive, active, unique, issued, licensed), v1alpha1.LoginReasonForcedOffline},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Denial(test.facts, at); got != test.want {
				t.Errorf("Denial() = %q, want %q", got, test.want)
			}
		})
	}
}

// status returns a status that an operator wrote. Seconds are relative to at; a negative number means
// that the field is absent.
func status(login v1alpha1.LoginState, since, transition int) *v1alpha1.MemberStatus {
	status := &v1alpha1.MemberStatus{Login: login}
	if since >= 0 {
		status.LoginAllowedSince = &metav1.Time{Time: at.Add(time.Duration(since) * time.Second)}
	}
	if transition >= 0 {
		state := metav1.ConditionFalse
		if login == v1alpha1.LoginAllowed {
			state = metav1.ConditionTrue
		}
		status.Conditions = []metav1.Condition{{
			Type: v1alpha1.LoginAllowedCondition, Status: state, LastTransitionTime: metav1.NewTime(at.Add(time.Duration(transition) * time.Second)),
		}}
	}
	return status
}

func TestNextPeriodIsNewAfterEachDenial(t *testing.T) {
	t.Parallel()
	deniedAlone := status(v1alpha1.LoginAllowed, 5, 5)
	deniedAlone.Login = v1alpha1.LoginDenied // the operator patched login alone
	for name, test := range map[string]struct {
		before  *v1alpha1.MemberStatus
		allowed bool
		now     int // seconds after at
		want    int // seconds after at; negative: absent
	}{
		"a new Member":                             {&v1alpha1.MemberStatus{}, true, 3, 3},
		"a new Member that is denied":              {&v1alpha1.MemberStatus{}, false, 3, -1},
		"login goes on":                            {status(v1alpha1.LoginAllowed, 0, 0), true, 60, 0},
		"login goes on, written by an old version": {status(v1alpha1.LoginAllowed, -1, 0), true, 60, -1},
		"login goes on, begun by an old version":   {status(v1alpha1.LoginAllowed, 10, 40), true, 60, 40},
		"denied: the last period stays":            {status(v1alpha1.LoginAllowed, 0, 0), false, 60, 0},
		"allowed again":                            {status(v1alpha1.LoginDenied, 0, 50), true, 60, 60},
		"allowed again within the second":          {status(v1alpha1.LoginDenied, 0, 1), true, 0, 2},
		"allowed again, the clock set back":        {status(v1alpha1.LoginDenied, 90, 95), true, 60, 96},
		"allowed again after an old version":       {status(v1alpha1.LoginDenied, -1, 95), true, 60, 96},
		"denied by a patch of login alone":         {deniedAlone, true, 5, 6},
		"after a rollback, the condition is later": {status(v1alpha1.LoginDenied, 10, 40), true, 40, 41},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := NextPeriod(test.before, test.allowed, at.Add(time.Duration(test.now)*time.Second+300*time.Millisecond))
			if test.want < 0 {
				if got != nil {
					t.Errorf("NextPeriod() = %s, want none", got)
				}
				return
			}
			if want := at.Add(time.Duration(test.want) * time.Second); got == nil || !got.Time.Equal(want) {
				t.Errorf("NextPeriod() = %s, want %s", got, want)
			}
		})
	}
}

func TestPeriodIsTheLaterOfFieldAndCondition(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status *v1alpha1.MemberStatus
		want   int64 // seconds after at; negative: none
	}{
		"login is undecided":              {&v1alpha1.MemberStatus{}, -1},
		"denied":                          {status(v1alpha1.LoginDenied, 5, 9), -1},
		"written by an old version":       {status(v1alpha1.LoginAllowed, -1, 5), 5},
		"written by this version":         {status(v1alpha1.LoginAllowed, 5, 5), 5},
		"allowed again by an old version": {status(v1alpha1.LoginAllowed, 5, 9), 9},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := test.want + at.Unix()
			if test.want < 0 {
				want = 0
			}
			if got := Period(test.status); got != want {
				t.Errorf("Period() = %d, want %d", got, want)
			}
		})
	}
}
