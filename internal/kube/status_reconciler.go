package kube

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// ObjectPointer is the pointer type of an API object.
type ObjectPointer[T any] interface {
	*T
	client.Object
	DeepCopy() *T
}

// StatusController describes the controller of a resource kind that is only observed
// and counted. Its objects own nothing, so there is nothing to plan or apply.
type StatusController[T any, P ObjectPointer[T]] struct {
	// Name is the name of the controller in logs and metrics.
	Name string
	// Now is the clock.
	Now func() time.Time
	// UpdateStatus makes the only reads of a reconcile and writes the new status into
	// the object. The object is a copy, which is discarded after an error.
	UpdateStatus func(ctx context.Context, object P, now time.Time) error
	// Watches are the sources of requests beside the objects themselves.
	Watches []source.Source
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
	return builder.Complete(statusReconciler[T, P]{c, mgr.GetClient(), NewRecountLimiter(c.Now)})
}

// statusReconciler keeps the status of the objects of one resource kind up to date.
type statusReconciler[T any, P ObjectPointer[T]] struct {
	StatusController[T, P]

	client   client.Client
	recounts *RecountLimiter
}

// Reconcile implements reconcile.Reconciler.
func (r statusReconciler[T, P]) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	before := P(new(T))
	err := r.client.Get(ctx, request.NamespacedName, before)
	switch {
	case apierrors.IsNotFound(err):
		r.recounts.Forget(request.NamespacedName)
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, err
	case before.GetDeletionTimestamp() != nil:
		return ctrl.Result{}, nil
	}
	if delay := r.recounts.Delay(before); delay > 0 {
		return ctrl.Result{RequeueAfter: delay}, nil
	}
	after := P(before.DeepCopy())
	if err := r.UpdateStatus(ctx, after, r.Now()); err != nil {
		return HandleError(ctx, ctrl.Result{}, err)
	}
	_, err = PatchStatus(ctx, r.client, before, after)
	return HandleError(ctx, ctrl.Result{}, err)
}
