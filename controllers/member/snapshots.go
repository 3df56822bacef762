package member

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/claims"
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
	return kube.ListMembers(ctx, s.reader, namespace)
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

// listRequesters returns a function that lists the Members of a cache that request a unique
// value. Its callers must not change them.
func listRequesters(reader client.Reader) func(context.Context, claims.Claim) ([]*v1alpha1.Member, error) {
	return func(ctx context.Context, claim claims.Claim) ([]*v1alpha1.Member, error) {
		members, err := kube.ListMembers(ctx, reader, claim.Namespace, client.MatchingFields{claims.BucketIndex.Name: claim.Bucket()})
		return slices.DeleteFunc(members, func(member *v1alpha1.Member) bool {
			return claims.ValueOf(member, claim.Kind) != claim.Value
		}), err
	}
}
