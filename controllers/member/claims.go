package member

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/claims"
)

// askers are the Members that ask for a value. Not to be changed.
func askers(ctx context.Context, members client.Reader, wanted claims.Claim) ([]*v1alpha1.Member, error) {
	var list v1alpha1.MemberList
	if err := members.List(ctx, &list, client.InNamespace(wanted.Namespace),
		client.MatchingFields{claims.BucketIndex.Name: wanted.Bucket()}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	var asking []*v1alpha1.Member
	for i := range list.Items {
		if member := &list.Items[i]; claims.ValueOf(member, wanted.Kind) == wanted.Value {
			asking = append(asking, member)
		}
	}
	return asking, nil
}

// claimAskers lists the Members of a cache that ask for a value.
func claimAskers(members client.Reader) func(context.Context, claims.Claim) ([]*v1alpha1.Member, error) {
	return func(ctx context.Context, wanted claims.Claim) ([]*v1alpha1.Member, error) {
		return askers(ctx, members, wanted)
	}
}
