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

// readLease is a read-only Lease.
type readLease struct {
	resourcelock.Interface
	record resourcelock.LeaderElectionRecord
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
		"expired":                 {"me", 15 * time.Second, false, errLeaseExpired},
		"held by another process": {"you", 2 * time.Second, false, nil},
		"renewed by a fast clock": {"me", -time.Hour, true, nil},
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
