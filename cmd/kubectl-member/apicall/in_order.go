package apicall

import (
	"context"
	"sync"
	"time"
)

// atATime is how many members are processed at the same time.
const atATime = 8

// grace is how long running calls may take to end after an interruption, so that their results can
// be reported.
const grace = 5 * time.Second

// InOrder calls do for each of count items, several at a time, and passes the results to take in
// order. After an interruption it starts no more calls, and running ones may end. It returns the
// number of results.
func InOrder[T any](ctx context.Context, count int, do func(ctx context.Context, i int) T, take func(i int, result T)) int {
	callCtx, cancelCalls := WithGrace(ctx)
	defer cancelCalls()
	var workers sync.WaitGroup
	defer workers.Wait()
	free := make(chan struct{}, atATime)
	results := make(chan chan T, atATime)
	workers.Go(func() {
		defer close(results)
		for i := range count {
			select {
			case <-ctx.Done():
				return
			case free <- struct{}{}:
			}
			// select chooses at random when both are ready.
			if ctx.Err() != nil {
				return
			}
			result := make(chan T, 1)
			workers.Go(func() {
				result <- do(callCtx, i)
				<-free
			})
			results <- result
		}
	})
	taken := 0
	for result := range results {
		take(taken, <-result)
		taken++
	}
	return taken
}

// WithGrace returns a context that outlives ctx by the grace period.
func WithGrace(ctx context.Context) (lasting context.Context, end context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return lasting, func() { stop(); cancel() }
}
