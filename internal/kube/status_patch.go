package kube

import (
	"context"
	"reflect"
	"sync"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// PatchStatus writes the difference between two statuses of an object in one patch, and
// reports whether there was one. The patch fails with a conflict if the object changed
// since it was read. After a success, after is the object as the API server has it.
func PatchStatus[T any, P Object[T]](ctx context.Context, writer client.Client, before, after P) (written bool, err error) {
	if equality.Semantic.DeepEqual(before, after) {
		return false, nil
	}
	from, to := statusOnly(before), statusOnly(after)
	to.SetResourceVersion(before.GetResourceVersion())
	data, err := client.MergeFrom(from).Data(to)
	if err != nil {
		return false, err
	}
	version := before.GetResourceVersion()
	if err := writer.Status().Patch(ctx, after, client.RawPatch(types.MergePatchType, data)); err != nil {
		return false, err
	}
	// Without a new version there is no event, for which WrittenVersions would wait.
	return after.GetResourceVersion() != version, nil
}

// statusOnly returns an object with the status of another one and nothing else, which
// saves marshaling and comparing the rest.
func statusOnly[T any, P Object[T]](whole P) P {
	object := P(new(T))
	reflect.ValueOf(object).Elem().FieldByName("Status").Set(reflect.ValueOf(whole).Elem().FieldByName("Status"))
	return object
}

// WrittenVersions remembers the version of each object from which the operator last
// wrote a status. While the cache still has that version, it is stale, and a reconcile
// would end in a conflict.
type WrittenVersions struct {
	from sync.Map // resourceVersion by UID
}

// Note remembers that a status was written from this version.
func (w *WrittenVersions) Note(before client.Object) {
	w.from.Store(before.GetUID(), before.GetResourceVersion())
}

// IsStale reports whether a cached object lacks the operator's last write. The event of
// the write triggers the next reconcile.
func (w *WrittenVersions) IsStale(object client.Object) bool {
	version, ok := w.from.Load(object.GetUID())
	return ok && version == object.GetResourceVersion()
}

// Forget removes an object that no longer exists.
func (w *WrittenVersions) Forget(object client.Object) { w.from.Delete(object.GetUID()) }
