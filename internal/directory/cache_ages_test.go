package directory

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// gathered returns the values of a metric, by its labels.
func gathered(t *testing.T, collector prometheus.Collector, name string) map[string]float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(collector); err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, metric := range family.GetMetric() {
			var labels string
			for _, label := range metric.GetLabel() {
				labels += label.GetName() + "=" + label.GetValue() + " "
			}
			values[labels] = metric.GetGauge().GetValue() + metric.GetCounter().GetValue() + float64(metric.GetHistogram().GetSampleCount())
		}
	}
	return values
}

func TestMetricsShowTheAgesOfCaches(t *testing.T) {
	t.Parallel()
	now := testTime
	directory, feeds := newTestDirectory(func() time.Time { return now })
	if shown := gathered(t, CacheAges{directory}, "rollcall_gate_cache_age_seconds"); len(shown) != 0 {
		t.Errorf("before the first list, ages are %v, want none", shown)
	}
	for _, resource := range []string{"members", "secrets"} {
		replaceAll(t, feeds[resource])
	}
	now = now.Add(90 * time.Second)
	feeds["members"].UpdateResourceVersion("2")
	now = now.Add(10 * time.Second)
	shown := gathered(t, CacheAges{directory}, "rollcall_gate_cache_age_seconds")
	if len(shown) != 2 || shown["kind=members "] != 10 || shown["kind=secrets "] != 100 {
		t.Errorf("ages are %v, want 10 of members and 100 of secrets", shown)
	}
}
