package kube

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Counting the Members of a namespace costs more than a change of one Member is
// worth, so changes are collected: a single one shows soon, and a burst of
// thousands makes a handful of counts.
const (
	// recountDelay is how long after a change it is counted.
	recountDelay = 300 * time.Millisecond
	// recountPause is the time in which an object gets one count, after
	// recountBurst counts at once.
	recountPause = 10 * time.Second
	recountBurst = 3
)

// Recounts remembers how often objects were counted.
type Recounts struct {
	now func() time.Time

	mu     sync.Mutex
	counts map[client.ObjectKey]*counted
}

// counted is what is known of one object.
type counted struct {
	generation int64
	limiter    *rate.Limiter
}

// NewRecounts makes an empty memory.
func NewRecounts(now func() time.Time) *Recounts {
	return &Recounts{now: now, counts: map[client.ObjectKey]*counted{}}
}

// wait is how long an object has to wait for its next count: not at all if its
// spec has changed, or if it was not counted often lately. If it does not have to
// wait, this is a count.
func (r *Recounts) Wait(object client.Object) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	key, now := client.ObjectKeyFromObject(object), r.now()
	known, ok := r.counts[key]
	if !ok {
		known = &counted{limiter: rate.NewLimiter(rate.Every(recountPause), recountBurst)}
		r.counts[key] = known
	}
	if known.generation != object.GetGeneration() {
		known.generation = object.GetGeneration()
		return 0
	}
	reservation := known.limiter.ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}

// forget drops what is known of an object that is gone.
func (r *Recounts) Forget(key client.ObjectKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.counts, key)
}

// EnqueueRecount has an object counted soon. Further changes until then are
// covered by the same count.
func EnqueueRecount(queue Queue, namespace, name string) {
	queue.AddAfter(reconcile.Request{NamespacedName: client.ObjectKey{Namespace: namespace, Name: name}}, recountDelay)
}
