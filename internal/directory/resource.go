package directory

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// resource is a Kubernetes resource of which the directory holds one record for each
// object.
type resource[O client.Object, V any] struct {
	// name is the plural name.
	name    string
	example O
	// labelSelector selects the objects to watch; empty for all.
	labelSelector string
	backoff       wait.Backoff
	// read returns the name and the content of an object's record. It returns false if
	// the object gets no record.
	read func(O) (name string, record V, ok bool)
	// records returns where a namespace's records are.
	records func(*centerRecords) recordSet[V]
}

// withOwnName returns a resource.read for records that have their object's name.
func withOwnName[O client.Object, V any](record func(O) V) func(O) (string, V, bool) {
	return func(object O) (string, V, bool) { return object.GetName(), record(object), true }
}

// watch returns a feed that watches one namespace, or all.
func (r resource[O, V]) watch(directory *Directory, client rest.Interface, namespace string) *feed {
	return r.feed(directory, cache.NewFilteredListWatchFromClient(client, r.name, namespace, func(options *metav1.ListOptions) {
		options.LabelSelector = r.labelSelector
	}), namespace)
}

// feed returns a feed of what a source lists and watches in one namespace, or in all.
func (r resource[O, V]) feed(directory *Directory, source cache.ListerWatcher, namespace string) *feed {
	return &feed{
		directory: directory, resource: r.name, source: source, example: r.example, parse: r.parse, backoff: r.backoff,
		retain: func(keys map[types.NamespacedName]bool) { r.retain(directory, namespace, keys) },
	}
}

func (r resource[O, V]) parse(object any) (entry, error) {
	typed, ok := object.(O)
	if !ok {
		return nil, fmt.Errorf("unexpected type in the cache of %s: %T", r.name, object)
	}
	entry := recordEntry[V]{namespace: typed.GetNamespace(), records: r.records}
	entry.name, entry.record, entry.hasRecord = r.read(typed)
	return entry, nil
}

// retain deletes the records of one namespace, or of all, except those with the given
// keys.
func (r resource[O, V]) retain(directory *Directory, watched string, keys map[types.NamespacedName]bool) {
	for namespace, center := range directory.centers {
		if watched != metav1.NamespaceAll && watched != namespace {
			continue
		}
		records := r.records(center)
		for name := range records.names() {
			if !keys[types.NamespacedName{Namespace: namespace, Name: name}] {
				records.remove(name)
			}
		}
		directory.dropIfEmpty(namespace)
	}
}

// recordEntry is the entry of an object of a resource.
type recordEntry[V any] struct {
	namespace, name string
	record          V
	// hasRecord reports whether the object gets a record. Without one, the directory
	// treats it like a deleted object.
	hasRecord bool
	records   func(*centerRecords) recordSet[V]
}

func (e recordEntry[V]) key() types.NamespacedName {
	return types.NamespacedName{Namespace: e.namespace, Name: e.name}
}

func (e recordEntry[V]) put(d *Directory) {
	if !e.hasRecord {
		e.remove(d)
		return
	}
	e.records(d.center(e.namespace)).put(e.name, e.record)
}

func (e recordEntry[V]) remove(d *Directory) {
	e.records(d.center(e.namespace)).remove(e.name)
	d.dropIfEmpty(e.namespace)
}
