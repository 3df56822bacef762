package controllers

import (
	"context"
	"errors"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/internal/cacheindex"
	"rollcall.dev/rollcall/internal/claims"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// addIndexes registers all indexes of the cache.
func addIndexes(ctx context.Context, indexer client.FieldIndexer) error {
	return errors.Join(
		addIndex(ctx, indexer, claims.BucketIndex),
		addIndex(ctx, indexer, references.RequestedGroupIndex),
		addIndex(ctx, indexer, references.JoinedGroupIndex),
		addIndex(ctx, indexer, references.SiteIndex),
		addIndex(ctx, indexer, references.TeamIndex),
		addIndex(ctx, indexer, references.UserProfileIndex),
		addIndex(ctx, indexer, references.DesktopProfileIndex),
		addIndex(ctx, indexer, references.PlacementIndex),
		addIndex(ctx, indexer, references.TeamSiteIndex),
		addIndex(ctx, indexer, references.GroupMemberIndex),
		addIndex(ctx, indexer, references.GroupSelectorIndex),
	)
}

// addIndex registers an index of the objects of type T.
func addIndex[T any, P kube.Object[T]](ctx context.Context, indexer client.FieldIndexer, index cacheindex.Index[T]) error {
	return indexer.IndexField(ctx, P(new(T)), index.Name, func(object client.Object) []string {
		if typed, ok := object.(P); ok {
			return index.Values(typed)
		}
		return nil
	})
}
