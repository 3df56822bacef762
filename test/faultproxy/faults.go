package faultproxy

import (
	"maps"
	"time"
)

// Faults are the ways in which a Proxy fails. The zero value is a proxy that is not
// noticed.
type Faults struct {
	// Requests fail: of these, the first that strikes a request.
	Requests []Fault
	// WatchLife cuts each watch at a random moment, at most so long after it began or
	// after SetFaults, whichever is later; 0: not at all.
	WatchLife time.Duration
	// Silence says which of the watches that are open fall silent: the connection
	// stays, and neither event nor bookmark nor the end of the watch gets through any
	// more. There is no way back for such a watch, other faults or none, until its
	// client gives it up, CutWatches or Close. Nil: none.
	Silence func(Request) bool
	// SilenceNew has those that begin later fall silent too, from their answer's
	// header on.
	SilenceNew bool
}

// Fault strikes a share of requests: it delays them, answers them in the API server's
// place, or cuts their connection.
type Fault struct {
	// Match says which requests it is about; nil: all about resources but watches.
	Match func(Request) bool
	// Share of these is struck, at random: 0 none, 1 all.
	Share float64
	// After has the API server do what it is asked for first: its answer is what
	// comes late, or does not come. Without it, the API server sees the request late,
	// or does not see it.
	After bool
	// Delay is how late; 0: not.
	Delay time.Duration
	// Code is an HTTP status code to answer with, such as 409, 429 (with a
	// Retry-After of one second), 500 or 503, and a Status that an API server would
	// send with it; 0: none.
	Code int
	// Cut cuts the connection in place of an answer.
	Cut bool
}

func (f *Fault) matches(r Request) bool {
	if f.Match == nil {
		return r.Verb != "" && r.Verb != verbWatch
	}
	return f.Match(r)
}

// Counts are what has become of requests since the start.
type Counts struct {
	// Requests are all that have come, watches and discovery included.
	Requests int
	// Answered are those that faults have answered, by status code.
	Answered map[int]int
	// Cut are the connections cut in place of an answer, and WatchesCut those of
	// watches, by WatchLife or CutWatches.
	Cut, WatchesCut int
	// Delayed are the requests that came late, or their answers.
	Delayed int
	// Withheld is how many bytes silent watches did not pass on.
	Withheld int64
}

// SetFaults replaces the faults. Those of requests apply to requests that come after.
func (p *Proxy) SetFaults(f Faults) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = f
	for w := range p.watches {
		if f.Silence != nil && f.Silence(w.request) {
			w.silent.Store(true)
		}
		p.limit(w)
	}
}

// Counts returns what has become of requests.
func (p *Proxy) Counts() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := p.counts
	counts.Answered = maps.Clone(counts.Answered)
	counts.Withheld = p.withheld.Load()
	return counts
}

// strike returns the fault that strikes a request: one that does nothing, if none.
func (p *Proxy) strike(r Request) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts.Requests++
	for _, f := range p.faults.Requests {
		if f.matches(r) && p.random.Float64() < f.Share {
			if f.Delay > 0 {
				p.counts.Delayed++
			}
			return f
		}
	}
	return Fault{}
}

// failed counts a request that is about to be failed.
func (p *Proxy) failed(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f.Cut {
		p.counts.Cut++
	} else {
		p.counts.Answered[f.Code]++
	}
}
