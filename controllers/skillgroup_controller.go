package controllers

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// SkillGroupReconciler counts who is in a SkillGroup. Who that is, is written on
// the Members; so there is nothing to plan or apply here, only to observe and to
// put into status.
type SkillGroupReconciler struct {
	// Client reads from the cache and writes status.
	Client client.Client
	// Now is the clock.
	Now func() time.Time

	recounts *recounts
}

// Reconcile brings the status of one SkillGroup up to date.
func (r *SkillGroupReconciler) Reconcile(ctx context.Context, group *v1alpha1.SkillGroup) (ctrl.Result, error) {
	if group.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	if wait := r.recounts.wait(group); wait > 0 {
		return ctrl.Result{RequeueAfter: wait}, nil
	}
	observed, err := r.observe(ctx, group)
	if err != nil {
		return settle(ctx, ctrl.Result{}, err)
	}
	after := group.DeepCopy()
	after.Status = skillGroupStatus(observed)
	if equality.Semantic.DeepEqual(group.Status, after.Status) {
		return ctrl.Result{}, nil
	}
	patch := client.MergeFromWithOptions(group, client.MergeFromWithOptimisticLock{})
	return settle(ctx, ctrl.Result{}, r.Client.Status().Patch(ctx, after, patch))
}

// handler reacts to events of SkillGroups.
func (r *SkillGroupReconciler) handler() handler.TypedEventHandler[*v1alpha1.SkillGroup, reconcile.Request] {
	return handler.TypedFuncs[*v1alpha1.SkillGroup, reconcile.Request]{
		CreateFunc: func(_ context.Context, e event.TypedCreateEvent[*v1alpha1.SkillGroup], queue requestQueue) {
			enqueue(queue, e.Object.Namespace, e.Object.Name, 0)
		},
		UpdateFunc: func(_ context.Context, e event.TypedUpdateEvent[*v1alpha1.SkillGroup], queue requestQueue) {
			// Our own status is no news.
			if e.ObjectOld.Generation != e.ObjectNew.Generation {
				enqueue(queue, e.ObjectNew.Namespace, e.ObjectNew.Name, 0)
			}
		},
		DeleteFunc: func(_ context.Context, e event.TypedDeleteEvent[*v1alpha1.SkillGroup], _ requestQueue) {
			r.recounts.forget(e.Object)
		},
	}
}

// countedByGroups has the SkillGroups counted that a Member is in, was in, or is
// listed by.
func countedByGroups(groups client.Reader) handler.TypedEventHandler[*v1alpha1.Member, reconcile.Request] {
	joined := func(member *v1alpha1.Member, queue requestQueue) {
		for _, name := range joinedGroups(member) {
			enqueueRecount(queue, member.Namespace, name)
		}
	}
	listing := func(ctx context.Context, member *v1alpha1.Member, queue requestQueue) {
		var list v1alpha1.SkillGroupList
		if groups.List(ctx, &list, client.InNamespace(member.Namespace),
			client.MatchingFields{indexGroupMember: member.Name}, client.UnsafeDisableDeepCopy) != nil {
			return // the cache stops with the operator
		}
		for i := range list.Items {
			enqueueRecount(queue, member.Namespace, list.Items[i].Name)
		}
	}
	return handler.TypedFuncs[*v1alpha1.Member, reconcile.Request]{
		CreateFunc: func(ctx context.Context, e event.TypedCreateEvent[*v1alpha1.Member], queue requestQueue) {
			if !e.IsInInitialList { // at the start, every group comes by itself
				joined(e.Object, queue)
				listing(ctx, e.Object, queue)
			}
		},
		UpdateFunc: func(_ context.Context, e event.TypedUpdateEvent[*v1alpha1.Member], queue requestQueue) {
			was, is := &e.ObjectOld.Status, &e.ObjectNew.Status
			if was.Login != is.Login || !equality.Semantic.DeepEqual(was.SkillGroups, is.SkillGroups) {
				joined(e.ObjectOld, queue)
				joined(e.ObjectNew, queue)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.TypedDeleteEvent[*v1alpha1.Member], queue requestQueue) {
			joined(e.Object, queue)
			listing(ctx, e.Object, queue)
		},
	}
}
