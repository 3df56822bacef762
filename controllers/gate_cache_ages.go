package controllers

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// gateCacheAge describes how old the gate's caches are.
var gateCacheAge = prometheus.NewDesc("rollcall_gate_cache_age_seconds",
	"How long ago the API server was last heard from about a kind; from 150 on, the gate lets nobody in (sites, teams and desktopprofiles: it answers no whoami).", []string{"kind"}, nil)

// gateCacheAges is a prometheus.Collector of the ages of a directory's caches.
type gateCacheAges struct {
	directory *gateDirectory
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
