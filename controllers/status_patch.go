package controllers

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// patchStatus writes what differs between two versions of an object's status, in
// one patch, on the condition that the object is still as it was read; after is
// then as the API server has it. Without a difference nothing is written.
func patchStatus(ctx context.Context, writer client.Client, before, after client.Object) (written bool, err error) {
	if equality.Semantic.DeepEqual(before, after) {
		return false, nil
	}
	return true, writer.Status().Patch(ctx, after, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
}
