package directory

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// cacheAgeDesc describes how old the gate's caches are.
var cacheAgeDesc = prometheus.NewDesc("rollcall_gate_cache_age_seconds",
	"How long ago the API server was last heard from about a kind; from 150 on, the gate lets nobody in (sites, teams and desktopprofiles: it answers no whoami).", []string{"kind"}, nil)

// CacheAges is a prometheus.Collector of the ages of a directory's caches.
type CacheAges struct {
	Directory *Directory
}

// Describe implements prometheus.Collector.
func (CacheAges) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- cacheAgeDesc }

// Collect implements prometheus.Collector. Of several namespaces, the oldest
// counts.
func (g CacheAges) Collect(collected chan<- prometheus.Metric) {
	oldest := map[string]time.Duration{}
	for _, feed := range g.Directory.all() {
		if feed.synced.Load() {
			oldest[feed.kind] = max(oldest[feed.kind], feed.age())
		}
	}
	for kind, age := range oldest {
		collected <- prometheus.MustNewConstMetric(cacheAgeDesc, prometheus.GaugeValue, age.Seconds(), kind)
	}
}
