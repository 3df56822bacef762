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

// conflictDelay is how long to wait after losing to a newer version of an
// object. Its event is on the way and usually comes sooner.
const conflictDelay = 500 * time.Millisecond

// ErrStaleCache is a decision that the cache alone is not fresh enough for.
var ErrStaleCache = errors.New("the API server has another version than the cache")

// HandleError turns the errors of a reconcile that are part of everyday life into
// what is to be done about them. Others go to the queue, which backs off.
func HandleError(ctx context.Context, result ctrl.Result, err error) (ctrl.Result, error) {
	log := logf.FromContext(ctx)
	switch {
	case err == nil:
		return result, nil
	case apierrors.IsConflict(err), errors.Is(err, ErrStaleCache):
		// Somebody was faster; look at what they wrote.
		log.V(1).Info("the cache was behind, looking again", "cause", err.Error())
		return ctrl.Result{RequeueAfter: conflictDelay}, nil
	case apierrors.IsNotFound(err):
		// The object went away meanwhile, and its event is on the way.
		log.V(1).Info("the object is gone", "cause", err.Error())
		return ctrl.Result{}, nil
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		log.V(1).Info("the namespace is going away, nothing is made in it any more")
		return ctrl.Result{}, nil
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		// The operator stops; the next one goes on from here.
		return ctrl.Result{}, nil //nolint:nilerr // the error only says that it was stopped
	default:
		return ctrl.Result{}, err
	}
}
