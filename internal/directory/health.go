package directory

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
)

const (
	// healthPause is the time between two checks.
	healthPause = time.Second
	// healthReminder is the time after which a lasting problem is logged again.
	healthReminder = time.Minute
)

// errNoSessionKey reports that the login page cannot start a session.
var errNoSessionKey = errors.New("there is no session key: check that the operator runs, and that its --session-key-secret is the same as the gate's")

// Health reports whether the gate can decide, to probes and in the log.
type Health struct {
	Directory *Directory
	// AuditProblem returns why audit lines cannot be written at the moment; nil if they
	// can.
	AuditProblem func() error
	Log          logr.Logger
	// hadKeys reports whether there was a session key at any time.
	hadKeys atomic.Bool
}

// problems returns why the gate cannot decide, by subject: a namespace (empty for
// all), whoami of a namespace without other problems, the session keys, or the audit
// log.
func (h *Health) problems() map[string]error {
	problems := map[string]error{}
	for namespace := range h.Directory.feeds {
		if err := h.Directory.Fresh(namespace); err != nil {
			problems["namespace "+namespace] = err
		} else if err := h.Directory.Complete(namespace); err != nil {
			problems["whoami of namespace "+namespace] = err
		}
	}
	if len(h.Directory.Keys()) == 0 {
		problems["session keys"] = errNoSessionKey
	} else {
		h.hadKeys.Store(true)
	}
	if err := h.AuditProblem(); err != nil {
		problems["audit log"] = err
	}
	return problems
}

// Ready answers /readyz. It returns nil if the gate can decide about at least one
// namespace, with or without whoami. A gate that had session keys stays ready without
// them, for members who send their password.
func (h *Health) Ready(*http.Request) error {
	problems := h.problems()
	if err := problems["audit log"]; err != nil {
		return err
	}
	if err := problems["session keys"]; err != nil && !h.hadKeys.Load() {
		return err
	}
	for namespace := range h.Directory.feeds {
		if problems["namespace "+namespace] == nil {
			return nil
		}
	}
	for _, err := range problems {
		return err
	}
	return nil
}

// Watch logs problems when they begin, each minute while they last, and when they
// end, until ctx ends.
func (h *Health) Watch(ctx context.Context) {
	ticker := time.NewTicker(healthPause)
	defer ticker.Stop()
	lastLogged := map[string]time.Time{}
	for {
		select {
		case <-ticker.C:
			h.logProblems(lastLogged, h.Directory.now())
		case <-ctx.Done():
			return
		}
	}
}

// logProblems logs problems that are new or due for a reminder, and those that ended.
// lastLogged has the time of each problem's last line.
func (h *Health) logProblems(lastLogged map[string]time.Time, now time.Time) {
	problems := h.problems()
	for about, problem := range problems {
		if last, logged := lastLogged[about]; !logged || now.Sub(last) >= healthReminder {
			h.Log.Info("The gate cannot decide", "about", about, "because", problem.Error())
			lastLogged[about] = now
		}
	}
	maps.DeleteFunc(lastLogged, func(about string, _ time.Time) bool {
		if problems[about] != nil {
			return false
		}
		h.Log.Info("The gate can decide again", "about", about)
		return true
	})
}

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
