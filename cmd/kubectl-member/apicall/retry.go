package apicall

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
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

// grace is how long running calls may take to end after an interruption, so that their results can
// be reported.
const grace = 5 * time.Second

// maxAhead is how many calls may be ahead of the results that were taken.
const maxAhead = 1024

// InOrder calls do for each of count items, several at a time, and passes the results to take in
// order. After an interruption it starts no more calls, and running ones may end. It returns the
// number of results.
func InOrder[T any](ctx context.Context, atATime, count int, do func(ctx context.Context, i int) T, take func(i int, result T)) int {
	callCtx, cancelCalls := WithGrace(ctx)
	var workers, closer sync.WaitGroup
	defer closer.Wait()
	defer cancelCalls()
	ahead := make(chan struct{}, maxAhead)
	results := make([]chan T, count)
	for i := range results {
		results[i] = make(chan T, 1)
	}
	var next atomic.Int64
	for range min(atATime, count) {
		workers.Go(func() {
			for {
				select {
				case ahead <- struct{}{}:
				case <-ctx.Done():
				}
				if ctx.Err() != nil {
					return
				}
				i := int(next.Add(1)) - 1
				if i >= count {
					return
				}
				results[i] <- do(callCtx, i)
			}
		})
	}
	closer.Go(func() {
		workers.Wait()
		for _, result := range results {
			close(result)
		}
	})
	for i := range results {
		result, called := <-results[i]
		if !called {
			return i
		}
		<-ahead
		take(i, result)
	}
	return count
}

// WithGrace returns a context that outlives ctx by the grace period.
func WithGrace(ctx context.Context) (lasting context.Context, end context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return lasting, func() { stop(); cancel() }
}
