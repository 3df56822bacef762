package kube

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// StatusController describes the controller of a resource kind that is only observed
// and counted. Its objects own nothing, so there is nothing to plan or apply.
type StatusController[T any, P Object[T]] struct {
	// Name is the name of the controller in logs and metrics.
	Name string
	// Now is the clock.
	Now func() time.Time
	// UpdateStatus makes the only reads of a reconcile and writes the new status into
	// the object. The object is a copy, which is discarded after an error. The time has
	// whole seconds, as in a status.
	UpdateStatus func(ctx context.Context, object P, now metav1.Time) error
	// Watches are the sources of requests beside the objects themselves.
	Watches []source.Source

	client   client.Client
	recounts *RecountLimiter
}

// Setup adds the controller to a manager.
func (c StatusController[T, P]) Setup(mgr manager.Manager) error {
	builder := ctrl.NewControllerManagedBy(mgr).
		Named(c.Name).
		WithOptions(ControllerOptions(1)).
		WatchesRawSource(source.Kind(mgr.GetCache(), P(new(T)), WatchSelf[P]()))
	for _, watch := range c.Watches {
		builder.WatchesRawSource(watch)
	}
	c.client, c.recounts = mgr.GetClient(), NewRecountLimiter(c.Now)
	return builder.Complete(c)
}

// Reconcile implements reconcile.Reconciler.
func (c StatusController[T, P]) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	before := P(new(T))
	err := c.client.Get(ctx, request.NamespacedName, before)
	switch {
	case apierrors.IsNotFound(err):
		c.recounts.Forget(request.NamespacedName)
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, err
	case before.GetDeletionTimestamp() != nil:
		return ctrl.Result{}, nil
	}
	if delay := c.recounts.Delay(before); delay > 0 {
		return ctrl.Result{RequeueAfter: delay}, nil
	}
	after := P(before.DeepCopy())
	if err := c.UpdateStatus(ctx, after, metav1.NewTime(c.Now()).Rfc3339Copy()); err != nil {
		return HandleError(ctx, ctrl.Result{}, err)
	}
	_, err = PatchStatus(ctx, c.client, before, after)
	return HandleError(ctx, ctrl.Result{}, err)
}
