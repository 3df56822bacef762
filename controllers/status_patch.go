package controllers

import (
	"context"
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// patchStatus writes what differs between two versions of an object's status, in
// one patch, on the condition that the object is still as it was read; after is
// then as the API server has it. Without a difference nothing is written.
func patchStatus(ctx context.Context, writer client.Client, before, after client.Object) (written bool, err error) {
	if equality.Semantic.DeepEqual(before, after) {
		return false, nil
	}
	from, err := statusAlone(before)
	if err != nil {
		return false, err
	}
	to, err := statusAlone(after)
	if err != nil {
		return false, err
	}
	to.SetResourceVersion(before.GetResourceVersion())
	data, err := client.MergeFrom(from).Data(to)
	if err != nil {
		return false, err
	}
	return true, writer.Status().Patch(ctx, after, client.RawPatch(types.MergePatchType, data))
}

// statusAlone is an object with the status of another one and nothing else, so that
// nothing else has to be marshalled and compared.
func statusAlone(object client.Object) (client.Object, error) {
	whole := reflect.ValueOf(object).Elem()
	alone := reflect.New(whole.Type())
	alone.Elem().FieldByName("Status").Set(whole.FieldByName("Status"))
	bare, ok := reflect.TypeAssert[client.Object](alone)
	if !ok {
		return nil, fmt.Errorf("%T is no object", object)
	}
	return bare, nil
}
