package member

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/licensing"
)

// cacheSnapshots reads from the cache what the license allocator decides from. It
// implements licensing.Snapshots.
type cacheSnapshots struct {
	reader client.Reader
}

// Rules implements licensing.Snapshots.
func (s cacheSnapshots) Rules(ctx context.Context, namespace string) (*v1alpha1.ContactCenter, []*v1alpha1.MemberTemplate, error) {
	center, err := kube.FindContactCenter(ctx, s.reader, namespace)
	if err != nil || center == nil || center.Spec.Licenses == nil {
		return nil, nil, err
	}
	templates, err := kube.ListTemplates(ctx, s.reader, namespace)
	return center, templates, err
}

// Members implements licensing.Snapshots.
func (s cacheSnapshots) Members(ctx context.Context, namespace string) ([]*v1alpha1.Member, error) {
	return listMembers(ctx, s.reader, client.InNamespace(namespace))
}

// listMembers returns Members of the cache. Callers must not change them.
func listMembers(ctx context.Context, reader client.Reader, options ...client.ListOption) ([]*v1alpha1.Member, error) {
	var list v1alpha1.MemberList
	if err := reader.List(ctx, &list, append(options, client.UnsafeDisableDeepCopy)...); err != nil {
		return nil, err
	}
	return kube.Pointers(list.Items), nil
}

// seatsAssigned returns the source of the Members that receive a seat.
func seatsAssigned(seats *licensing.Allocator) source.Source {
	return source.Func(func(_ context.Context, queue kube.Queue) error {
		seats.OnAssigned(func(member types.NamespacedName) { kube.Enqueue(queue, member.Namespace, member.Name, 0) })
		return nil
	})
}

// rebuildSeats decides again which Members of a namespace hold a license.
func rebuildSeats(ctx context.Context, seats *licensing.Allocator, namespace string) {
	if err := seats.Rebuild(ctx, namespace); err != nil && ctx.Err() == nil {
		logf.FromContext(ctx).Error(err, "License seats could not be decided again", "namespace", namespace)
	}
}
