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

// IsBusy reports whether the API server may succeed later, and a repeated call does no harm if it
// has succeeded already.
func IsBusy(err error) bool { return IsTransient(err) && !apierrors.IsConflict(err) }

// Retry calls do again, a handful of times, while its errors pass.
func Retry(ctx context.Context, passing func(error) bool, do func() error) error {
	backoff := wait.Backoff{Duration: 50 * time.Millisecond, Factor: 2, Jitter: 0.5, Steps: 7}
	for {
		err := do()
		if err == nil || !passing(err) || backoff.Steps == 0 || !Pause(ctx, backoff.Step()) {
			return err
		}
	}
}

// IsTransient reports whether the same call may succeed later: the API server is too busy or
// unreachable, or another program wrote the Member or a quota at the same time.
func IsTransient(err error) bool {
	var timeout net.Error
	return apierrors.IsTooManyRequests(err) || apierrors.IsConflict(err) ||
		apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err) || apierrors.IsInternalError(err) || apierrors.IsServiceUnavailable(err) ||
		utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) || utilnet.IsHTTP2ConnectionLost(err) ||
		errors.As(err, &timeout) && timeout.Timeout()
}

// Pause waits, and reports whether the context is still open.
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

// IsPermanent reports whether an error cannot pass by itself.
func IsPermanent(err error) bool {
	return apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) || apierrors.IsNotFound(err)
}
