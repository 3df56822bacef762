package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"rollcall.dev/rollcall/api/v1alpha1"
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
		want   standing
	}{
		{ready("ana", metav1.ConditionTrue, v1alpha1.ReasonReady), standing{}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonNotIssued), standing{missing: "Ready is False, NotIssued: "}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonRetrying), standing{missing: "Ready is False, Retrying: "}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonNoSeat), standing{missing: "Ready is False, NoSeat: ", stuck: true}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonTeamTakesNoMembers), standing{missing: "Ready is False, TeamTakesNoMembers: ", stuck: true}},
		{ready("ana", metav1.ConditionFalse, v1alpha1.ReasonDuplicate, v1alpha1.StalledCondition), standing{missing: "Ready is False, Duplicate: ", stuck: true}},
	} {
		if got := untilReady(0)(test.member); got != test.want {
			t.Errorf("%+v, and not %+v", got, test.want)
		}
	}
	unseen := ready("ana", metav1.ConditionFalse, v1alpha1.ReasonNoSeat)
	unseen.Generation = 2
	if got := untilReady(2)(unseen); got.stuck || !strings.Contains(got.missing, "not looked at the change") {
		t.Errorf("before the operator has looked: %+v", got)
	}
}

func TestWaitingIsGivenUpOnceAllAreStuckForAWhile(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	s := newSession(genericiooptions.IOStreams{}, func() time.Time { return now })
	w := s.newWaiting(map[string]settledFunc{"ana": untilReady(0), "ben": untilReady(0)})
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
	s := newSession(genericiooptions.IOStreams{ErrOut: &out}, func() time.Time { return time.Unix(0, 0) })
	s.giveUpAfter = 0
	w := s.newWaiting(map[string]settledFunc{"ana": untilReady(0), "ben": untilReady(0)})
	w.look("ana", ready("ana", metav1.ConditionFalse, v1alpha1.ReasonNoSeat))
	w.look("ben", ready("ben", metav1.ConditionTrue, v1alpha1.ReasonReady))
	if open, err := w.next(watch.NewFake()); !open || err != nil || w.goesOn() {
		t.Errorf("it does not end by itself: %t, %v", open, err)
	}
	err := s.report(t.Context(), w, 2, time.Hour)
	const want = "it is asked for, and waiting longer is in vain for 1 of 2 members: see kubectl member show"
	if exitCode(t.Context(), err) != exitDeadline || err.Error() != want || out.String() != "error: ana: Ready is False, NoSeat: \n" {
		t.Errorf("it says %s%v", out.String(), err)
	}
	out.Reset()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.report(ended, w, 2, time.Hour); exitCode(ended, err) != exitInterrupted || out.String() != "error: ana: Ready is False, NoSeat: \n" {
		t.Errorf("interrupted, it says %s%v", out.String(), err)
	}
}

func TestRestoringSomebodyIsDoneWhereLoginIsDeniedForAnotherReason(t *testing.T) {
	t.Parallel()
	s := newSession(genericiooptions.IOStreams{}, func() time.Time { return time.Unix(0, 0) })
	for reason, want := range map[v1alpha1.LoginReason]standing{
		v1alpha1.LoginReasonNoLicense:     {note: "restored online, but login stays denied: nobody asks for a licence for the member"},
		v1alpha1.LoginReasonDuplicate:     {note: "restored online, but login stays denied: another member holds the e-mail address"},
		v1alpha1.LoginReasonForcedOffline: {missing: "login is Denied, ForcedOffline; the operator has not said whether it is Ready"},
		"":                                {missing: "login is Denied, ; the operator has not said whether it is Ready"},
	} {
		member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Name: "ana"}}
		member.Status.Login, member.Status.LoginReason = v1alpha1.LoginDenied, reason
		if got := s.untilLoginAsAsked(member)(member); got != want {
			t.Errorf("%s: %+v, and not %+v", reason, got, want)
		}
	}
}

func TestAnImportDoesNotWaitForSeatsThatNobodyGives(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	d.operate()
	center := d.center()
	center.Spec.Licenses = &v1alpha1.Licenses{Standard: 1}
	d.create(center)
	d.await(v1alpha1.SuperAdminMemberName)
	file := d.file("members.csv", "email,license\nana@example.com,standard\nben@example.com,standard\n")
	hasty := func(s *session) { s.giveUpAfter = time.Second }
	got := d.pluginWith(t.Context(), hasty, "", "import", file, "--wait")
	if got.code != exitDeadline || !strings.Contains(got.err, "Ready is False, NoSeat: ") || !strings.Contains(got.err, "waiting longer is in vain for 1 of 2 members") {
		t.Errorf("exit code %d: %s%s", got.code, got.out, got.err)
	}
	waits, _, _ := strings.Cut(strings.TrimPrefix(got.err, "error: "), ":")
	d.plugin("force-offline", waits, "--wait").done(t)
	d.eventually("login is denied", func() error {
		if d.get(waits).Status.LoginReason != v1alpha1.LoginReasonForcedOffline {
			return errors.New("it is not")
		}
		return nil
	})
	restored := d.plugin("restore-online", waits, "--wait")
	if restored.code != exitDone || restored.err != "note: "+waits+": restored online, but login stays denied: no Standard seat is free, and the member waits for one\n" {
		t.Errorf("restored: exit code %d: %s%s", restored.code, restored.out, restored.err)
	}
}
