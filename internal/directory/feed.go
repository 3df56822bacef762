package directory

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/cache"
)

// maxSilence is how long a watch may bring neither an event nor a bookmark. The
// API server sends bookmarks about once a minute, so a longer silence is a watch
// that has died without anybody noticing.
const maxSilence = 150 * time.Second

// feedBackoff is between attempts to reach the API server. It is short, since
// while nothing is heard a cut-off is not either.
var feedBackoff = wait.Backoff{Duration: 200 * time.Millisecond, Cap: 5 * time.Second, Steps: 10, Factor: 2, Jitter: 0.5}

// placeBackoff is between attempts to reach the API server about what only Whoami
// tells. It ends up longer, since in a cluster without these kinds the attempts go on
// for ever, with a line in the log each time.
var placeBackoff = wait.Backoff{Duration: 200 * time.Millisecond, Cap: 30 * time.Second, Steps: 10, Factor: 2, Jitter: 0.5}

// entry is what the gate keeps of one object.
type entry interface {
	// key is what no other entry of the feed has.
	key() string
	// enter puts it into the directory, in the place of its former self. The
	// caller holds the directory's lock.
	enter(directory *Directory)
	// leave takes it out of the directory. The caller holds the directory's lock.
	leave(directory *Directory)
}

// feed keeps what the directory has of one kind the same as the API server.
// It is the store of a cache.Reflector, so that objects become entries as they
// arrive, and no object stays in memory.
type feed struct {
	directory *Directory
	// kind names the objects for people, in the plural.
	kind string
	// source lists and watches them, and example is one of them.
	source  cache.ListerWatcher
	example runtime.Object
	// read makes an entry of an object.
	read func(object any) (entry, error)
	// keep takes all entries of this feed out of the directory but those with these
	// keys.
	keep func(directory *Directory, keys map[string]bool)
	// backoff is between attempts to reach the API server.
	backoff wait.Backoff

	synced atomic.Bool
	// heardFrom is when the API server was last heard from, with a reading of the
	// monotonic clock: putting the clock back makes nothing fresh.
	heardFrom atomic.Pointer[time.Time]
}

// run feeds the directory until ctx ends.
func (f *feed) run(ctx context.Context) {
	cache.NewReflectorWithOptions(f.source, f.example, f, cache.ReflectorOptions{
		Name: "gate", TypeDescription: f.kind, Backoff: &f.backoff,
	}).RunWithContext(ctx)
}

// fresh is nil while what was fed can be relied on, and otherwise why it cannot.
func (f *feed) fresh() error {
	if !f.synced.Load() {
		return fmt.Errorf("the cache of %s has not filled yet", f.kind)
	}
	if age := f.age(); age > maxSilence {
		return fmt.Errorf("the API server has sent no event or bookmark for %s for %s", f.kind, age.Round(time.Second))
	}
	return nil
}

// age is how long ago the API server was heard from.
func (f *feed) age() time.Duration {
	return f.directory.now().Sub(*f.heardFrom.Load())
}

// entry is what the gate keeps of an object, which may be an entry already.
func (f *feed) entry(object any) (entry, error) {
	if entry, ok := object.(entry); ok {
		return entry, nil
	}
	return f.read(object)
}

// change applies one change to the directory.
func (f *feed) change(object any, apply func(entry)) error {
	entry, err := f.entry(object)
	if err != nil {
		return err
	}
	f.directory.mu.Lock()
	defer f.directory.mu.Unlock()
	apply(entry)
	return nil
}

// Add implements cache.ReflectorStore.
func (f *feed) Add(object any) error {
	return f.change(object, func(entry entry) { entry.enter(f.directory) })
}

// Update implements cache.ReflectorStore.
func (f *feed) Update(object any) error { return f.Add(object) }

// Delete implements cache.ReflectorStore.
func (f *feed) Delete(object any) error {
	return f.change(object, func(entry entry) { entry.leave(f.directory) })
}

// Replace implements cache.ReflectorStore.
func (f *feed) Replace(objects []any, resourceVersion string) error {
	entries, keys := make([]entry, 0, len(objects)), make(map[string]bool, len(objects))
	for _, object := range objects {
		entry, err := f.entry(object)
		if err != nil {
			return err
		}
		entries = append(entries, entry)
		keys[entry.key()] = true
	}
	f.directory.mu.Lock()
	f.keep(f.directory, keys)
	for _, entry := range entries {
		entry.enter(f.directory)
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
	return func(object any) (any, error) { return f.entry(object) }
}

// UpdateResourceVersion implements cache.ResourceVersionUpdater: the Reflector
// calls it on every event and every bookmark.
func (f *feed) UpdateResourceVersion(string) {
	f.heardFrom.Store(new(f.directory.now()))
}
