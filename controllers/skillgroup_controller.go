package controllers

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
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

// Reconcile brings the status of one SkillGroup up to date, and forgets one that
// is gone.
func (r *SkillGroupReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	group := &v1alpha1.SkillGroup{}
	err := r.Client.Get(ctx, request.NamespacedName, group)
	switch {
	case apierrors.IsNotFound(err):
		r.recounts.forget(request.NamespacedName)
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, err
	case group.DeletionTimestamp != nil:
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
	_, err = patchStatus(ctx, r.Client, group, after)
	return settle(ctx, ctrl.Result{}, err)
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
