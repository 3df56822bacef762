package apicall

import (
	"context"
	"errors"
	"net"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/util/wait"
)

// IsBusy is whether the API server may do later what it did not do now; doing it
// again does no harm where it did.
func IsBusy(err error) bool { return IsTransient(err) && !apierrors.IsConflict(err) }

// Retry does something again, a handful of times, while it fails in a way that
// passes.
func Retry(ctx context.Context, passing func(error) bool, do func() error) error {
	backoff := wait.Backoff{Duration: 50 * time.Millisecond, Factor: 2, Jitter: 0.5, Steps: 7}
	for {
		err := do()
		if err == nil || !passing(err) || backoff.Steps == 0 || !Pause(ctx, backoff.Step()) {
			return err
		}
	}
}

// IsTransient is whether an error may be gone when the same is tried again: the API
// server is too busy, or cannot be reached just now. A conflict is one with another
// writer, of a Member or of a quota.
func IsTransient(err error) bool {
	var timeout net.Error
	return apierrors.IsTooManyRequests(err) || apierrors.IsConflict(err) ||
		apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err) || apierrors.IsInternalError(err) || apierrors.IsServiceUnavailable(err) ||
		utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) || utilnet.IsHTTP2ConnectionLost(err) ||
		errors.As(err, &timeout) && timeout.Timeout()
}

// Pause waits a moment, and says whether the context has not ended meanwhile.
func Pause(ctx context.Context, moment time.Duration) bool {
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// IsPermanent is whether an error will not pass by itself.
func IsPermanent(err error) bool {
	return apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) || apierrors.IsNotFound(err)
}
