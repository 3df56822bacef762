package kube

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// WrittenVersions remembers from which version of each object a status was last
// written. An object that the cache still has in that version is behind our own
// write, and a reconcile of it would only end in a conflict.
type WrittenVersions struct {
	mu   sync.Mutex
	from map[types.UID]string
}

// note remembers that a status was written from this version.
func (w *WrittenVersions) Note(before client.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.from == nil {
		w.from = map[types.UID]string{}
	}
	w.from[before.GetUID()] = before.GetResourceVersion()
}

// behind is whether the cache does not show our last write yet. It will: the
// write's event is on the way.
func (w *WrittenVersions) IsStale(object client.Object) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	version, ok := w.from[object.GetUID()]
	return ok && version == object.GetResourceVersion()
}

// forget drops what is known of an object that is gone.
func (w *WrittenVersions) Forget(object client.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.from, object.GetUID())
}
