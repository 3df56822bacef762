package controllers

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// ownWatch has an object looked at when it comes, goes, or is asked for something
// else. Its status, which is ours, is no news.
func ownWatch[T client.Object]() handler.TypedEventHandler[T, reconcile.Request] {
	own := func(object T, queue requestQueue) { enqueue(queue, object.GetNamespace(), object.GetName(), 0) }
	return handler.TypedFuncs[T, reconcile.Request]{
		CreateFunc: func(_ context.Context, e event.TypedCreateEvent[T], queue requestQueue) { own(e.Object, queue) },
		UpdateFunc: func(_ context.Context, e event.TypedUpdateEvent[T], queue requestQueue) {
			if asksAnew(e.ObjectOld, e.ObjectNew) {
				own(e.ObjectNew, queue)
			}
		},
		DeleteFunc: func(_ context.Context, e event.TypedDeleteEvent[T], queue requestQueue) { own(e.Object, queue) },
	}
}

// asksAnew is whether an object has another spec than before, is about to go, or
// is another object of the same name: a watch that was interrupted shows a
// deletion and a creation as one update.
func asksAnew(before, after client.Object) bool {
	return before.GetUID() != after.GetUID() || before.GetGeneration() != after.GetGeneration() ||
		(before.GetDeletionTimestamp() == nil) != (after.GetDeletionTimestamp() == nil)
}
