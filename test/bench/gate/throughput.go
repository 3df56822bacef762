package gate

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"rollcall.dev/rollcall/test/bench/load"
	"rollcall.dev/rollcall/test/bench/report"
	"rollcall.dev/rollcall/test/bench/usage"
)

const (
	// saturating is how many connections saturate a server of one core.
	saturating = 16
	// namedLoad is what a core of the gate has to answer in a second. Latency is
	// measured at half of it, of the slower servers at half of what they answer.
	namedLoad = 20_000
	// warmUp is the part of a measurement's time that comes before it.
	warmUp = 10
	// leastComputed is the unit of the kernel's answer, in seconds.
	leastComputed = 0.01
)

// server is what is measured.
type server struct {
	// Name says which it is, and Question what it is asked.
	Name     string `json:"server"`
	Question string `json:"question"`

	pid     int
	address string
	secure  *tls.Config
	// requests are sent in turn.
	requests [][]byte
}

// throughput is what a server can answer, and how fast at a moderate load.
type throughput struct {
	server

	// PerSecond is requests a second at saturation, Cores how much of the machine's
	// cores the server used for that, and PerCPUSecond the one by the other.
	PerSecond    float64 `json:"requestsPerSecond"`
	Cores        float64 `json:"cores"`
	PerCPUSecond float64 `json:"requestsPerCPUSecond"`
	// Rate is the moderate load, Latency what answers took then, and Late how late
	// the load generator woke up, which is in Latency.
	Rate    float64             `json:"moderateRequestsPerSecond"`
	Latency report.Distribution `json:"latencyMilliseconds"`
	Late    report.Distribution `json:"generatorLateMilliseconds"`
}

// measure measures a server.
func (w *gateBench) measure(ctx context.Context, target server) error {
	w.Printf("measuring %s, %s", target.Name, target.Question)
	t := &throughput{server: target}
	err := w.measureSaturation(ctx, t)
	if err == nil {
		err = w.measureLatency(ctx, t)
	}
	if err != nil {
		return fmt.Errorf("measuring %s, %s: %w", target.Name, target.Question, err)
	}
	w.report.Throughput = append(w.report.Throughput, t)
	return nil
}

// measureSaturation measures what a server can answer.
func (w *gateBench) measureSaturation(ctx context.Context, t *throughput) error {
	l, err := load.Dial(ctx, w.Now, t.address, t.secure, saturating)
	if err != nil {
		return err
	}
	defer l.Close()
	if _, _, err := l.Saturate(ctx, t.requests, w.duration/warmUp); err != nil {
		return err
	}
	before, err := usage.CPUSeconds(t.pid)
	if err != nil {
		return err
	}
	count, took, err := l.Saturate(ctx, t.requests, w.duration)
	if err != nil {
		return err
	}
	after, err := usage.CPUSeconds(t.pid)
	used := max(after-before, leastComputed)
	t.PerSecond = float64(count) / took.Seconds()
	t.Cores = used / took.Seconds()
	t.PerCPUSecond = float64(count) / used
	return err
}

// measureLatency measures what answers take at a constant rate.
func (w *gateBench) measureLatency(ctx context.Context, t *throughput) error {
	// More connections than can be busy, so that none has to be waited for.
	l, err := load.Dial(ctx, w.Now, t.address, t.secure, 4*saturating)
	if err != nil {
		return err
	}
	defer l.Close()
	t.Rate = min(t.PerSecond, namedLoad) / 2
	for _, step := range []time.Duration{w.duration / warmUp, w.duration} {
		seen := &latencies{all: make([]time.Duration, 0, int(t.Rate*step.Seconds())+1)}
		pacing, cancel := context.WithTimeout(ctx, step)
		late, err := l.Pace(pacing, t.requests, t.Rate, seen.observe)
		cancel()
		if err := errors.Join(err, ctx.Err(), seen.wrong); err != nil {
			return err
		}
		t.Latency, t.Late = report.DistributionOf(seen.all), report.DistributionOf(late)
	}
	return nil
}

// latencies collects how long answers took. All have to be 200.
type latencies struct {
	mu    sync.Mutex
	all   []time.Duration
	wrong error // the first answer that was not 200
}

// observe takes a sample.
func (l *latencies) observe(s load.Sample) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, s.Latency())
	if l.wrong == nil {
		l.wrong = load.ExpectOK(s.Status)
	}
}
