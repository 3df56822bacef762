package directory

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// cacheAgeDesc describes the metric of the ages of the gate's caches.
var cacheAgeDesc = prometheus.NewDesc("rollcall_gate_cache_age_seconds",
	"Seconds since the API server last sent an event or bookmark for a resource. Above 150, the gate refuses all requests (for sites, teams, and desktopprofiles: only whoami).", []string{"kind"}, nil)

// CacheAges is a prometheus.Collector for the ages of a directory's caches.
type CacheAges struct {
	Directory *Directory
}

// Describe implements prometheus.Collector.
func (CacheAges) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- cacheAgeDesc }

// Collect implements prometheus.Collector. Of several namespaces, the oldest cache
// counts.
func (c CacheAges) Collect(collected chan<- prometheus.Metric) {
	oldest := map[string]time.Duration{}
	for _, feed := range c.Directory.allFeeds() {
		if feed.synced.Load() {
			oldest[feed.resource] = max(oldest[feed.resource], feed.age())
		}
	}
	for resource, age := range oldest {
		collected <- prometheus.MustNewConstMetric(cacheAgeDesc, prometheus.GaugeValue, age.Seconds(), resource)
	}
}
