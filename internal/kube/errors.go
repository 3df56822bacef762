// Package kube holds what all controllers share: watches, queues, reads from the
// cache, status patches, and the reconciler of resource kinds that are only counted.
package kube

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
)

// conflictDelay is the wait before a retry after a conflict. The event of the newer
// version usually comes sooner.
const conflictDelay = 500 * time.Millisecond

// ErrStaleCache reports that the cached object is stale.
var ErrStaleCache = errors.New("the API server has another version than the cache")

// HandleError returns the result for an error that is part of normal operation, such
// as a conflict. Other errors are returned, and the queue backs off.
func HandleError(ctx context.Context, result ctrl.Result, err error) (ctrl.Result, error) {
	log := logf.FromContext(ctx)
	switch {
	case err == nil:
		return result, nil
	case apierrors.IsConflict(err), errors.Is(err, ErrStaleCache):
		log.V(1).Info("The cached object is stale, retrying", "cause", err.Error())
		return ctrl.Result{RequeueAfter: conflictDelay}, nil
	case apierrors.IsNotFound(err):
		// The event of the deletion triggers the next reconcile.
		log.V(1).Info("The object was deleted during the reconcile", "cause", err.Error())
		return ctrl.Result{}, nil
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		log.V(1).Info("The namespace is being deleted, nothing is created in it")
		return ctrl.Result{}, nil
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		// The operator stops; the next one continues.
		return ctrl.Result{}, nil //nolint:nilerr // the error only reports the stop
	default:
		return ctrl.Result{}, err
	}
}
