package kube

import (
	"context"
	"reflect"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// PatchStatus writes the difference between two statuses of an object in one patch, and
// reports whether there was one. The patch fails with a conflict if the object changed
// since it was read. After a success, after is the object as the API server has it.
func PatchStatus[T any, P interface {
	*T
	client.Object
}](ctx context.Context, writer client.Client, before, after P,
) (written bool, err error) {
	if equality.Semantic.DeepEqual(before, after) {
		return false, nil
	}
	from, to := statusOnly(before), statusOnly(after)
	to.SetResourceVersion(before.GetResourceVersion())
	data, err := client.MergeFrom(from).Data(to)
	if err != nil {
		return false, err
	}
	version := before.GetResourceVersion()
	if err := writer.Status().Patch(ctx, after, client.RawPatch(types.MergePatchType, data)); err != nil {
		return false, err
	}
	// Without a new version there is no event, for which WrittenVersions would wait.
	return after.GetResourceVersion() != version, nil
}

// statusOnly returns an object with the status of another one and nothing else, which
// saves marshaling and comparing the rest.
func statusOnly[T any, P interface {
	*T
	client.Object
}](whole P,
) P {
	object := P(new(T))
	reflect.ValueOf(object).Elem().FieldByName("Status").Set(reflect.ValueOf(whole).Elem().FieldByName("Status"))
	return object
}
