package directory

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/cache"
)

// maxSilence is how long a watch may bring neither an event nor a bookmark. The API
// server sends bookmarks about once a minute, so a watch that is silent for longer
// is dead.
const maxSilence = 150 * time.Second

// entry is the record of one object, and its place in the records of its resource.
type entry struct {
	key types.NamespacedName
	// record is nil for an object without a record.
	record any
}

// records are the records of one resource. The caller of put and keys holds the
// directory's lock.
type records interface {
	// parse returns the entry of an object.
	parse(object any) (entry, error)
	// put adds an entry or replaces the one with its key. Without a record, it deletes
	// that one.
	put(e entry)
	keys() iter.Seq[types.NamespacedName]
}

// feed keeps the directory's records of one resource equal to the API server. It is
// the store of a cache.Reflector: objects become entries as they arrive, and no
// object stays in memory.
type feed struct {
	directory *Directory
	table     records
	// resource is the plural name in messages and metrics.
	resource string
	// namespace is the namespace that the feed watches; empty for all.
	namespace string
	// source lists and watches the objects, and example is one of them.
	source  cache.ListerWatcher
	example runtime.Object
	// backoff is the wait between attempts to reach the API server.
	backoff wait.Backoff

	synced atomic.Bool
	// heardAt is when the API server last sent something. It has a reading of the
	// monotonic clock, so that setting the clock back makes nothing fresh.
	heardAt atomic.Pointer[time.Time]
}

// run feeds the directory until ctx ends.
func (f *feed) run(ctx context.Context) {
	cache.NewReflectorWithOptions(f.source, f.example, f, cache.ReflectorOptions{
		Name: "gate", TypeDescription: f.resource, Backoff: &f.backoff,
	}).RunWithContext(ctx)
}

// fresh returns nil while the records are reliable, and otherwise the reason why
// they are not.
func (f *feed) fresh() error {
	if !f.synced.Load() {
		return fmt.Errorf("the cache of %s has not filled yet", f.resource)
	}
	if age := f.age(); age > maxSilence {
		return fmt.Errorf("the API server has sent no event or bookmark for %s for %s", f.resource, age.Round(time.Second))
	}
	return nil
}

// age returns how long ago the API server last sent something.
func (f *feed) age() time.Duration {
	return f.directory.now().Sub(*f.heardAt.Load())
}

// entryOf returns the entry of an object, which the transformer may have parsed
// already.
func (f *feed) entryOf(object any) (entry, error) {
	if entry, ok := object.(entry); ok {
		return entry, nil
	}
	return f.table.parse(object)
}

// Add implements cache.ReflectorStore.
func (f *feed) Add(object any) error {
	entry, err := f.entryOf(object)
	if err != nil {
		return err
	}
	f.directory.mu.Lock()
	defer f.directory.mu.Unlock()
	f.table.put(entry)
	return nil
}

// Update implements cache.ReflectorStore.
func (f *feed) Update(object any) error { return f.Add(object) }

// Delete implements cache.ReflectorStore.
func (f *feed) Delete(object any) error {
	deleted, err := f.entryOf(object)
	if err != nil {
		return err
	}
	return f.Add(entry{key: deleted.key})
}

// Replace implements cache.ReflectorStore.
func (f *feed) Replace(objects []any, resourceVersion string) error {
	entries, listed := make([]entry, 0, len(objects)), make(map[types.NamespacedName]bool, len(objects))
	for _, object := range objects {
		entry, err := f.entryOf(object)
		if err != nil {
			return err
		}
		entries = append(entries, entry)
		listed[entry.key] = true
	}
	f.directory.mu.Lock()
	for key := range f.table.keys() {
		if (f.namespace == metav1.NamespaceAll || f.namespace == key.Namespace) && !listed[key] {
			f.table.put(entry{key: key})
		}
	}
	for _, entry := range entries {
		f.table.put(entry)
	}
	f.directory.mu.Unlock()
	f.UpdateResourceVersion(resourceVersion)
	f.synced.Store(true)
	return nil
}

// Resync implements cache.ReflectorStore.
func (f *feed) Resync() error { return nil }

// Transformer implements cache.TransformingStore.
func (f *feed) Transformer() cache.TransformFunc {
	return func(object any) (any, error) { return f.entryOf(object) }
}

// UpdateResourceVersion implements cache.ResourceVersionUpdater. The Reflector calls
// it on every event and every bookmark.
func (f *feed) UpdateResourceVersion(string) {
	f.heardAt.Store(new(f.directory.now()))
}
