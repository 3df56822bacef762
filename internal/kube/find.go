package kube

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// Pointers are Pointers to the items of a list.
func Pointers[T any](items []T) []*T {
	found := make([]*T, 0, len(items))
	for i := range items {
		found = append(found, &items[i])
	}
	return found
}

// ReadSource is where a reconciler looks for what belongs to a Member.
type ReadSource int

const (
	// FromCache looks into the cache, and asks the API server only if the cache
	// may be behind.
	FromCache ReadSource = iota
	// FromServer asks the API server.
	FromServer
)

// FindContactCenter returns the ContactCenter of a namespace, or nil if there is
// none or it is going away.
func FindContactCenter(ctx context.Context, reader client.Reader, namespace string) (*v1alpha1.ContactCenter, error) {
	center, err := Find[v1alpha1.ContactCenter](ctx, reader, client.ObjectKey{Namespace: namespace, Name: v1alpha1.ContactCenterName})
	if err != nil || center == nil || center.DeletionTimestamp == nil {
		return center, err
	}
	return nil, nil //nolint:nilnil // no ContactCenter is a state like any other
}

// Find reads an object; nil if there is none. Not to be changed: it may be the cache's
// own.
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

// ListTemplates are the MemberTemplates of a namespace. Not to be changed.
func ListTemplates(ctx context.Context, reader client.Reader, namespace string) ([]*v1alpha1.MemberTemplate, error) {
	var list v1alpha1.MemberTemplateList
	if err := reader.List(ctx, &list, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	return Pointers(list.Items), nil
}

// Exists is whether there is an object of a name and of the kind of an empty one.
func Exists(ctx context.Context, reader client.Reader, namespace, name string, empty client.Object) (bool, error) {
	err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, empty, client.UnsafeDisableDeepCopy)
	return err == nil, client.IgnoreNotFound(err)
}
