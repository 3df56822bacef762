package kube

import (
	"context"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// WatchChanges reacts to objects that come, go, or are asked for something else; then
// to both versions. At the start of the operator it does not react, since everything
// is looked at by itself.
func WatchChanges[T client.Object](react func(ctx context.Context, object T, queue Queue)) handler.TypedEventHandler[T, reconcile.Request] {
	return handler.TypedFuncs[T, reconcile.Request]{
		CreateFunc: func(ctx context.Context, e event.TypedCreateEvent[T], queue Queue) {
			if !e.IsInInitialList {
				react(ctx, e.Object, queue)
			}
		},
		UpdateFunc: func(ctx context.Context, e event.TypedUpdateEvent[T], queue Queue) {
			if SpecChanged(e.ObjectOld, e.ObjectNew) {
				react(ctx, e.ObjectOld, queue)
				react(ctx, e.ObjectNew, queue)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.TypedDeleteEvent[T], queue Queue) {
			react(ctx, e.Object, queue)
		},
	}
}

// CountedBy has objects counted whose names Members show in their status, when a
// Member shows others than before.
func CountedBy(shown func(*v1alpha1.Member) []string) handler.TypedEventHandler[*v1alpha1.Member, reconcile.Request] {
	recount := func(member *v1alpha1.Member, queue Queue) {
		for _, name := range shown(member) {
			EnqueueRecount(queue, member.Namespace, name)
		}
	}
	return handler.TypedFuncs[*v1alpha1.Member, reconcile.Request]{
		CreateFunc: func(_ context.Context, e event.TypedCreateEvent[*v1alpha1.Member], queue Queue) {
			if !e.IsInInitialList { // at the start, every object comes by itself
				recount(e.Object, queue)
			}
		},
		UpdateFunc: func(_ context.Context, e event.TypedUpdateEvent[*v1alpha1.Member], queue Queue) {
			if !slices.Equal(shown(e.ObjectOld), shown(e.ObjectNew)) {
				recount(e.ObjectOld, queue)
				recount(e.ObjectNew, queue)
			}
		},
		DeleteFunc: func(_ context.Context, e event.TypedDeleteEvent[*v1alpha1.Member], queue Queue) {
			recount(e.Object, queue)
		},
	}
}

// WatchSelf has an object looked at when it comes, goes, or is asked for something
// else. Its status, which is ours, is no news.
func WatchSelf[T client.Object]() handler.TypedEventHandler[T, reconcile.Request] {
	own := func(object T, queue Queue) { Enqueue(queue, object.GetNamespace(), object.GetName(), 0) }
	return handler.TypedFuncs[T, reconcile.Request]{
		CreateFunc: func(_ context.Context, e event.TypedCreateEvent[T], queue Queue) { own(e.Object, queue) },
		UpdateFunc: func(_ context.Context, e event.TypedUpdateEvent[T], queue Queue) {
			if SpecChanged(e.ObjectOld, e.ObjectNew) {
				own(e.ObjectNew, queue)
			}
		},
		DeleteFunc: func(_ context.Context, e event.TypedDeleteEvent[T], queue Queue) { own(e.Object, queue) },
	}
}

// SpecChanged is whether an object has another spec than before, is about to go, or
// is another object of the same name: a watch that was interrupted shows a
// deletion and a creation as one update.
func SpecChanged(before, after client.Object) bool {
	return before.GetUID() != after.GetUID() || before.GetGeneration() != after.GetGeneration() ||
		(before.GetDeletionTimestamp() == nil) != (after.GetDeletionTimestamp() == nil)
}
