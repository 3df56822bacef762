package ownership

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/internal/kube"
)

// Lookup reads owned objects and their owners: from the cache, and from the API server where the
// cache may be stale.
type Lookup struct {
	Cache, Live client.Reader
}

// Find returns the object of a key; nil if there is none. The cache holds only objects with our
// label and may be stale, so the API server decides unless the caller trusts the cached object.
// The object may belong to the cache: do not change it.
func Find[T any, P kube.Object[T]](ctx context.Context, l Lookup, key client.ObjectKey, source kube.ReadSource, trusted func(cached *T) bool) (*T, error) {
	if source == kube.FromCache {
		object, err := kube.Find[T, P](ctx, l.Cache, key)
		if err != nil || trusted(object) {
			return object, err
		}
	}
	return kube.Find[T, P](ctx, l.Live, key)
}

// Settle returns whose an object is: an object of a predecessor that still exists is foreign. The
// predecessor is read into empty, an object of its resource kind.
func (l Lookup) Settle(ctx context.Context, object client.Object, ownership Ownership, empty client.Object) (Ownership, error) {
	if ownership != Predecessors {
		return ownership, nil
	}
	exists, err := l.Exists(ctx, object.GetNamespace(), metav1.GetControllerOf(object), empty)
	if exists {
		return Foreign, err
	}
	return ownership, err
}

// Exists reports whether the owner of a reference exists; it is read into empty, an object of its
// resource kind. Only the API server can say that it does not: the cache of owners may be behind
// the cache of what they own, and the objects of an owner that was just created again would look
// like its predecessor's.
func (l Lookup) Exists(ctx context.Context, namespace string, owner *metav1.OwnerReference, empty client.Object) (bool, error) {
	key := client.ObjectKey{Namespace: namespace, Name: owner.Name}
	for _, reader := range []client.Reader{l.Cache, l.Live} {
		err := reader.Get(ctx, key, empty)
		if client.IgnoreNotFound(err) != nil {
			return false, err
		}
		if err == nil && empty.GetUID() == owner.UID {
			return true, nil
		}
	}
	return false, nil
}

// ConfirmUID returns kube.ErrStaleCache unless the API server has the same object as the cache. The
// object is read into empty.
func (l Lookup) ConfirmUID(ctx context.Context, cached, empty client.Object) error {
	if err := l.Live.Get(ctx, client.ObjectKeyFromObject(cached), empty); err != nil {
		return err
	}
	if empty.GetUID() != cached.GetUID() {
		return kube.ErrStaleCache
	}
	return nil
}

// ConfirmVersion returns kube.ErrStaleCache unless the API server has the same version of the
// object as the cache. The object is read into empty.
func (l Lookup) ConfirmVersion(ctx context.Context, cached, empty client.Object) error {
	if err := l.ConfirmUID(ctx, cached, empty); err != nil {
		return err
	}
	if empty.GetResourceVersion() != cached.GetResourceVersion() {
		return kube.ErrStaleCache
	}
	return nil
}
