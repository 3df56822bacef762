package load

import (
	"context"
	"errors"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"
)

// Sample is a request that was answered.
type Sample struct {
	// Intended is when it was to be sent, and Sent when it was.
	Intended, Sent, Answered time.Time
	Status                   int
}

// Latency counts from when the request was to be sent: a server that is slow for a
// moment holds up those that come meanwhile, and their wait counts too.
func (s Sample) Latency() time.Duration { return s.Answered.Sub(s.Intended) }

// lane is a connection in a load at a constant rate.
type lane struct {
	*connection

	sent chan Sample // what has no answer yet
}

// Pace sends requests at a rate a second until the context ends, whatever the server
// does, on whichever connection is idle. It tells observe of each answer, from
// several goroutines. The end of the context is no error. It returns how late it woke
// up for requests: that part of their latency is the machine's doing, which had other
// work, and not the server's.
func (l *Connections) Pace(ctx context.Context, requests [][]byte, rate float64, observe func(Sample)) ([]time.Duration, error) {
	idle := make(chan lane, len(l.all))
	readers, reading := errgroup.WithContext(context.WithoutCancel(ctx))
	sending, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(reading, cancel)()
	lanes := make([]lane, 0, len(l.all))
	for _, c := range l.all {
		one := lane{connection: c, sent: make(chan Sample, 1)}
		lanes = append(lanes, one)
		idle <- one
		readers.Go(func() (err error) {
			for s := range one.sent {
				if s.Status, err = c.receive(); err != nil {
					return err
				}
				s.Answered = l.now()
				observe(s)
				idle <- one
			}
			return nil
		})
	}
	late, err := l.sendAll(sending, requests, rate, idle)
	for _, one := range lanes {
		close(one.sent) // its reader ends once what was sent is answered
	}
	return late, errors.Join(err, readers.Wait())
}

// sendAll sends at the rate until the context ends. Where it is behind, it makes up for
// it.
func (l *Connections) sendAll(ctx context.Context, requests [][]byte, rate float64, idle <-chan lane) (late []time.Duration, err error) {
	// The thread that sleeps is not to be one that others wait for.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	interval := time.Duration(float64(time.Second) / rate)
	intended := l.now()
	for n := 0; ; n++ {
		for wait := intended.Sub(l.now()); wait > 0 && ctx.Err() == nil; wait = intended.Sub(l.now()) {
			nap(min(wait, 10*time.Millisecond))
			if behind := l.now().Sub(intended); behind >= 0 {
				late = append(late, behind)
			}
		}
		select {
		case <-ctx.Done():
			return late, nil
		case c := <-idle:
			sent := l.now()
			if err := c.send(requests[n%len(requests)], sent); err != nil {
				return late, err
			}
			c.sent <- Sample{Intended: intended, Sent: sent}
		}
		intended = intended.Add(interval)
	}
}
