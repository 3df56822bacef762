package kube

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// WrittenVersions remembers the version of each object from which the operator last
// wrote a status. While the cache still has that version, it is stale, and a reconcile
// would end in a conflict.
type WrittenVersions struct {
	mu   sync.Mutex
	from map[types.UID]string
}

// Note remembers that a status was written from this version.
func (w *WrittenVersions) Note(before client.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.from == nil {
		w.from = map[types.UID]string{}
	}
	w.from[before.GetUID()] = before.GetResourceVersion()
}

// IsStale reports whether a cached object lacks the operator's last write. The event of
// the write triggers the next reconcile.
func (w *WrittenVersions) IsStale(object client.Object) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	version, ok := w.from[object.GetUID()]
	return ok && version == object.GetResourceVersion()
}

// Forget removes an object that no longer exists.
func (w *WrittenVersions) Forget(object client.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.from, object.GetUID())
}
