package kube

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// ReadSource is where a reconciler reads the objects that it owns.
type ReadSource int

const (
	// FromCache reads the cache, and the API server only if the cache may be stale.
	FromCache ReadSource = iota
	// FromServer reads the API server.
	FromServer
)

// Pointers returns pointers to the items of a list.
func Pointers[T any](items []T) []*T {
	pointers := make([]*T, 0, len(items))
	for i := range items {
		pointers = append(pointers, &items[i])
	}
	return pointers
}

// Find returns an object, or nil if it does not exist. Callers must not change it: it
// may share memory with the cache.
func Find[T any, P interface {
	*T
	client.Object
}](ctx context.Context, reader client.Reader, key client.ObjectKey,
) (*T, error) {
	object := P(new(T))
	if err := reader.Get(ctx, key, object, client.UnsafeDisableDeepCopy); err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	return object, nil
}

// FindContactCenter returns the ContactCenter of a namespace, or nil if it does not
// exist or is being deleted.
func FindContactCenter(ctx context.Context, reader client.Reader, namespace string) (*v1alpha1.ContactCenter, error) {
	center, err := Find[v1alpha1.ContactCenter](ctx, reader, client.ObjectKey{Namespace: namespace, Name: v1alpha1.ContactCenterName})
	if err != nil || center == nil || center.DeletionTimestamp == nil {
		return center, err
	}
	return nil, nil //nolint:nilnil // a namespace may have no ContactCenter
}

// Exists reports whether an object with this name exists. It reads into an empty
// object of the same resource kind.
func Exists(ctx context.Context, reader client.Reader, namespace, name string, empty client.Object) (bool, error) {
	err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, empty, client.UnsafeDisableDeepCopy)
	return err == nil, client.IgnoreNotFound(err)
}

// ListTemplates returns the MemberTemplates of a namespace. Callers must not change
// them.
func ListTemplates(ctx context.Context, reader client.Reader, namespace string) ([]*v1alpha1.MemberTemplate, error) {
	var list v1alpha1.MemberTemplateList
	if err := reader.List(ctx, &list, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	return Pointers(list.Items), nil
}

// CountMembers returns the number of Members that have a value in an index.
func CountMembers(ctx context.Context, reader client.Reader, namespace, index, value string) (int32, error) {
	var members v1alpha1.MemberList
	if err := reader.List(ctx, &members, client.InNamespace(namespace),
		client.MatchingFields{index: value}, client.UnsafeDisableDeepCopy); err != nil {
		return 0, err
	}
	return int32(len(members.Items)), nil //nolint:gosec // memory bounds the number
}
