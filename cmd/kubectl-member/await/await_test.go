package await

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

// ready returns a Member with the condition Ready, and others.
func ready(name string, status metav1.ConditionStatus, reason string, others ...string) *v1alpha1.Member {
	member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Name: name}}
	member.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ReadyCondition, Status: status, Reason: reason}}
	for _, condition := range others {
		member.Status.Conditions = append(member.Status.Conditions, metav1.Condition{Type: condition, Status: metav1.ConditionTrue, Reason: reason})
	}
	return member
}

func TestAMemberThatAnAdministratorMustFixIsStuck(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		member *v1alpha1.Member
		want   Progress
	}{
		{ready("ana", metav1.ConditionTrue, v1alpha1.ReasonReady), Progress{Phase: Done}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonNotIssued), Progress{Phase: Pending, Detail: "Ready is False, NotIssued: "}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonRetrying), Progress{Phase: Pending, Detail: "Ready is False, Retrying: "}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonNoSeat), Progress{Phase: Stuck, Detail: "Ready is False, NoSeat: "}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonTeamTakesNoMembers), Progress{Phase: Stuck, Detail: "Ready is False, TeamTakesNoMembers: "}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonDuplicate, v1alpha1.StalledCondition), Progress{Phase: Stuck, Detail: "Ready is False, Duplicate: "}},
	} {
		if got := Ready(&v1alpha1.Member{})(test.member); got != test.want {
			t.Errorf("got %+v, want %+v", got, test.want)
		}
	}
	unseen := ready("ana", metav1.ConditionFalse, v1alpha1.ReasonNoSeat)
	unseen.Generation = 2
	if got := Ready(unseen)(unseen); got.Phase != Pending || !strings.Contains(got.Detail, "not seen the change") {
		t.Errorf("before the operator has seen the change: %+v", got)
	}
}

// awaitReady returns the condition Ready for members of any generation.
func awaitReady(names ...string) map[string]Condition {
	conditions := map[string]Condition{}
	for _, name := range names {
		conditions[name] = Ready(&v1alpha1.Member{})
	}
	return conditions
}

func TestWaitingEndsWhenAllMembersAreStuckForTheGracePeriod(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	s := cli.NewSession(genericiooptions.IOStreams{}, func() time.Time { return now })
	tracked := newTracker(s, awaitReady("ana", "ben"))
	goesOn := func(want bool, when string) {
		t.Helper()
		if tracked.goesOn() != want {
			t.Errorf("%s: it goes on: %t", when, !want)
		}
	}
	noSeat := ready("ana", metav1.ConditionFalse, v1alpha1.ReasonNoSeat)
	tracked.check("ana", noSeat)
	now = now.Add(time.Hour)
	goesOn(true, "ben is not stuck")
	tracked.check("ben", ready("ben", metav1.ConditionFalse, v1alpha1.ReasonSiteNotFound))
	now = now.Add(4 * time.Second)
	tracked.check("ana", noSeat)
	goesOn(true, "both are stuck for less than the grace period")
	tracked.check("ben", ready("ben", metav1.ConditionFalse, v1alpha1.ReasonNotIssued))
	now = now.Add(time.Hour)
	goesOn(true, "ben is no longer stuck")
	tracked.check("ben", ready("ben", metav1.ConditionTrue, v1alpha1.ReasonReady))
	goesOn(false, "ben is Ready, and ana has been stuck all the time")
}

func TestStuckMembersAreNamedWithTheirReason(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := cli.NewSession(genericiooptions.IOStreams{ErrOut: &out}, func() time.Time { return time.Unix(0, 0) })
	s.StuckGrace = 0
	tracked := newTracker(s, awaitReady("ana", "ben"))
	tracked.check("ana", ready("ana", metav1.ConditionFalse, v1alpha1.ReasonNoSeat))
	tracked.check("ben", ready("ben", metav1.ConditionTrue, v1alpha1.ReasonReady))
	if open, err := tracked.next(watch.NewFake()); !open || err != nil || tracked.goesOn() {
		t.Errorf("waiting does not end by itself: %t, %v", open, err)
	}
	err := tracked.report(t.Context(), s, 2, time.Hour)
	const want = "Saved, but 1 of 2 members cannot become Ready until this is fixed. Run: kubectl member show ana"
	if cli.ExitCode(t.Context(), err) != cli.ExitDeadline || err.Error() != want || out.String() != "error: ana: Ready is False, NoSeat: \n" {
		t.Errorf("got %s%v", out.String(), err)
	}
	out.Reset()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tracked.report(ended, s, 2, time.Hour); cli.ExitCode(ended, err) != cli.ExitInterrupted || out.String() != "error: ana: Ready is False, NoSeat: \n" {
		t.Errorf("interrupted: got %s%v", out.String(), err)
	}
}

func TestRestoringAMemberIsDoneWhenLoginIsDeniedForAnotherReason(t *testing.T) {
	t.Parallel()
	for reason, want := range map[v1alpha1.LoginReason]Progress{
		v1alpha1.LoginReasonNoLicense:     {Phase: Done, Detail: "restored online, but login is still denied: no license is requested for the member"},
		v1alpha1.LoginReasonDuplicate:     {Phase: Done, Detail: "restored online, but login is still denied: another member holds the e-mail address"},
		v1alpha1.LoginReasonForcedOffline: {Detail: "login is Denied, ForcedOffline; the condition Ready is not set yet"},
		"":                                {Detail: "login is Denied, ; the condition Ready is not set yet"},
	} {
		member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Name: "ana"}}
		member.Status.Login, member.Status.LoginReason = v1alpha1.LoginDenied, reason
		condition := LoginAsSpecified(func() time.Time { return time.Unix(0, 0) })
		if got := condition(member)(member); got != want {
			t.Errorf("%s: got %+v, want %+v", reason, got, want)
		}
	}
}
