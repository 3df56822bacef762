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

// How often the clock is compared with the time that has passed, and how far apart
// they may be.
const (
	clockLook   = time.Second
	clockBounds = 5 * time.Second
)

// clockWatch has the Members whose denial ends at a time looked at when the clock was
// changed: put right by NTP after a boot, or behind after a virtual machine slept. A
// timer counts the time that passes, not what the clock says, so without it they would
// stay denied, or allowed, for as long as the clock was wrong. It implements
// manager.Runnable.
type clockWatch struct {
	members client.Reader
	watch   memberWatch // has the clock, and who goes first

	mu    sync.Mutex
	queue kube.Queue // nil until the controller starts
}

// source is where the Members to be looked at come from.
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
	ticker := time.NewTicker(clockLook)
	defer ticker.Stop()
	begun := time.Now() //nolint:forbidigo // for what has passed, by its monotonic reading
	clock, passed := w.watch.now().Round(0), time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			// Without its monotonic reading, it is what the clock says.
			now, since := w.watch.now().Round(0), time.Since(begun) //nolint:forbidigo // as above
			w.compare(ctx, now.Sub(clock), since-passed)
			clock, passed = now, since
		}
	}
}

// compare has the Members looked at if the clock went another way than the time.
func (w *clockWatch) compare(ctx context.Context, clock, passed time.Duration) {
	if (clock - passed).Abs() < clockBounds {
		return
	}
	w.mu.Lock()
	queue := w.queue
	w.mu.Unlock()
	if queue == nil {
		return
	}
	priority := func(member *v1alpha1.Member) int { return w.watch.priority(member, 0) }
	timed := func(member *v1alpha1.Member) bool { return member.Spec.ForceOfflineUntil != nil }
	enqueueMembersAt(ctx, w.members, queue, priority, timed)
}
