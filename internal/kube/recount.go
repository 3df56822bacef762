package kube

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// Counting the Members of a namespace costs more than a change of one Member is
// worth, so changes are collected. A single change shows soon, and a burst of
// thousands causes a few counts.
const (
	// recountDelay is the time between a change and its count.
	recountDelay = 300 * time.Millisecond
	// recountInterval is the time between two counts of an object, after recountBurst
	// counts at once.
	recountInterval = 10 * time.Second
	recountBurst    = 3
)

// RecountLimiter limits how often each object is counted.
type RecountLimiter struct {
	now func() time.Time

	mu     sync.Mutex
	counts map[client.ObjectKey]*recountState
}

// recountState is what a RecountLimiter knows of one object.
type recountState struct {
	generation int64
	limiter    *rate.Limiter
}

// NewRecountLimiter returns a limiter that knows no objects.
func NewRecountLimiter(now func() time.Time) *RecountLimiter {
	return &RecountLimiter{now: now, counts: map[client.ObjectKey]*recountState{}}
}

// Delay returns how long an object must wait for its next count. Zero permits one
// count: after a change of the spec, or if the last counts are long enough ago.
func (r *RecountLimiter) Delay(object client.Object) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	key, now := client.ObjectKeyFromObject(object), r.now()
	state, ok := r.counts[key]
	if !ok {
		state = &recountState{limiter: rate.NewLimiter(rate.Every(recountInterval), recountBurst)}
		r.counts[key] = state
	}
	if state.generation != object.GetGeneration() {
		state.generation = object.GetGeneration()
		return 0
	}
	reservation := state.limiter.ReserveN(now, 1)
	delay := reservation.DelayFrom(now)
	if delay > 0 {
		reservation.CancelAt(now)
	}
	return delay
}

// Forget removes an object that no longer exists.
func (r *RecountLimiter) Forget(key client.ObjectKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.counts, key)
}

// EnqueueRecount requests a count after a short delay. The same count covers further
// changes until then.
func EnqueueRecount(queue Queue, namespace, name string) {
	queue.AddAfter(reconcile.Request{NamespacedName: client.ObjectKey{Namespace: namespace, Name: name}}, recountDelay)
}

// RecountOnMemberChange recounts the objects that a Member names in its status, when
// these names change. names returns them.
func RecountOnMemberChange(names func(*v1alpha1.Member) []string) Handler[*v1alpha1.Member] {
	differ := func(before, after *v1alpha1.Member) bool { return !slices.Equal(names(before), names(after)) }
	return WatchVersions(differ, func(_ context.Context, member *v1alpha1.Member, queue Queue) {
		for _, name := range names(member) {
			EnqueueRecount(queue, member.Namespace, name)
		}
	})
}
