package main

import (
	"context"
	"errors"
	"sync"
	"time"
)

// saturate sends requests as fast as answers come, one at a time on each connection,
// and returns how many were answered in which time. All have to be answered with 200.
func (l *loader) saturate(ctx context.Context, requests [][]byte, duration time.Duration) (int, time.Duration, error) {
	started := l.now()
	end := started.Add(duration)
	stop := context.AfterFunc(ctx, l.close) // ends what waits for answers
	defer stop()
	counts := make([]int, len(l.connections))
	errs := make([]error, len(l.connections))
	var running sync.WaitGroup
	for i, c := range l.connections {
		running.Go(func() {
			// Each connection begins with another member.
			counts[i], errs[i] = l.repeat(c, requests, i*len(requests)/len(l.connections), end)
		})
	}
	running.Wait()
	took := l.now().Sub(started)
	if ctx.Err() != nil {
		return 0, 0, ctx.Err()
	}
	total := 0
	for _, count := range counts {
		total += count
	}
	return total, took, errors.Join(errs...)
}

// repeat sends one request after the other on a connection until a time.
func (l *loader) repeat(c *connection, requests [][]byte, next int, end time.Time) (int, error) {
	if err := c.SetDeadline(end.Add(answerPatience)); err != nil {
		return 0, err
	}
	for count := 0; ; count++ {
		if !l.now().Before(end) {
			return count, c.SetDeadline(time.Time{})
		}
		if _, err := c.Write(requests[(next+count)%len(requests)]); err != nil {
			return count, err
		}
		status, err := c.receive()
		if err == nil {
			err = expectOK(status)
		}
		if err != nil {
			return count, unexpectedEnd(err)
		}
	}
}
