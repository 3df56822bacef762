package gateserver

import (
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"rollcall.dev/rollcall/internal/gate"
)

func TestMetricsCountDecisionsWithoutNamingMembers(t *testing.T) {
	t.Parallel()
	// No other test in this process uses this reason.
	decision := gate.Decision{
		Namespace: "desk", Policy: "any", Via: "Basic", Member: "ana", Email: "ana@example.com",
		Outcome: gate.OutcomeForbidden, Reason: "OfThisTest", Status: http.StatusForbidden,
	}
	for range 3 {
		countDecision(decision, time.Millisecond)
	}
	count, durations := &dto.Metric{}, &dto.Metric{}
	if err := decisions.WithLabelValues("Forbidden", "OfThisTest", "Basic").Write(count); err != nil || count.GetCounter().GetValue() != 3 {
		t.Errorf("decisions: got %v (error %v), want 3", count, err)
	}
	histogram, ok := decisionSeconds.WithLabelValues("Forbidden").(prometheus.Histogram)
	if !ok {
		t.Fatal("the durations are not a histogram")
	}
	if err := histogram.Write(durations); err != nil || durations.GetHistogram().GetSampleCount() < 3 {
		t.Errorf("durations: got %v (error %v), want at least 3", durations, err)
	}
}
