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

// ready is a Member with a condition Ready, and further ones.
func ready(name string, status metav1.ConditionStatus, reason string, further ...string) *v1alpha1.Member {
	member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Name: name}}
	member.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ReadyCondition, Status: status, Reason: reason}}
	for _, condition := range further {
		member.Status.Conditions = append(member.Status.Conditions, metav1.Condition{Type: condition, Status: metav1.ConditionTrue, Reason: reason})
	}
	return member
}

func TestOnlySomebodyHelpsThoseWhoAreStuck(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		member *v1alpha1.Member
		want   State
	}{
		{ready("ana", metav1.ConditionTrue, v1alpha1.ReasonReady), State{}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonNotIssued), State{Missing: "Ready is False, NotIssued: "}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonRetrying), State{Missing: "Ready is False, Retrying: "}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonNoSeat), State{Missing: "Ready is False, NoSeat: ", Stuck: true}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonTeamTakesNoMembers), State{Missing: "Ready is False, TeamTakesNoMembers: ", Stuck: true}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonDuplicate, v1alpha1.StalledCondition), State{Missing: "Ready is False, Duplicate: ", Stuck: true}},
	} {
		if got := Ready(0)(test.member); got != test.want {
			t.Errorf("%+v, and not %+v", got, test.want)
		}
	}
	unseen := ready("ana", metav1.ConditionFalse, v1alpha1.ReasonNoSeat)
	unseen.Generation = 2
	if got := Ready(2)(unseen); got.Stuck || !strings.Contains(got.Missing, "not looked at the change") {
		t.Errorf("before the operator has looked: %+v", got)
	}
}

func TestWaitingIsGivenUpOnceAllAreStuckForAWhile(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	s := cli.NewSession(genericiooptions.IOStreams{}, func() time.Time { return now })
	w := newTracker(s, map[string]Condition{"ana": Ready(0), "ben": Ready(0)})
	goesOn := func(want bool, when string) {
		t.Helper()
		if w.goesOn() != want {
			t.Errorf("%s: it goes on: %t", when, !want)
		}
	}
	noSeat := ready("ana", metav1.ConditionFalse, v1alpha1.ReasonNoSeat)
	w.look("ana", noSeat)
	now = now.Add(time.Hour)
	goesOn(true, "ben is not stuck")
	w.look("ben", ready("ben", metav1.ConditionFalse, v1alpha1.ReasonSiteNotFound))
	now = now.Add(4 * time.Second)
	w.look("ana", noSeat)
	goesOn(true, "both are, for a moment")
	w.look("ben", ready("ben", metav1.ConditionFalse, v1alpha1.ReasonNotIssued))
	now = now.Add(time.Hour)
	goesOn(true, "ben is not any more")
	w.look("ben", ready("ben", metav1.ConditionTrue, v1alpha1.ReasonReady))
	goesOn(false, "ben is Ready, and ana has been stuck all the time")
}

func TestWhoIsStuckIsNamedWithTheReasonAtOnce(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := cli.NewSession(genericiooptions.IOStreams{ErrOut: &out}, func() time.Time { return time.Unix(0, 0) })
	s.StuckGrace = 0
	w := newTracker(s, map[string]Condition{"ana": Ready(0), "ben": Ready(0)})
	w.look("ana", ready("ana", metav1.ConditionFalse, v1alpha1.ReasonNoSeat))
	w.look("ben", ready("ben", metav1.ConditionTrue, v1alpha1.ReasonReady))
	if open, err := w.next(watch.NewFake()); !open || err != nil || w.goesOn() {
		t.Errorf("it does not end by itself: %t, %v", open, err)
	}
	err := report(t.Context(), s, w, 2, time.Hour)
	const want = "it is asked for, and waiting longer is in vain for 1 of 2 members: see kubectl member show"
	if cli.ExitCode(t.Context(), err) != cli.ExitDeadline || err.Error() != want || out.String() != "error: ana: Ready is False, NoSeat: \n" {
		t.Errorf("it says %s%v", out.String(), err)
	}
	out.Reset()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := report(ended, s, w, 2, time.Hour); cli.ExitCode(ended, err) != cli.ExitInterrupted || out.String() != "error: ana: Ready is False, NoSeat: \n" {
		t.Errorf("interrupted, it says %s%v", out.String(), err)
	}
}

func TestRestoringSomebodyIsDoneWhereLoginIsDeniedForAnotherReason(t *testing.T) {
	t.Parallel()
	s := cli.NewSession(genericiooptions.IOStreams{}, func() time.Time { return time.Unix(0, 0) })
	for reason, want := range map[v1alpha1.LoginReason]State{
		v1alpha1.LoginReasonNoLicense:     {Note: "restored online, but login stays denied: nobody asks for a licence for the member"},
		v1alpha1.LoginReasonDuplicate:     {Note: "restored online, but login stays denied: another member holds the e-mail address"},
		v1alpha1.LoginReasonForcedOffline: {Missing: "login is Denied, ForcedOffline; the operator has not said whether it is Ready"},
		"":                                {Missing: "login is Denied, ; the operator has not said whether it is Ready"},
	} {
		member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Name: "ana"}}
		member.Status.Login, member.Status.LoginReason = v1alpha1.LoginDenied, reason
		if got := LoginAsSpecified(s, member)(member); got != want {
			t.Errorf("%s: %+v, and not %+v", reason, got, want)
		}
	}
}
