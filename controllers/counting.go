package controllers

import (
	"context"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// countingReconciler looks after a kind whose objects are only looked at and
// counted. They own nothing, so there is nothing to plan or apply: a reconcile
// observes, and puts what it found into status.
type countingReconciler[T any, P interface {
	*T
	client.Object
	DeepCopy() *T
}] struct {
	client   client.Client
	recounts *recounts
	// describe makes the only reads of a reconcile and writes the new status into
	// after, a copy of the object.
	describe func(ctx context.Context, after P) error
}

// Reconcile brings the status of one object up to date, and forgets one that is
// gone.
func (r countingReconciler[T, P]) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	object := P(new(T))
	err := r.client.Get(ctx, request.NamespacedName, object)
	switch {
	case apierrors.IsNotFound(err):
		r.recounts.forget(request.NamespacedName)
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, err
	case object.GetDeletionTimestamp() != nil:
		return ctrl.Result{}, nil
	}
	if wait := r.recounts.wait(object); wait > 0 {
		return ctrl.Result{RequeueAfter: wait}, nil
	}
	after := P(object.DeepCopy())
	if err := r.describe(ctx, after); err != nil {
		return settle(ctx, ctrl.Result{}, err)
	}
	_, err = patchStatus(ctx, r.client, object, after)
	return settle(ctx, ctrl.Result{}, err)
}

// whenChanged reacts to objects that come, go, or are asked for something else; then
// to both versions. At the start of the operator it does not react, since everything
// is looked at by itself.
func whenChanged[T client.Object](react func(ctx context.Context, object T, queue requestQueue)) handler.TypedEventHandler[T, reconcile.Request] {
	return handler.TypedFuncs[T, reconcile.Request]{
		CreateFunc: func(ctx context.Context, e event.TypedCreateEvent[T], queue requestQueue) {
			if !e.IsInInitialList {
				react(ctx, e.Object, queue)
			}
		},
		UpdateFunc: func(ctx context.Context, e event.TypedUpdateEvent[T], queue requestQueue) {
			if asksAnew(e.ObjectOld, e.ObjectNew) {
				react(ctx, e.ObjectOld, queue)
				react(ctx, e.ObjectNew, queue)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.TypedDeleteEvent[T], queue requestQueue) {
			react(ctx, e.Object, queue)
		},
	}
}

// countedBy has objects counted whose names Members show in their status, when a
// Member shows others than before.
func countedBy(shown func(*v1alpha1.Member) []string) handler.TypedEventHandler[*v1alpha1.Member, reconcile.Request] {
	recount := func(member *v1alpha1.Member, queue requestQueue) {
		for _, name := range shown(member) {
			enqueueRecount(queue, member.Namespace, name)
		}
	}
	return handler.TypedFuncs[*v1alpha1.Member, reconcile.Request]{
		CreateFunc: func(_ context.Context, e event.TypedCreateEvent[*v1alpha1.Member], queue requestQueue) {
			if !e.IsInInitialList { // at the start, every object comes by itself
				recount(e.Object, queue)
			}
		},
		UpdateFunc: func(_ context.Context, e event.TypedUpdateEvent[*v1alpha1.Member], queue requestQueue) {
			if !slices.Equal(shown(e.ObjectOld), shown(e.ObjectNew)) {
				recount(e.ObjectOld, queue)
				recount(e.ObjectNew, queue)
			}
		},
		DeleteFunc: func(_ context.Context, e event.TypedDeleteEvent[*v1alpha1.Member], queue requestQueue) {
			recount(e.Object, queue)
		},
	}
}

// countMembers counts the Members that have a value in an index.
func countMembers(ctx context.Context, reader client.Reader, namespace, index, value string) (int32, error) {
	var members v1alpha1.MemberList
	if err := reader.List(ctx, &members, client.InNamespace(namespace),
		client.MatchingFields{index: value}, client.UnsafeDisableDeepCopy); err != nil {
		return 0, err
	}
	return int32(len(members.Items)), nil //nolint:gosec // as many as fit into memory
}

// setReadyAndStalled writes Ready, and Stalled with the same words where only a
// person can help.
func setReadyAndStalled(conditions *[]metav1.Condition, ready verdict, stalled bool, generation int64, now metav1.Time) {
	ready.set(conditions, v1alpha1.ReadyCondition, generation, now)
	if stalled {
		yes(ready.reason, ready.message).set(conditions, v1alpha1.StalledCondition, generation, now)
	} else {
		apimeta.RemoveStatusCondition(conditions, v1alpha1.StalledCondition)
	}
}

// pointers are pointers to the items of a list.
func pointers[T any](items []T) []*T {
	found := make([]*T, 0, len(items))
	for i := range items {
		found = append(found, &items[i])
	}
	return found
}
