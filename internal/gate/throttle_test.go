package gate_test

import (
	"fmt"
	"math"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rollcall.dev/rollcall/internal/gate"
)

// someClient is a client address.
var someClient = netip.MustParseAddr("192.0.2.1")

func TestTheLockGrowsToItsMaximumAndEndsByItself(t *testing.T) {
	t.Parallel()
	throttle, now := gate.NewThrottle(100), startTime
	fail := func() time.Duration { return throttle.Fail(support, "ana", someClient, now) }
	for i := range 5 {
		if wait := fail(); wait != 0 {
			t.Fatalf("attempt %d has to wait %s", i+1, wait)
		}
	}
	want := time.Second
	for i := range 200 {
		if wait := fail(); wait != 0 {
			t.Fatalf("attempt %d has to wait %s although the previous lock has ended", i+6, wait)
		}
		if wait := fail(); wait != want {
			t.Fatalf("after failure %d the lock is %s, not %s", i+6, wait, want)
		}
		now = now.Add(want / 2)
		if wait := fail(); wait != want-want/2 {
			t.Fatalf("an attempt while locked has changed the lock: it lasts %s more of %s", wait, want)
		}
		now = now.Add(want - want/2)
		want = min(2*want, 15*time.Minute)
	}
}

func TestARightPasswordWaitsForTheLockAndThenClearsIt(t *testing.T) {
	t.Parallel()
	throttle, now := gate.NewThrottle(100), startTime
	throttle.FailTimes(6, support, "ana", someClient, now)
	if wait := throttle.Succeed(support, "ana", someClient, now); wait != time.Second {
		t.Fatalf("a right password waits %s", wait)
	}
	now = now.Add(time.Second)
	if wait := throttle.Succeed(support, "ana", someClient, now); wait != 0 {
		t.Fatalf("a right password waits %s after the lock", wait)
	}
	if n := throttle.Pairs(); n != 0 {
		t.Errorf("%d pairs are remembered after a right password", n)
	}
}

func TestFailuresAreForgottenAfterAnHour(t *testing.T) {
	t.Parallel()
	throttle, now := gate.NewThrottle(100), startTime
	throttle.FailTimes(6, support, "ana", someClient, now)
	now = now.Add(time.Hour)
	for i := range 5 {
		if wait := throttle.Fail(support, "ana", someClient, now); wait != 0 {
			t.Fatalf("attempt %d of a new hour waits %s", i+1, wait)
		}
	}
}

func TestPairsDoNotLockEachOther(t *testing.T) {
	t.Parallel()
	throttle := gate.NewThrottle(10_000)
	address := netip.MustParseAddr
	throttle.FailTimes(6, support, "ana", someClient, startTime)
	throttle.FailTimes(6, support, "ana", address("2001:db8:1:1::1"), startTime)
	for name, test := range map[string]struct {
		namespace, email string
		client           netip.Addr
		locked           bool
	}{
		"another user":                {support, "dan", someClient, false},
		"another contact center":      {"sales", "ana", someClient, false},
		"the same concatenation":      {"suppor", "tana", someClient, false},
		"another address":             {support, "ana", address("192.0.2.2"), false},
		"no address":                  {support, "ana", netip.Addr{}, false},
		"the same, written as IPv6":   {support, "ana", address("::ffff:192.0.2.1"), true},
		"another address of the /64":  {support, "ana", address("2001:db8:1:1:ffff::2"), true},
		"the /64 with a zone":         {support, "ana", address("2001:db8:1:1::2%eth0"), true},
		"the next /64":                {support, "ana", address("2001:db8:1:2::1"), false},
		"the same user, same address": {support, "ana", someClient, true},
	} {
		if locked := throttle.Fail(test.namespace, test.email, test.client, startTime) > 0; locked != test.locked {
			t.Errorf("%s: locked is %t", name, locked)
		}
	}
}

func TestAClockThatIsSetBackDoesNotProlongLocks(t *testing.T) {
	t.Parallel()
	throttle, now := gate.NewThrottle(100), startTime
	for range 7 {
		throttle.Fail(support, "ana", someClient, now)
		now = now.Add(time.Second)
	}
	for _, back := range []time.Duration{time.Second, 24 * time.Hour, 200 * 365 * 24 * time.Hour, math.MaxInt64} {
		now = now.Add(-back)
		if wait := throttle.Fail(support, "ana", someClient, now); wait > 2*time.Second {
			t.Errorf("with the clock set back by %s, the lock lasts %s", back, wait)
		}
	}
	now = now.Add(2 * time.Second)
	if wait := throttle.Succeed(support, "ana", someClient, now); wait != 0 {
		t.Errorf("the lock lasts %s more after its end", wait)
	}
}

func TestTheThrottleLimitsItsMemory(t *testing.T) {
	t.Parallel()
	const capacity = 1280
	throttle := gate.NewThrottle(capacity)
	for i := range 20 * capacity {
		throttle.Fail(support, fmt.Sprintf("user-%d", i), someClient, startTime)
	}
	if n := throttle.Pairs(); n > capacity || n < capacity*9/10 {
		t.Errorf("%d pairs are remembered, with room for %d", n, capacity)
	}
	if n := gate.NewThrottle(0).Pairs(); n != 0 {
		t.Errorf("an empty throttle remembers %d pairs", n)
	}
}

func TestAPairStaysLockedWhileItMakesAttempts(t *testing.T) {
	t.Parallel()
	throttle := gate.NewThrottle(1280)
	throttle.FailTimes(20, support, "ana", someClient, startTime)
	for i := range 10_000 {
		throttle.Fail(support, fmt.Sprintf("user-%d", i), someClient, startTime)
		if wait := throttle.Fail(support, "ana", someClient, startTime); wait == 0 {
			t.Fatalf("after %d others, the lock is forgotten", i)
		}
	}
}

func TestFailuresOfOtherUsersDoNotShedALock(t *testing.T) {
	t.Parallel()
	throttle := gate.NewThrottle(1280)
	throttle.FailTimes(6, support, "ana", someClient, startTime)
	for i := range 100_000 {
		throttle.Fail(support, fmt.Sprintf("user-%d", i), someClient, startTime)
	}
	if wait := throttle.Fail(support, "ana", someClient, startTime); wait == 0 {
		t.Error("the lock is forgotten")
	}
	if n := throttle.Pairs(); n > 1280 {
		t.Errorf("%d pairs are remembered", n)
	}
}

func TestConcurrentAttemptsGetNoMoreTriesThanConsecutiveOnes(t *testing.T) {
	t.Parallel()
	throttle := gate.NewThrottle(100)
	var tries atomic.Int32
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			if throttle.Fail(support, "ana", someClient, startTime) == 0 {
				tries.Add(1)
			}
		})
	}
	all.Wait()
	if tries.Load() != 6 {
		t.Errorf("of 200 concurrent attempts, %d were tried, not 6", tries.Load())
	}
}
