package directory

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/cache"
)

// maxSilence is how long a watch may bring neither an event nor a bookmark. The API
// server sends bookmarks about once a minute, so a watch that is silent for longer
// is dead.
const maxSilence = 150 * time.Second

// loginBackoff is the wait between attempts to reach the API server about what
// logins depend on. It is short, since the gate learns of no denial meanwhile.
var loginBackoff = wait.Backoff{Duration: 200 * time.Millisecond, Cap: 5 * time.Second, Steps: 10, Factor: 2, Jitter: 0.5}

// whoamiBackoff is the wait between attempts to reach the API server about what only
// Whoami depends on. It grows longer, since in a cluster without these CRDs the
// attempts never end, and each logs a line.
var whoamiBackoff = wait.Backoff{Duration: 200 * time.Millisecond, Cap: 30 * time.Second, Steps: 10, Factor: 2, Jitter: 0.5}

// entry is a record of one object and its place in the directory.
type entry interface {
	// key identifies the entry within its feed.
	key() types.NamespacedName
	// put adds the record to the directory or replaces the object's former record. The
	// caller holds the directory's lock.
	put(directory *Directory)
	// remove deletes the record from the directory. The caller holds the directory's
	// lock.
	remove(directory *Directory)
}

// feed keeps the directory's records of one resource equal to the API server. It is
// the store of a cache.Reflector: objects become entries as they arrive, and no
// object stays in memory.
type feed struct {
	directory *Directory
	// resource is the plural name in messages and metrics.
	resource string
	// source lists and watches the objects, and example is one of them.
	source  cache.ListerWatcher
	example runtime.Object
	// parse returns the entry of an object.
	parse func(object any) (entry, error)
	// retain deletes this feed's records from the directory, except those with the
	// given keys. The caller holds the directory's lock.
	retain func(keys map[types.NamespacedName]bool)
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
	return f.parse(object)
}

// Add implements cache.ReflectorStore.
func (f *feed) Add(object any) error {
	entry, err := f.entryOf(object)
	if err != nil {
		return err
	}
	f.directory.mu.Lock()
	defer f.directory.mu.Unlock()
	entry.put(f.directory)
	return nil
}

// Update implements cache.ReflectorStore.
func (f *feed) Update(object any) error { return f.Add(object) }

// Delete implements cache.ReflectorStore.
func (f *feed) Delete(object any) error {
	entry, err := f.entryOf(object)
	if err != nil {
		return err
	}
	f.directory.mu.Lock()
	defer f.directory.mu.Unlock()
	entry.remove(f.directory)
	return nil
}

// Replace implements cache.ReflectorStore.
func (f *feed) Replace(objects []any, resourceVersion string) error {
	entries, keys := make([]entry, 0, len(objects)), make(map[types.NamespacedName]bool, len(objects))
	for _, object := range objects {
		entry, err := f.entryOf(object)
		if err != nil {
			return err
		}
		entries = append(entries, entry)
		keys[entry.key()] = true
	}
	f.directory.mu.Lock()
	f.retain(keys)
	for _, entry := range entries {
		entry.put(f.directory)
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
