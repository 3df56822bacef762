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

// Object is the pointer type of an API object.
type Object[T any] interface {
	*T
	client.Object
	DeepCopy() *T
}

// Find returns an object, or nil if it does not exist. Callers must not change it: it
// may share memory with the cache.
func Find[T any, P Object[T]](ctx context.Context, reader client.Reader, key client.ObjectKey) (*T, error) {
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

// Exists reports whether an object with this name exists.
func Exists[T any, P Object[T]](ctx context.Context, reader client.Reader, namespace, name string) (bool, error) {
	object, err := Find[T, P](ctx, reader, client.ObjectKey{Namespace: namespace, Name: name})
	return object != nil, err
}

// List returns the objects of a namespace that options select; an empty namespace stands
// for all. It reads them into list, whose field Items is items. Callers must not change
// them: they share memory with the cache.
func List[T any](ctx context.Context, reader client.Reader, list client.ObjectList, items *[]T, namespace string, options ...client.ListOption) ([]*T, error) {
	if err := reader.List(ctx, list, append(options, client.InNamespace(namespace), client.UnsafeDisableDeepCopy)...); err != nil {
		return nil, err
	}
	objects := make([]*T, 0, len(*items))
	for i := range *items {
		objects = append(objects, &(*items)[i])
	}
	return objects, nil
}

// ListMembers lists Members, as List does.
func ListMembers(ctx context.Context, reader client.Reader, namespace string, options ...client.ListOption) ([]*v1alpha1.Member, error) {
	var list v1alpha1.MemberList
	return List(ctx, reader, &list, &list.Items, namespace, options...)
}

// ListTemplates lists the MemberTemplates of a namespace, as List does.
func ListTemplates(ctx context.Context, reader client.Reader, namespace string) ([]*v1alpha1.MemberTemplate, error) {
	var list v1alpha1.MemberTemplateList
	return List(ctx, reader, &list, &list.Items, namespace)
}

// CountMembers returns the number of Members that have a value in an index.
func CountMembers(ctx context.Context, reader client.Reader, namespace, index, value string) (int32, error) {
	members, err := ListMembers(ctx, reader, namespace, client.MatchingFields{index: value})
	return int32(len(members)), err //nolint:gosec // memory bounds the number
}
