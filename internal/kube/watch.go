package kube

import (
	"context"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Handler turns the events of one resource kind into requests.
type Handler[T any] = handler.TypedEventHandler[T, reconcile.Request]

// Event is what a watch reports about one object.
type Event[T client.Object] struct {
	// Before is nil for a created object, and After for a deleted one.
	Before, After T
	// Initial marks an object of the list with which the watch starts.
	Initial bool
}

// Versions returns those of Before and After that exist, in this order.
func (e Event[T]) Versions() []T {
	return slices.DeleteFunc([]T{e.Before, e.After}, func(version T) bool {
		var absent T
		return any(version) == any(absent)
	})
}

// Watch reacts to all events, those of the initial list included. All other watches
// are built on it.
func Watch[T client.Object](react func(ctx context.Context, event Event[T], queue Queue)) Handler[T] {
	return handler.TypedFuncs[T, reconcile.Request]{
		CreateFunc: func(ctx context.Context, e event.TypedCreateEvent[T], queue Queue) {
			react(ctx, Event[T]{After: e.Object, Initial: e.IsInInitialList}, queue)
		},
		UpdateFunc: func(ctx context.Context, e event.TypedUpdateEvent[T], queue Queue) {
			react(ctx, Event[T]{Before: e.ObjectOld, After: e.ObjectNew}, queue)
		},
		DeleteFunc: func(ctx context.Context, e event.TypedDeleteEvent[T], queue Queue) {
			react(ctx, Event[T]{Before: e.Object}, queue)
		},
	}
}

// WatchTransitions reacts to each event with the object before and after it: before is
// nil for a created object, and after for a deleted one. It does not react to the
// initial list, because every object is reconciled at the start anyway.
func WatchTransitions[T client.Object](react func(ctx context.Context, before, after T, queue Queue)) Handler[T] {
	return Watch(func(ctx context.Context, event Event[T], queue Queue) {
		if !event.Initial {
			react(ctx, event.Before, event.After, queue)
		}
	})
}

// WatchVersions reacts to created objects, to deleted objects, and to both versions of
// an object that was updated, if they differ. It does not react to the initial list.
func WatchVersions[T client.Object](differ func(before, after T) bool, react func(ctx context.Context, object T, queue Queue)) Handler[T] {
	return Watch(func(ctx context.Context, event Event[T], queue Queue) {
		versions := event.Versions()
		if event.Initial || (len(versions) == 2 && !differ(event.Before, event.After)) {
			return
		}
		for _, version := range versions {
			react(ctx, version, queue)
		}
	})
}

// WatchChanges reacts to created and deleted objects, and to both versions of an object
// whose spec changed. It does not react to the initial list.
func WatchChanges[T client.Object](react func(ctx context.Context, object T, queue Queue)) Handler[T] {
	return WatchVersions(func(before, after T) bool { return SpecChanged(before, after) }, react)
}

// WatchSelf requests a reconcile of each object of the initial list, and of each object
// that is created, deleted, or whose spec changed. Changes of the status, which the
// operator makes itself, are ignored.
func WatchSelf[T client.Object]() Handler[T] {
	return Watch(func(_ context.Context, event Event[T], queue Queue) {
		versions := event.Versions()
		if len(versions) == 1 || SpecChanged(event.Before, event.After) {
			Enqueue(queue, versions[0].GetNamespace(), versions[0].GetName(), 0)
		}
	})
}

// SpecChanged reports whether the spec changed, the deletion began, or the name belongs
// to another object now: an interrupted watch reports a deletion and a creation as one
// update.
func SpecChanged(before, after client.Object) bool {
	return before.GetUID() != after.GetUID() || before.GetGeneration() != after.GetGeneration() ||
		(before.GetDeletionTimestamp() == nil) != (after.GetDeletionTimestamp() == nil)
}
