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
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// referenceSyncTimeout is how long a new watch may take to show its object.
const referenceSyncTimeout = 10 * time.Second

// reference names a Secret or a ConfigMap that a ContactCenter refers to.
type reference struct {
	configMap       bool // else a Secret
	namespace, name string
}

// String names the reference for people.
func (r reference) String() string {
	if r.configMap {
		return "ConfigMap " + r.name
	}
	return "Secret " + r.name
}

// referenceWatches watches the Secrets and ConfigMaps that ContactCenters refer to, by
// name and one at a time, so that nobody else's are read or held in memory.
type referenceWatches struct {
	client kubernetes.Interface
	// changed is told of the namespace of every change. It must not block.
	changed func(namespace string)

	running sync.WaitGroup
	mu      sync.Mutex
	stopped bool
	watches map[reference]*referenceWatch
}

// referenceWatch is one watch.
type referenceWatch struct {
	informer cache.SharedIndexInformer
	stop     chan struct{}
}

// newReferenceWatches makes a set of no watches.
func newReferenceWatches(client kubernetes.Interface, changed func(namespace string)) *referenceWatches {
	return &referenceWatches{client: client, changed: changed, watches: map[reference]*referenceWatch{}}
}

// Start keeps the watches until ctx ends, and returns when all have stopped. It
// implements manager.Runnable.
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

// keep makes these the only referenceWatches watched in a namespace.
func (r *referenceWatches) keep(namespace string, wanted ...reference) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return
	}
	keep := map[reference]bool{}
	for _, reference := range wanted {
		keep[reference] = true
		if _, ok := r.watches[reference]; !ok {
			r.watches[reference] = r.watch(reference)
		}
	}
	for reference, watched := range r.watches {
		if reference.namespace == namespace && !keep[reference] {
			close(watched.stop)
			delete(r.watches, reference)
		}
	}
}

// watch begins a watch. The caller holds the lock.
func (r *referenceWatches) watch(wanted reference) *referenceWatch {
	only := fields.OneTermEqualSelector(metav1.ObjectNameField, wanted.name).String()
	source := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			options.FieldSelector = only
			if wanted.configMap {
				return r.client.CoreV1().ConfigMaps(wanted.namespace).List(ctx, options)
			}
			return r.client.CoreV1().Secrets(wanted.namespace).List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.FieldSelector = only
			if wanted.configMap {
				return r.client.CoreV1().ConfigMaps(wanted.namespace).Watch(ctx, options)
			}
			return r.client.CoreV1().Secrets(wanted.namespace).Watch(ctx, options)
		},
	}
	var example runtime.Object = &corev1.Secret{}
	if wanted.configMap {
		example = &corev1.ConfigMap{}
	}
	started := &referenceWatch{informer: cache.NewSharedIndexInformer(source, example, 0, cache.Indexers{}), stop: make(chan struct{})}
	changed := func() { r.changed(wanted.namespace) }
	// The registration is of no use: the informer stops with everything in it.
	_, _ = started.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{ //nolint:errcheck // an informer that has not started takes every handler
		AddFunc:    func(any) { changed() },
		UpdateFunc: func(_, _ any) { changed() },
		DeleteFunc: func(any) { changed() },
	})
	r.running.Go(func() { started.informer.Run(started.stop) })
	return started
}

// get returns the object that a reference names, or nil if there is none. It
// waits for a watch that has just begun.
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
		return nil, fmt.Errorf("%s in namespace %s cannot be watched: check that the operator may get, list and watch it", wanted, wanted.namespace)
	}
	object, exists, err := watched.informer.GetStore().GetByKey(wanted.namespace + "/" + wanted.name)
	if err != nil || !exists {
		return nil, err
	}
	return object, nil
}
