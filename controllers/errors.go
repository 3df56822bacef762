package controllers

import (
	"context"
	"errors"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
)

// conflictDelay is how long to wait after losing to a newer version of an
// object. Its event is on the way and usually comes sooner.
const conflictDelay = 500 * time.Millisecond

// errCacheBehind is a decision that the cache alone is not fresh enough for.
var errCacheBehind = errors.New("the API server has another version than the cache")

// redactedError is an error whose text had a password in it.
type redactedError struct {
	error

	text string
}

func (e redactedError) Error() string { return e.text }

// Unwrap keeps the kind of the error within reach.
func (e redactedError) Unwrap() error { return e.error }

// withoutPassword takes a password out of what the API server answered, should an
// admission plug-in repeat what it was shown.
func withoutPassword(err error, secret *corev1.Secret) error {
	password := string(secret.Data[corev1.BasicAuthPasswordKey])
	if password == "" || !strings.Contains(err.Error(), password) {
		return err
	}
	return redactedError{error: err, text: strings.ReplaceAll(err.Error(), password, "[redacted]")}
}

// settle turns the errors of a reconcile that are part of everyday life into
// what is to be done about them. Others go to the queue, which backs off.
func settle(ctx context.Context, result ctrl.Result, err error) (ctrl.Result, error) {
	log := logf.FromContext(ctx)
	switch {
	case err == nil:
		return result, nil
	case apierrors.IsConflict(err), errors.Is(err, errCacheBehind):
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
