package contactcenter

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// referenceSyncTimeout is the time in which a new watch must show its object.
const referenceSyncTimeout = 10 * time.Second

// reference names a Secret or a ConfigMap that a ContactCenter refers to.
type reference struct {
	configMap       bool // otherwise it is a Secret
	namespace, name string
}

// String returns the resource kind and the name.
func (r reference) String() string {
	if r.configMap {
		return "ConfigMap " + r.name
	}
	return "Secret " + r.name
}

// referenceWatches watches the Secrets and ConfigMaps to which ContactCenters refer, each
// by its name, so that no others are read or held in memory.
type referenceWatches struct {
	client kubernetes.Interface
	// changed is called with the namespace of every change. It must not block.
	changed func(namespace string)

	running sync.WaitGroup
	mu      sync.Mutex
	stopped bool
	watches map[reference]*referenceWatch
}

// referenceWatch is the watch of one object.
type referenceWatch struct {
	informer cache.SharedIndexInformer
	stop     chan struct{}
}

// newReferenceWatches returns an empty set of watches.
func newReferenceWatches(client kubernetes.Interface, changed func(namespace string)) *referenceWatches {
	return &referenceWatches{client: client, changed: changed, watches: map[reference]*referenceWatch{}}
}

// Start implements manager.Runnable. It stops all watches when ctx ends, and returns when
// they have stopped.
func (r *referenceWatches) Start(ctx context.Context) error {
	<-ctx.Done()
	r.mu.Lock()
	r.stopped = true
	for _, watched := range r.watches {
		close(watched.stop)
	}
	clear(r.watches)
	r.mu.Unlock()
	r.running.Wait()
	return nil
}

// watchOnly starts and stops watches, so that these references are the only ones that are
// watched in a namespace.
func (r *referenceWatches) watchOnly(namespace string, wanted ...reference) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return
	}
	needed := map[reference]bool{}
	for _, reference := range wanted {
		needed[reference] = true
		if _, ok := r.watches[reference]; !ok {
			r.watches[reference] = r.watch(reference)
		}
	}
	for reference, watched := range r.watches {
		if reference.namespace == namespace && !needed[reference] {
			close(watched.stop)
			delete(r.watches, reference)
		}
	}
}

// watch starts a watch. The caller holds the lock.
func (r *referenceWatches) watch(wanted reference) *referenceWatch {
	resource, example := corev1.ResourceSecrets.String(), runtime.Object(&corev1.Secret{})
	if wanted.configMap {
		resource, example = corev1.ResourceConfigMaps.String(), &corev1.ConfigMap{}
	}
	source := cache.NewListWatchFromClient(r.client.CoreV1().RESTClient(), resource, wanted.namespace,
		fields.OneTermEqualSelector(metav1.ObjectNameField, wanted.name))
	started := &referenceWatch{informer: cache.NewSharedIndexInformer(source, example, 0, cache.Indexers{}), stop: make(chan struct{})}
	changed := func() { r.changed(wanted.namespace) }
	// The registration is not needed, because the informer stops as a whole.
	_, _ = started.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{ //nolint:errcheck // an informer that has not started accepts every handler
		AddFunc:    func(any) { changed() },
		UpdateFunc: func(_, _ any) { changed() },
		DeleteFunc: func(any) { changed() },
	})
	r.running.Go(func() { started.informer.Run(started.stop) })
	return started
}

// get returns the object that a reference names, or nil if it does not exist. It waits
// for a watch that has just started.
func (r *referenceWatches) get(ctx context.Context, wanted reference) (any, error) {
	r.mu.Lock()
	watched, ok := r.watches[wanted]
	r.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("%s is not watched", wanted)
	}
	ctx, cancel := context.WithTimeout(ctx, referenceSyncTimeout)
	defer cancel()
	if !cache.WaitForCacheSync(ctx.Done(), watched.informer.HasSynced) {
		return nil, fmt.Errorf("%s in namespace %s cannot be watched: check that the operator may get, list, and watch it", wanted, wanted.namespace)
	}
	object, exists, err := watched.informer.GetStore().GetByKey(wanted.namespace + "/" + wanted.name)
	if err != nil || !exists {
		return nil, err
	}
	return object, nil
}
