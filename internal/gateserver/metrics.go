package gateserver

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"rollcall.dev/rollcall/internal/directory"
	"rollcall.dev/rollcall/internal/gate"
)

// decisions and decisionSeconds measure the decisions of the login gate. No label
// identifies a person, and a client cannot choose the value of a label.
var (
	decisions = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "rollcall_gate_decisions_total",
		Help: "Decisions of the login gate, by outcome, reason, and kind of credentials (Basic, Session, Form, or empty for none).",
	}, []string{"outcome", "reason", "via"})
	decisionSeconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "rollcall_gate_decision_duration_seconds",
		Help:    "Duration of the decisions of the login gate in seconds, by outcome.",
		Buckets: []float64{.00001, .000025, .00005, .0001, .00025, .0005, .001, .0025, .005, .01, .05, .25, 1},
	}, []string{"outcome"})
)

// countDecision counts a decision and its duration.
func countDecision(decision gate.Decision, duration time.Duration) {
	decisions.WithLabelValues(string(decision.Outcome), decision.Reason, string(decision.Via)).Inc()
	decisionSeconds.WithLabelValues(string(decision.Outcome)).Observe(duration.Seconds())
}

// registerMetrics registers the gate's metrics and the ages of a directory's caches.
func registerMetrics(members *directory.Directory) error {
	return errors.Join(
		metrics.Registry.Register(decisions), metrics.Registry.Register(decisionSeconds),
		metrics.Registry.Register(directory.CacheAges{Directory: members}),
	)
}
