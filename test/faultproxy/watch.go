package faultproxy

import (
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

const verbWatch = "watch"

// stream is a watch that is open, and the body of its answer.
type stream struct {
	io.ReadCloser // what the API server sends

	request  Request
	silent   atomic.Bool
	withheld *atomic.Int64
	// cut ends it, and gone is closed when it has been, when its client has gone, or
	// on Close.
	cut   func()
	gone  <-chan struct{}
	timer *time.Timer // cuts it, if it has but a while to live
}

// CutWatches cuts the connections of open watches, silent ones too, and returns how
// many there were. Nil stands for all of them.
func (p *Proxy) CutWatches(match func(Request) bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	cut := 0
	for w := range p.watches {
		if match == nil || match(w.request) {
			w.cut()
			cut++
		}
	}
	p.counts.WatchesCut += cut
	return cut
}

// Watches returns how many watches are open, and how many of them are silent. Nil
// stands for all of them.
func (p *Proxy) Watches(match func(Request) bool) (open, silent int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.watches {
		if match != nil && !match(w.request) {
			continue
		}
		open++
		if w.silent.Load() {
			silent++
		}
	}
	return open, silent
}

// enter notes a watch that begins.
func (p *Proxy) enter(w *stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.faults
	w.silent.Store(f.SilenceNew && f.Silence != nil && f.Silence(w.request))
	p.watches[w] = true
	p.limit(w)
}

// leave forgets a watch that has ended.
func (p *Proxy) leave(w *stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.watches, w)
	if w.timer != nil {
		w.timer.Stop()
	}
}

// limit gives a watch as long to live as the faults say. The caller holds the lock.
func (p *Proxy) limit(w *stream) {
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	if p.faults.WatchLife <= 0 {
		return
	}
	w.timer = time.AfterFunc(time.Duration(p.random.Int64N(int64(p.faults.WatchLife))), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.watches[w] {
			p.counts.WatchesCut++
			w.cut()
		}
	})
}

// Read reads what gets through.
func (w *stream) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if !w.silent.Load() {
		return n, err
	}
	// What the API server sends is taken from it, so that it goes on sending.
	for w.withheld.Add(int64(n)); err == nil; w.withheld.Add(int64(n)) {
		n, err = w.ReadCloser.Read(p)
	}
	<-w.gone
	return 0, http.ErrAbortHandler
}
