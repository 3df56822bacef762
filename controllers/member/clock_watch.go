package member

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
)

const (
	// clockCheckInterval is the time between two comparisons of the clock with the time
	// that has elapsed.
	clockCheckInterval = time.Second
	// clockTolerance is the difference from which on the clock counts as changed.
	clockTolerance = 5 * time.Second
)

// clockWatch requeues the Members whose denial has an end time when the clock jumps: after
// NTP corrects it, or after a virtual machine sleeps. The timer of a request counts elapsed
// time, not what the clock shows. Without clockWatch, these Members would stay denied or
// allowed for as long as the clock was wrong. watch supplies the clock and the priorities.
// The source takes the queue of the controller to the runnable, for which the manager waits.
func clockWatch(members client.Reader, watch memberWatch) (source.Source, manager.Runnable) {
	queues := make(chan kube.Queue, 1)
	take := source.Func(func(_ context.Context, queue kube.Queue) error {
		queues <- queue
		return nil
	})
	return take, manager.RunnableFunc(func(ctx context.Context) error {
		select {
		case <-ctx.Done():
		case queue := <-queues:
			watchClock(ctx, watch.now, func() {
				hasEndTime := func(member *v1alpha1.Member) (int, bool) {
					return watch.priority(member, 0), member.Spec.ForceOfflineUntil != nil
				}
				enqueueMembers(ctx, members, queue, hasEndTime, "")
			})
		}
		return nil
	})
}

// watchClock calls jumped each time the clock advanced by another duration than elapsed,
// until ctx ends.
func watchClock(ctx context.Context, now func() time.Time, jumped func()) {
	ticker := time.NewTicker(clockCheckInterval)
	defer ticker.Stop()
	started := time.Now() //nolint:forbidigo // its monotonic reading measures the elapsed time
	lastClock, lastElapsed := now().Round(0), time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			// Round removes the monotonic reading, so that only the clock counts.
			clock, elapsed := now().Round(0), time.Since(started) //nolint:forbidigo // as above
			if (clock.Sub(lastClock) - (elapsed - lastElapsed)).Abs() >= clockTolerance {
				jumped()
			}
			lastClock, lastElapsed = clock, elapsed
		}
	}
}
