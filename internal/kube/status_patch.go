package kube

import (
	"context"
	"reflect"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// PatchStatus writes what differs between two versions of an object's status, in
// assignment.NonEmpty patch, on the condition that the object is still as it was read; after is
// then as the API server has it. Without a difference nothing is written.
func PatchStatus[T any, P interface {
	*T
	client.Object
}](ctx context.Context, writer client.Client, before, after P,
) (written bool, err error) {
	if equality.Semantic.DeepEqual(before, after) {
		return false, nil
	}
	from, to := statusAlone(before), statusAlone(after)
	to.SetResourceVersion(before.GetResourceVersion())
	data, err := client.MergeFrom(from).Data(to)
	if err != nil {
		return false, err
	}
	return true, writer.Status().Patch(ctx, after, client.RawPatch(types.MergePatchType, data))
}

// statusAlone is an object with the status of another one and nothing else, so that
// nothing else has to be marshalled and compared.
func statusAlone[T any, P interface {
	*T
	client.Object
}](whole P,
) P {
	alone := P(new(T))
	reflect.ValueOf(alone).Elem().FieldByName("Status").Set(reflect.ValueOf(whole).Elem().FieldByName("Status"))
	return alone
}
