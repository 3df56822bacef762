package controllers

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
)

// ContactCenterReconciler keeps the Super Admin's Member, the outbox's mail
// settings, and the counts of a contact centre. A reconcile is four steps, one
// way: observe, plan, apply, status.
type ContactCenterReconciler struct {
	// Client reads from the cache and writes.
	Client client.Client
	// Outbox sends letters and knows how the mail servers are.
	Outbox *mail.Outbox
	// Now is the clock.
	Now func() time.Time

	references *references
	recounts   *recounts
}

// Reconcile brings one ContactCenter to what its spec asks for.
func (r *ContactCenterReconciler) Reconcile(ctx context.Context, center *v1alpha1.ContactCenter) (ctrl.Result, error) {
	result, err := r.reconcile(ctx, center)
	return settle(ctx, result, err)
}

func (r *ContactCenterReconciler) reconcile(ctx context.Context, center *v1alpha1.ContactCenter) (ctrl.Result, error) {
	observed, settings, err := r.observe(ctx, center)
	if err != nil {
		return ctrl.Result{}, err
	}
	wait := r.recounts.wait(center)
	if wait == 0 {
		if observed.counts, err = r.countMembers(ctx, center.Namespace, observed.now); err != nil {
			return ctrl.Result{}, err
		}
	}
	plan := planContactCenter(observed)
	if err := r.apply(ctx, observed, plan, settings); err != nil {
		return ctrl.Result{}, err
	}
	observed.mailServer = r.Outbox.Health(center.Namespace)
	after := center.DeepCopy()
	after.Status = contactCenterStatus(observed, plan)
	if !equality.Semantic.DeepEqual(center.Status, after.Status) {
		patch := client.MergeFromWithOptions(center, client.MergeFromWithOptimisticLock{})
		if err := r.Client.Status().Patch(ctx, after, patch); err != nil {
			return ctrl.Result{}, err
		}
		logMail(ctx, center, after)
	}
	showCenter(after)
	return ctrl.Result{RequeueAfter: wait}, nil
}

// forget drops what is kept for a ContactCenter that is gone.
func (r *ContactCenterReconciler) forget(center *v1alpha1.ContactCenter) {
	r.references.keep(center.Namespace)
	r.Outbox.RemoveRoute(center.Namespace)
	r.recounts.forget(center)
	hideCenter(center.Namespace)
}

// logMail notes when the mail of a contact centre begins or ceases to work.
func logMail(ctx context.Context, before, after *v1alpha1.ContactCenter) {
	is := apimeta.FindStatusCondition(after.Status.Conditions, v1alpha1.MailReadyCondition)
	if is != nil && !conditionHasReason(before.Status.Conditions, v1alpha1.MailReadyCondition, is.Reason) {
		logf.FromContext(ctx).Info("MailReady changed", "status", is.Status, "reason", is.Reason, "message", is.Message)
	}
}

// handler reacts to events of ContactCenters.
func (r *ContactCenterReconciler) handler() handler.TypedEventHandler[*v1alpha1.ContactCenter, reconcile.Request] {
	own := func(center *v1alpha1.ContactCenter, queue requestQueue) {
		enqueue(queue, center.Namespace, center.Name, 0)
	}
	return handler.TypedFuncs[*v1alpha1.ContactCenter, reconcile.Request]{
		CreateFunc: func(_ context.Context, e event.TypedCreateEvent[*v1alpha1.ContactCenter], queue requestQueue) {
			own(e.Object, queue)
		},
		UpdateFunc: func(_ context.Context, e event.TypedUpdateEvent[*v1alpha1.ContactCenter], queue requestQueue) {
			// Our own status is no news.
			if e.ObjectOld.Generation != e.ObjectNew.Generation || (e.ObjectOld.DeletionTimestamp == nil) != (e.ObjectNew.DeletionTimestamp == nil) {
				own(e.ObjectNew, queue)
			}
		},
		DeleteFunc: func(_ context.Context, e event.TypedDeleteEvent[*v1alpha1.ContactCenter], _ requestQueue) {
			r.forget(e.Object)
		},
	}
}

// countedByCenter has the ContactCenter of a Member's namespace counted when a
// change of the Member shows in its counts, and looked at when the Member is the
// Super Admin's.
func countedByCenter() handler.TypedEventHandler[*v1alpha1.Member, reconcile.Request] {
	recount := func(member *v1alpha1.Member, queue requestQueue) {
		if member.Name == v1alpha1.SuperAdminMemberName {
			enqueue(queue, member.Namespace, v1alpha1.ContactCenterName, 0)
			return
		}
		enqueueRecount(queue, member.Namespace, v1alpha1.ContactCenterName)
	}
	return handler.TypedFuncs[*v1alpha1.Member, reconcile.Request]{
		CreateFunc: func(_ context.Context, e event.TypedCreateEvent[*v1alpha1.Member], queue requestQueue) {
			if !e.IsInInitialList { // at the start, every ContactCenter comes by itself
				recount(e.Object, queue)
			}
		},
		UpdateFunc: func(_ context.Context, e event.TypedUpdateEvent[*v1alpha1.Member], queue requestQueue) {
			was, is := e.ObjectOld, e.ObjectNew
			if was.Status.Login != is.Status.Login || was.Status.LoginReason != is.Status.LoginReason || mailReason(was) != mailReason(is) ||
				(is.Name == v1alpha1.SuperAdminMemberName && was.Generation != is.Generation) {
				recount(is, queue)
			}
		},
		DeleteFunc: func(_ context.Context, e event.TypedDeleteEvent[*v1alpha1.Member], queue requestQueue) {
			recount(e.Object, queue)
		},
	}
}
