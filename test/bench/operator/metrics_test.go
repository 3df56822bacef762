package operator

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const metricsText = `# TYPE apiserver_request_total counter
apiserver_request_total{code="201",component="apiserver",dry_run="",group="",resource="secrets",scope="resource",subresource="",verb="POST",version="v1"} 40
apiserver_request_total{code="409",component="apiserver",dry_run="",group="",resource="secrets",scope="resource",subresource="",verb="POST",version="v1"} 2
apiserver_request_total{code="200",component="apiserver",dry_run="",group="rollcall.dev",resource="members",scope="resource",subresource="status",verb="PATCH",version="v1alpha1"} 81
# TYPE apiserver_storage_size_bytes gauge
apiserver_storage_size_bytes{storage_cluster_id="etcd-0"} 4.096e+06
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 12.5
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 2.5e+08
`

func TestMetricsOfTheAPIServerAreReadByVerbAndResource(t *testing.T) {
	t.Parallel()
	got, err := parseAPIMetrics(strings.NewReader(metricsText))
	if err != nil {
		t.Fatal(err)
	}
	want := requests{
		{"POST", "secrets"}:         {Count: 42, Failed: 2},
		{"PATCH", "members/status"}: {Count: 81},
	}
	if !maps.Equal(got.requests, want) {
		t.Errorf("got %v, want %v", got.requests, want)
	}
	if got.storage != 4_096_000 || got.resident != 250_000_000 || got.cpu != 12.5 {
		t.Errorf("got %d, %d and %g", got.storage, got.resident, got.cpu)
	}
}

func TestMetricsThatAreMissingAreAnError(t *testing.T) {
	t.Parallel()
	for _, missing := range []string{"apiserver_request_total", "apiserver_storage_size_bytes", "process_cpu_seconds_total", "process_resident_memory_bytes"} {
		if _, err := parseAPIMetrics(strings.NewReader(strings.ReplaceAll(metricsText, missing, "other"))); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: got %v", missing, err)
		}
	}
}

func TestADifferenceOfRequestsLeavesOutWhatNeverHappened(t *testing.T) {
	t.Parallel()
	before := requests{{"GET", "secrets"}: {Count: 5, Failed: 1}, {"LIST", "members"}: {Count: 3}}
	after := requests{{"GET", "secrets"}: {Count: 9, Failed: 2}, {"LIST", "members"}: {Count: 3}, {"POST", "secrets"}: {Count: 1}}
	want := requests{{"GET", "secrets"}: {Count: 4, Failed: 1}, {"POST", "secrets"}: {Count: 1}}
	got := after.minus(before)
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !maps.Equal(before.plus(got), after) {
		t.Errorf("got %v, want %v", before.plus(got), after)
	}
}

func TestOwnRequestsAreCountedAsTheAPIServerDoes(t *testing.T) {
	t.Parallel()
	const members = "/apis/rollcall.dev/v1alpha1/namespaces/bench/members"
	for _, one := range []struct {
		method, url string
		want        requestKind
	}{
		{http.MethodPost, members, requestKind{"POST", "members"}},
		{http.MethodGet, members + "?limit=500", requestKind{"LIST", "members"}},
		{http.MethodGet, members + "?watch=true", requestKind{"WATCH", "members"}},
		{http.MethodGet, members + "/ana", requestKind{"GET", "members"}},
		{http.MethodPatch, members + "/ana/status?fieldManager=x", requestKind{"PATCH", "members/status"}},
		{http.MethodPost, "/api/v1/namespaces/bench/secrets", requestKind{"POST", "secrets"}},
		{http.MethodPost, "/api/v1/namespaces", requestKind{"POST", "namespaces"}},
		{http.MethodGet, "/api/v1/namespaces/bench", requestKind{"GET", "namespaces"}},
		{http.MethodGet, "/metrics", requestKind{"GET", ""}},
	} {
		if got := classify(httptest.NewRequestWithContext(t.Context(), one.method, one.url, http.NoBody)); got != one.want {
			t.Errorf("%s %s: got %v, want %v", one.method, one.url, got, one.want)
		}
	}
}
