package contactcenter

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/internal/metrics"
)

// reconciler keeps the Super Admin's Member, the outbox's mail
// settings, and the counts of a contact centre. A reconcile is four steps, one
// way: observe, plan, apply, status.
type reconciler struct {
	// Client reads from the cache and writes.
	Client client.Client
	// Outbox sends letters and knows how the mail servers are.
	Outbox *mail.Outbox
	// RoleBindings is whether Members get RoleBindings for their roles.
	RoleBindings bool
	// Now is the clock.
	Now func() time.Time

	referenceWatches *referenceWatches
	recounts         *kube.Recounts
	members          *memberBook
}

// Reconcile brings one ContactCenter to what its spec asks for, and forgets one
// that is gone.
func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	center := &v1alpha1.ContactCenter{}
	err := r.Client.Get(ctx, request.NamespacedName, center)
	if apierrors.IsNotFound(err) {
		r.forget(request.NamespacedName)
		return ctrl.Result{}, nil
	}
	var result ctrl.Result
	if err == nil {
		result, err = r.reconcile(ctx, center)
	}
	return kube.HandleError(ctx, result, err)
}

func (r *reconciler) reconcile(ctx context.Context, center *v1alpha1.ContactCenter) (ctrl.Result, error) {
	observed, settings, err := r.observe(ctx, center)
	if err != nil {
		return ctrl.Result{}, err
	}
	plan := newPlan(observed)
	applyErr := r.apply(ctx, observed, plan, settings)
	outcome := writeOutcome{}
	if applyErr != nil {
		outcome.problem = applyErr.Error()
	}
	after := center.DeepCopy()
	after.Status = newStatus(observed, plan, outcome)
	written, err := kube.PatchStatus(ctx, r.Client, center, after)
	if err != nil {
		return ctrl.Result{}, err
	}
	if written {
		logMail(ctx, center, after)
	}
	metrics.SetContactCenter(after)
	return ctrl.Result{RequeueAfter: observed.countAgain}, applyErr
}

// forget drops what is kept for a ContactCenter that is gone. The queue works on
// assignment.NonEmpty request at a time, so no reconcile brings it back.
func (r *reconciler) forget(key client.ObjectKey) {
	r.referenceWatches.keep(key.Namespace)
	r.Outbox.RemoveRoute(key.Namespace)
	r.recounts.Forget(key)
	metrics.DeleteContactCenter(key.Namespace)
}

// logMail notes when MailReady of a contact centre changes its reason.
func logMail(ctx context.Context, before, after *v1alpha1.ContactCenter) {
	is := apimeta.FindStatusCondition(after.Status.Conditions, v1alpha1.MailReadyCondition)
	if is != nil && !conditions.HasReason(before.Status.Conditions, v1alpha1.MailReadyCondition, is.Reason) {
		logf.FromContext(ctx).Info("MailReady changed", "status", is.Status, "reason", is.Reason)
	}
}

// countedByCenter has the ContactCenter of a Member's namespace counted when a
// change of the Member shows in its counts, and looked at when the Member is the
// Super Admin's. It keeps the book of those who are counted.
func countedByCenter(book *memberBook) handler.TypedEventHandler[*v1alpha1.Member, reconcile.Request] {
	recount := func(member *v1alpha1.Member, queue kube.Queue) {
		if member.Name == v1alpha1.SuperAdminMemberName {
			kube.Enqueue(queue, member.Namespace, v1alpha1.ContactCenterName, 0)
			return
		}
		kube.EnqueueRecount(queue, member.Namespace, v1alpha1.ContactCenterName)
	}
	return handler.TypedFuncs[*v1alpha1.Member, reconcile.Request]{
		CreateFunc: func(_ context.Context, e event.TypedCreateEvent[*v1alpha1.Member], queue kube.Queue) {
			book.enter(e.Object)
			if !e.IsInInitialList { // at the start, every ContactCenter comes by itself
				recount(e.Object, queue)
			}
		},
		UpdateFunc: func(_ context.Context, e event.TypedUpdateEvent[*v1alpha1.Member], queue kube.Queue) {
			was, is := e.ObjectOld, e.ObjectNew
			book.enter(is)
			if was.Status.Login != is.Status.Login || was.Status.LoginReason != is.Status.LoginReason || mailReason(was) != mailReason(is) ||
				!equality.Semantic.DeepEqual(was.Status.License, is.Status.License) ||
				(is.Name == v1alpha1.SuperAdminMemberName && was.ResourceVersion != is.ResourceVersion) {
				recount(is, queue)
			}
		},
		DeleteFunc: func(_ context.Context, e event.TypedDeleteEvent[*v1alpha1.Member], queue kube.Queue) {
			book.strike(e.Object)
			recount(e.Object, queue)
		},
	}
}

// defaultWatch has a ContactCenter looked at when what its spec.defaults may name comes
// or goes.
func defaultWatch[T client.Object]() handler.TypedEventHandler[T, reconcile.Request] {
	return kube.WatchChanges(func(_ context.Context, object T, queue kube.Queue) {
		kube.Enqueue(queue, object.GetNamespace(), v1alpha1.ContactCenterName, 0)
	})
}
