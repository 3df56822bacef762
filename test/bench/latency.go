package main

import (
	"slices"
	"sync"
	"time"
)

// latencies collects how long answers took. All have to be 200.
type latencies struct {
	mu    sync.Mutex
	all   []time.Duration
	wrong error // the first answer that was not 200
}

// observe takes a sample.
func (l *latencies) observe(s sample) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, s.latency())
	if l.wrong == nil {
		l.wrong = expectOK(s.status)
	}
}

// distribution says how long something took, in milliseconds.
type distribution struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// distributionOf summarizes durations.
func distributionOf(durations []time.Duration) distribution {
	sorted := slices.Sorted(slices.Values(durations))
	return distribution{
		Count: len(sorted),
		P50:   milliseconds(quantile(sorted, 50)), P99: milliseconds(quantile(sorted, 99)), Max: milliseconds(quantile(sorted, 100)),
	}
}

// quantile is the least of the sorted durations that so many per cent of them do not
// exceed (nearest rank); 0 if there are none.
func quantile(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := (len(sorted)*percent + 99) / 100
	return sorted[max(rank, 1)-1]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
