package member

import (
	"context"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/claims"
)

// listRequesters returns a function that lists the Members of a cache that request a unique
// value. Its callers must not change them.
func listRequesters(reader client.Reader) func(context.Context, claims.Claim) ([]*v1alpha1.Member, error) {
	return func(ctx context.Context, claim claims.Claim) ([]*v1alpha1.Member, error) {
		members, err := listMembers(ctx, reader, client.InNamespace(claim.Namespace), client.MatchingFields{claims.BucketIndex.Name: claim.Bucket()})
		return slices.DeleteFunc(members, func(member *v1alpha1.Member) bool {
			return claims.ValueOf(member, claim.Kind) != claim.Value
		}), err
	}
}
