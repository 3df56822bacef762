package directory

import (
	"fmt"
	"iter"
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// table holds a record for each object of one Kubernetes resource.
type table[O client.Object, V any] struct {
	// name is the plural name of the resource.
	name    string
	backoff wait.Backoff
	example O
	// labelSelector selects the objects to watch; empty for all.
	labelSelector string
	// read returns the key and the content of an object's record. It returns false if
	// the object gets no record: the directory treats it like a deleted object.
	read func(O) (types.NamespacedName, V, bool)
	// changed is called after each put with the former and the current record; either is
	// the zero value if there is none. It may be nil.
	changed func(former, current V)

	records map[types.NamespacedName]V
}

func newTable[O client.Object, V any](name string, backoff wait.Backoff, example O, read func(O) (types.NamespacedName, V, bool)) table[O, V] {
	return table[O, V]{name: name, backoff: backoff, example: example, read: read, records: map[types.NamespacedName]V{}}
}

// withOwnKey returns a table.read for records with their object's namespace and name.
func withOwnKey[O client.Object, V any](record func(O) V) func(O) (types.NamespacedName, V, bool) {
	return func(object O) (types.NamespacedName, V, bool) {
		return client.ObjectKeyFromObject(object), record(object), true
	}
}

// watch returns a feed that watches one namespace, or all.
func (t *table[O, V]) watch(directory *Directory, client rest.Interface, namespace string) *feed {
	return t.feed(directory, cache.NewFilteredListWatchFromClient(client, t.name, namespace, func(options *metav1.ListOptions) {
		options.LabelSelector = t.labelSelector
	}), namespace)
}

// feed returns a feed of what a source lists and watches in one namespace, or in all.
func (t *table[O, V]) feed(directory *Directory, source cache.ListerWatcher, namespace string) *feed {
	return &feed{
		directory: directory, table: t, resource: t.name, namespace: namespace, source: source, example: t.example, backoff: t.backoff,
	}
}

func (t *table[O, V]) parse(object any) (entry, error) {
	typed, ok := object.(O)
	if !ok {
		return entry{}, fmt.Errorf("unexpected type in the cache of %s: %T", t.name, object)
	}
	key, record, ok := t.read(typed)
	if !ok {
		return entry{key: key}, nil
	}
	return entry{key: key, record: record}, nil
}

func (t *table[O, V]) put(e entry) {
	former := t.records[e.key]
	current, ok := e.record.(V)
	if ok {
		t.records[e.key] = current
	} else {
		delete(t.records, e.key)
	}
	if t.changed != nil {
		t.changed(former, current)
	}
}

func (t *table[O, V]) keys() iter.Seq[types.NamespacedName] { return maps.Keys(t.records) }
