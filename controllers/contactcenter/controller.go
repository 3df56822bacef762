// Package contactcenter holds the controller of ContactCenters. It keeps the Member of
// the Super Admin, passes the mail settings to the outbox, and counts the Members.
//
// A reconcile has four steps, in one direction: observe, plan, apply, status.
package contactcenter

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/cache"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/internal/metrics"
)

// reconciler keeps the Super Admin's Member, the mail settings of the outbox, and the
// status of ContactCenters up to date.
type reconciler struct {
	// client reads from the cache and writes.
	client client.Client
	// outbox sends e-mails and knows the state of the mail servers.
	outbox *mail.Outbox
	// roleBindings reports whether Members get RoleBindings for their roles.
	roleBindings bool
	// now is the clock.
	now func() time.Time

	referenceWatches *referenceWatches
	recounts         *kube.RecountLimiter
	members          cache.ThreadSafeStore
}

// Reconcile implements reconcile.Reconciler.
func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	center := &v1alpha1.ContactCenter{}
	err := r.client.Get(ctx, request.NamespacedName, center)
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
	after := center.DeepCopy()
	after.Status = newStatus(observed, plan, applyErr)
	written, err := kube.PatchStatus(ctx, r.client, center, after)
	if err != nil {
		return ctrl.Result{}, err
	}
	if written {
		logMail(ctx, center, after)
	}
	metrics.SetContactCenter(after)
	return ctrl.Result{RequeueAfter: observed.recountDelay}, applyErr
}

// forget removes everything kept for a ContactCenter that no longer exists. The queue
// handles one request for it at a time, so no other reconcile restores it.
func (r *reconciler) forget(key client.ObjectKey) {
	r.referenceWatches.watchOnly(key.Namespace)
	r.outbox.RemoveRoute(key.Namespace)
	r.recounts.Forget(key)
	metrics.DeleteContactCenter(key.Namespace)
}

// logMail logs a change of the reason of MailReady.
func logMail(ctx context.Context, before, after *v1alpha1.ContactCenter) {
	current := apimeta.FindStatusCondition(after.Status.Conditions, v1alpha1.MailReadyCondition)
	if current != nil && !conditions.HasReason(before.Status.Conditions, v1alpha1.MailReadyCondition, current.Reason) {
		logf.FromContext(ctx).Info("MailReady changed", "status", current.Status, "reason", current.Reason)
	}
}
