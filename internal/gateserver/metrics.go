package gateserver

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"rollcall.dev/rollcall/internal/directory"
	"rollcall.dev/rollcall/internal/gate"
)

// decisions and decisionSeconds are about what the login gate decides. No metric
// has a label with a person in it, nor one that somebody outside can choose.
var (
	decisions = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "rollcall_gate_decisions_total",
		Help: "Decisions of the login gate, by outcome, reason, and what they were made from (Basic, Session, Form or nothing).",
	}, []string{"outcome", "reason", "via"})
	decisionSeconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "rollcall_gate_decision_duration_seconds",
		Help:    "How long decisions of the login gate took, by outcome.",
		Buckets: []float64{.00001, .000025, .00005, .0001, .00025, .0005, .001, .0025, .005, .01, .05, .25, 1},
	}, []string{"outcome"})
)

// countDecision counts one decision.
func countDecision(decision gate.Decision, took time.Duration) {
	decisions.WithLabelValues(string(decision.Outcome), decision.Reason, string(decision.Via)).Inc()
	decisionSeconds.WithLabelValues(string(decision.Outcome)).Observe(took.Seconds())
}

// registerMetrics has the gate's metrics served, with the ages of a directory's caches.
func registerMetrics(members *directory.Directory) error {
	return errors.Join(
		metrics.Registry.Register(decisions), metrics.Registry.Register(decisionSeconds),
		metrics.Registry.Register(directory.CacheAges{Directory: members}),
	)
}
