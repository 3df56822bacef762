package controllers

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"rollcall.dev/rollcall/internal/gate"
)

// gateDecisions and gateSeconds are about what the login gate decides. No metric
// has a label with a person in it, nor one that somebody outside can choose.
var (
	gateDecisions = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "rollcall_gate_decisions_total",
		Help: "Decisions of the login gate, by outcome, reason, and what they were made from (Basic, Session, Form or nothing).",
	}, []string{"outcome", "reason", "via"})
	gateSeconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "rollcall_gate_decision_duration_seconds",
		Help:    "How long decisions of the login gate took, by outcome.",
		Buckets: []float64{.00001, .000025, .00005, .0001, .00025, .0005, .001, .0025, .005, .01, .05, .25, 1},
	}, []string{"outcome"})
)

// countDecision counts one decision.
func countDecision(decision gate.Decision, took time.Duration) {
	gateDecisions.WithLabelValues(string(decision.Outcome), decision.Reason, string(decision.Via)).Inc()
	gateSeconds.WithLabelValues(string(decision.Outcome)).Observe(took.Seconds())
}

// gateCacheAge describes how old the gate's caches are.
var gateCacheAge = prometheus.NewDesc("rollcall_gate_cache_age_seconds",
	"How long ago the API server was last heard from about a kind; from 150 on, the gate lets nobody in (sites, teams and desktopprofiles: it answers no whoami).", []string{"kind"}, nil)

// gateCacheAges is a prometheus.Collector of the ages of a directory's caches.
type gateCacheAges struct {
	directory *gateDirectory
}

// showGate has the gate's metrics served, with the ages of a directory's caches.
func showGate(directory *gateDirectory) error {
	return errors.Join(
		metrics.Registry.Register(gateDecisions), metrics.Registry.Register(gateSeconds),
		metrics.Registry.Register(gateCacheAges{directory}),
	)
}

// Describe implements prometheus.Collector.
func (gateCacheAges) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- gateCacheAge }

// Collect implements prometheus.Collector. Of several namespaces, the oldest
// counts.
func (g gateCacheAges) Collect(collected chan<- prometheus.Metric) {
	oldest := map[string]time.Duration{}
	for _, feed := range g.directory.all() {
		if feed.synced.Load() {
			oldest[feed.kind] = max(oldest[feed.kind], feed.age())
		}
	}
	for kind, age := range oldest {
		collected <- prometheus.MustNewConstMetric(gateCacheAge, prometheus.GaugeValue, age.Seconds(), kind)
	}
}
