package apiclient

import (
	"context"
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// testTime is the time in these tests.
var testTime = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// readLease is a Lease at the API server, for the process "me".
type readLease struct {
	resourcelock.Interface
	record resourcelock.LeaderElectionRecord
}

func (l *readLease) Update(_ context.Context, record resourcelock.LeaderElectionRecord) error {
	l.record = record
	return nil
}

func (l *readLease) Get(context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	return &l.record, nil, nil
}

func (*readLease) Identity() string { return "me" }

func TestALeaseIsOursOnlyUntilItExpires(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		holder string
		age    time.Duration
		want   bool
		err    error
	}{
		"renewed recently": {"me", 2 * time.Second, true, nil},
		"about to expire":  {"me", 14 * time.Second, true, nil},
		// Without the error, the outbox would drop its e-mails for good.
		"expired":                          {"me", 15 * time.Second, false, errLeaseExpired},
		"released by a process that slept": {"", 0, false, errLeaseExpired},
		"held by another process":          {"you", 2 * time.Second, false, nil},
		"renewed by a fast clock":          {"me", -time.Hour, true, nil},
	} {
		lease := &readLease{record: resourcelock.LeaderElectionRecord{
			HolderIdentity: test.holder, LeaseDurationSeconds: 15, RenewTime: metav1.Time{Time: testTime.Add(-test.age)},
		}}
		fence := &LeaseFence{Lease: lease, Now: func() time.Time { return testTime }}
		if got, err := fence.Holds(t.Context()); !errors.Is(err, test.err) || got != test.want {
			t.Errorf("%s: got %t, %v, want %t, %v", name, got, err, test.want, test.err)
		}
	}
}

func TestAReadOfTheLeaseCountsForAPeriodOfBothClocks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		passed time.Duration
		want   bool // whether this process counts as the leader, by the first read or another
	}{
		"soon after":                  {time.Second, true},
		"later":                       {leaseCheckPeriod, false},
		"after the clock is set back": {-time.Hour, false},
	} {
		now := testTime
		lease := &readLease{record: resourcelock.LeaderElectionRecord{HolderIdentity: "me", LeaseDurationSeconds: 15, RenewTime: metav1.Time{Time: testTime}}}
		fence := &LeaseFence{Lease: lease, Now: func() time.Time { return now }}
		if leads, err := fence.Holds(t.Context()); err != nil || !leads {
			t.Fatalf("the first read: %t, %v", leads, err)
		}
		lease.record.HolderIdentity = "you"
		now = now.Add(test.passed)
		if got, err := fence.Holds(t.Context()); err != nil || got != test.want {
			t.Errorf("%s: got %t, %v, want %t", name, got, err, test.want)
		}
	}
}

// TestALeaderThatSleptDoesNotReleaseTheLeaseOfItsSuccessor does what leader election does when it
// gives up: it reads the Lease, and writes one without a holder.
func TestALeaderThatSleptDoesNotReleaseTheLeaseOfItsSuccessor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		holder string
		want   error
		after  string
	}{
		"its own":     {"me", nil, ""},
		"a successor": {"you", errNotHeld, "you"},
	} {
		stored := &readLease{record: resourcelock.LeaderElectionRecord{HolderIdentity: "me"}}
		lock := &ownLease{Interface: stored}
		if err := lock.Update(t.Context(), stored.record); err != nil {
			t.Fatalf("%s: renewing: %v", name, err)
		}
		stored.record.HolderIdentity = test.holder
		if _, _, err := lock.Get(t.Context()); err != nil {
			t.Fatalf("%s: reading: %v", name, err)
		}
		if err := lock.Update(t.Context(), resourcelock.LeaderElectionRecord{}); !errors.Is(err, test.want) {
			t.Errorf("%s: releasing: %v, want %v", name, err, test.want)
		}
		if got := stored.record.HolderIdentity; got != test.after {
			t.Errorf("%s: the holder is %q, want %q", name, got, test.after)
		}
	}
}
