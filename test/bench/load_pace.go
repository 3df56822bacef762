package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// sample is a request that was answered.
type sample struct {
	pending

	answered time.Time
	status   int
}

// latency counts from when the request was to be sent: a server that is slow for a
// moment holds up those that come meanwhile, and their wait counts too.
func (s sample) latency() time.Duration { return s.answered.Sub(s.intended) }

// pacing is load at a constant rate.
type pacing struct {
	*loader

	requests [][]byte
	idle     chan *connection
	failed   chan error // has room for one of each connection
	over     atomic.Bool
	observe  func(sample)
	late     []time.Duration
}

// pace sends requests at a rate a second until the context ends, whatever the server
// does, on whichever connection is idle. It tells observe of each answer, from
// several goroutines. The end of the context is no error. It returns how late it woke
// up for requests: that part of their latency is the machine's doing, which had other
// work, and not the server's.
func (l *loader) pace(ctx context.Context, requests [][]byte, rate float64, observe func(sample)) ([]time.Duration, error) {
	p := &pacing{
		loader: l, requests: requests, observe: observe,
		idle:   make(chan *connection, len(l.connections)),
		failed: make(chan error, len(l.connections)),
	}
	var readers sync.WaitGroup
	for _, c := range l.connections {
		p.idle <- c
		readers.Go(func() { p.read(c) })
	}
	err := p.send(ctx, rate)
	if err == nil {
		err = p.drain(ctx)
	}
	p.over.Store(true)
	err = errors.Join(err, p.setReadDeadlines(l.now()))
	readers.Wait()
	return p.late, errors.Join(err, p.setReadDeadlines(time.Time{}))
}

// send sends at the rate until the context ends. Where it is behind, it makes up for
// it.
func (p *pacing) send(ctx context.Context, rate float64) error {
	// The thread that sleeps is not to be one that others wait for.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	interval := time.Duration(float64(time.Second) / rate)
	intended := p.now()
	for n := 0; ; n++ {
		for wait := intended.Sub(p.now()); wait > 0; wait = intended.Sub(p.now()) {
			if ctx.Err() != nil {
				return nil
			}
			nap(min(wait, 10*time.Millisecond))
			if late := p.now().Sub(intended); late >= 0 {
				p.late = append(p.late, late)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case err := <-p.failed:
			return err
		case c := <-p.idle:
			if err := p.sendOne(c, p.requests[n%len(p.requests)], intended); err != nil {
				return err
			}
		}
		intended = intended.Add(interval)
	}
}

// sendOne sends a request on a connection.
func (p *pacing) sendOne(c *connection, request []byte, intended time.Time) error {
	now := p.now()
	c.mu.Lock()
	c.pending = pending{intended: intended, sent: now}
	c.mu.Unlock()
	if err := c.SetWriteDeadline(now.Add(answerPatience)); err != nil {
		return err
	}
	_, err := c.Write(request)
	return err
}

// read reads answers on a connection until the pacing is over.
func (p *pacing) read(c *connection) {
	for {
		status, err := c.receive()
		if err != nil {
			if !p.over.Load() {
				p.failed <- unexpectedEnd(err)
			}
			return
		}
		answered := p.now()
		c.mu.Lock()
		sent := c.pending
		c.mu.Unlock()
		p.observe(sample{pending: sent, answered: answered, status: status})
		p.idle <- c
	}
}

// drain waits until all that was sent is answered.
func (p *pacing) drain(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerPatience)
	defer cancel()
	for range p.connections {
		select {
		case <-p.idle:
		case err := <-p.failed:
			return err
		case <-ctx.Done():
			return fmt.Errorf("a request has had no answer for %s", answerPatience)
		}
	}
	return nil
}

func (p *pacing) setReadDeadlines(to time.Time) error {
	var errs []error
	for _, c := range p.connections {
		errs = append(errs, c.SetReadDeadline(to))
	}
	return errors.Join(errs...)
}
