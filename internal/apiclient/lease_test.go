package apiclient

import (
	"context"
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// at is when the tests take place.
var at = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// readLease is a Lease that can be read.
type readLease struct {
	resourcelock.Interface
	record resourcelock.LeaderElectionRecord
}

func (l *readLease) Get(context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	return &l.record, nil, nil
}

func (*readLease) Identity() string { return "me" }

func TestALeaseIsOursOnlyUntilItRunsOut(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		holder string
		age    time.Duration
		want   bool
		err    error
	}{
		"renewed just now": {"me", 2 * time.Second, true, nil},
		"about to run out": {"me", 14 * time.Second, true, nil},
		// Whoever is told that it is somebody else's gives letters up for good.
		"run out":                {"me", 15 * time.Second, false, errLeaseRunOut},
		"somebody else's":        {"you", 2 * time.Second, false, nil},
		"by a clock that was on": {"me", -time.Hour, true, nil},
	} {
		lease := &readLease{record: resourcelock.LeaderElectionRecord{
			HolderIdentity: test.holder, LeaseDurationSeconds: 15, RenewTime: metav1.Time{Time: at.Add(-test.age)},
		}}
		fence := &LeaseFence{Lease: lease, Now: func() time.Time { return at }}
		if got, err := fence.Holds(t.Context()); !errors.Is(err, test.err) || got != test.want {
			t.Errorf("%s: got %t, %v, want %t, %v", name, got, err, test.want, test.err)
		}
	}
}

func TestALookAtTheLeaseIsBelievedForAWhileOfEitherClock(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		passed time.Duration
		want   bool // whether we still are the leader, by the first look or another
	}{
		"right after":               {time.Second, true},
		"later":                     {leaseCheck, false},
		"after the clock went back": {-time.Hour, false},
	} {
		now := at
		lease := &readLease{record: resourcelock.LeaderElectionRecord{HolderIdentity: "me", LeaseDurationSeconds: 15, RenewTime: metav1.Time{Time: at}}}
		fence := &LeaseFence{Lease: lease, Now: func() time.Time { return now }}
		if leads, err := fence.Holds(t.Context()); err != nil || !leads {
			t.Fatalf("at first: %t, %v", leads, err)
		}
		lease.record.HolderIdentity = "you"
		now = now.Add(test.passed)
		if got, err := fence.Holds(t.Context()); err != nil || got != test.want {
			t.Errorf("%s: got %t, %v, want %t", name, got, err, test.want)
		}
	}
}
