package member

import (
	"context"
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
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
// allowed for as long as the clock was wrong. It implements manager.Runnable.
type clockWatch struct {
	members client.Reader
	watch   memberWatch // supplies the clock and the priorities

	mu    sync.Mutex
	queue kube.Queue // nil until the controller starts
}

// source returns the source of the Members to requeue.
func (w *clockWatch) source() source.Source {
	return source.Func(func(_ context.Context, queue kube.Queue) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.queue = queue
		return nil
	})
}

// Start implements manager.Runnable.
func (w *clockWatch) Start(ctx context.Context) error {
	ticker := time.NewTicker(clockCheckInterval)
	defer ticker.Stop()
	started := time.Now() //nolint:forbidigo // its monotonic reading measures the elapsed time
	lastClock, lastElapsed := w.watch.now().Round(0), time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			// Round removes the monotonic reading, so that only the clock counts.
			clock, elapsed := w.watch.now().Round(0), time.Since(started) //nolint:forbidigo // as above
			w.compare(ctx, clock.Sub(lastClock), elapsed-lastElapsed)
			lastClock, lastElapsed = clock, elapsed
		}
	}
}

// compare requeues the Members if the clock advanced by another duration than elapsed.
func (w *clockWatch) compare(ctx context.Context, advance, elapsed time.Duration) {
	if (advance - elapsed).Abs() < clockTolerance {
		return
	}
	w.mu.Lock()
	queue := w.queue
	w.mu.Unlock()
	if queue == nil {
		return
	}
	priority := func(member *v1alpha1.Member) int { return w.watch.priority(member, 0) }
	hasEndTime := func(member *v1alpha1.Member) bool { return member.Spec.ForceOfflineUntil != nil }
	enqueueMembersAt(ctx, w.members, queue, priority, hasEndTime)
}
