package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	// saturating is how many connections saturate a server of one core.
	saturating = 16
	// namedLoad is what a core of the gate has to answer in a second. Latency is
	// measured at half of it, of the slower servers at half of what they answer.
	namedLoad = 20_000
	// warmUp is the part of a measurement's time that comes before it.
	warmUp = 10
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
	Rate    float64      `json:"moderateRequestsPerSecond"`
	Latency distribution `json:"latencyMilliseconds"`
	Late    distribution `json:"generatorLateMilliseconds"`
}

// measure measures a server.
func (s dependencies) measure(ctx context.Context, target server, duration time.Duration) (*throughput, error) {
	s.say("measuring %s, %s", target.Name, target.Question)
	t, err := s.measureBoth(ctx, target, duration)
	if err != nil {
		return nil, fmt.Errorf("measuring %s, %s: %w", target.Name, target.Question, err)
	}
	return t, nil
}

func (s dependencies) measureBoth(ctx context.Context, target server, duration time.Duration) (*throughput, error) {
	l, err := dial(ctx, s.now, target.address, target.secure, saturating)
	if err != nil {
		return nil, err
	}
	defer l.close()
	if _, _, err := l.saturate(ctx, target.requests, duration/warmUp); err != nil {
		return nil, err
	}
	before, err := cpuTime(target.pid)
	if err != nil {
		return nil, err
	}
	count, took, err := l.saturate(ctx, target.requests, duration)
	if err != nil {
		return nil, err
	}
	after, err := cpuTime(target.pid)
	if err != nil {
		return nil, err
	}
	used := max(after-before, time.Second/clockTicks).Seconds()
	t := &throughput{server: target}
	t.PerSecond = float64(count) / took.Seconds()
	t.Cores = used / took.Seconds()
	t.PerCPUSecond = float64(count) / used
	t.Rate = min(t.PerSecond, namedLoad) / 2
	return t, s.measureLatency(ctx, t, duration)
}

// measureLatency measures what answers take at a constant rate.
func (s dependencies) measureLatency(ctx context.Context, t *throughput, duration time.Duration) error {
	// More connections than can be busy, so that none has to be waited for.
	l, err := dial(ctx, s.now, t.address, t.secure, 4*saturating)
	if err != nil {
		return err
	}
	defer l.close()
	for _, step := range []time.Duration{duration / warmUp, duration} {
		seen := &latencies{all: make([]time.Duration, 0, int(t.Rate*step.Seconds())+1)}
		pacing, cancel := context.WithTimeout(ctx, step)
		late, err := l.pace(pacing, t.requests, t.Rate, seen.observe)
		cancel()
		if err := errors.Join(err, ctx.Err(), seen.wrong); err != nil {
			return err
		}
		t.Latency, t.Late = distributionOf(seen.all), distributionOf(late)
	}
	return nil
}

// request is a request as a proxy sends it, with one more header.
func request(path, header, value string) []byte {
	return []byte(strings.Join([]string{
		"GET " + path + " HTTP/1.1",
		"Host: gate.example.com",
		"X-Forwarded-For: 192.0.2.7",
		"X-Forwarded-Method: GET",
		"X-Forwarded-Uri: /workbench/tickets/1734",
		"Accept: application/json",
		header + ": " + value,
		"", "",
	}, "\r\n"))
}
