package apicall

import (
	"context"
	"sync"
	"time"
)

// atATime is how many members are worked on at the same time.
const atATime = 8

// grace is how long what is under way may take to end after an interruption, so
// that it can be said what is done.
const grace = 5 * time.Second

// InOrder does something for each of a number of members, some at a time, and
// takes the results in order, as they come. After an interruption it begins no
// more; what is under way may end. It returns for how many there was a result.
func InOrder[T any](ctx context.Context, count int, do func(ctx context.Context, i int) T, take func(i int, result T)) int {
	hands, letGo := WithGrace(ctx)
	defer letGo()
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
			// Both may have been ready.
			if ctx.Err() != nil {
				return
			}
			result := make(chan T, 1)
			workers.Go(func() {
				result <- do(hands, i)
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

// WithGrace is a context that ends a moment after another.
func WithGrace(ctx context.Context) (lasting context.Context, end context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return lasting, func() { stop(); cancel() }
}
