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

// cacheSnapshots supplies seats with snapshots of the cache. It implements
// licensing.Snapshots.
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
	var members v1alpha1.MemberList
	if err := s.reader.List(ctx, &members, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	return kube.Pointers(members.Items), nil
}

// seatsAssigned is the source of the Members that get a seat.
func seatsAssigned(seats *licensing.Allocator) source.Source {
	return source.Func(func(_ context.Context, queue kube.Queue) error {
		seats.OnAssigned(func(member types.NamespacedName) { kube.Enqueue(queue, member.Namespace, member.Name, 0) })
		return nil
	})
}

// rebuildSeats has the seats of a contact centre decided anew.
func rebuildSeats(ctx context.Context, seats *licensing.Allocator, namespace string) {
	if err := seats.Rebuild(ctx, namespace); err != nil && ctx.Err() == nil {
		logf.FromContext(ctx).Error(err, "Seats could not be decided anew", "namespace", namespace)
	}
}
