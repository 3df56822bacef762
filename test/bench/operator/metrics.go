package operator

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// requestKind is a kind of request to the API server.
type requestKind struct {
	// Verb is as the API server has it in its metrics: GET, LIST, WATCH, POST, PUT,
	// PATCH, APPLY, DELETE or DELETECOLLECTION.
	Verb string `json:"verb"`
	// Resource has its subresource after a slash.
	Resource string `json:"resource"`
}

// writes reports whether it changes something.
func (r requestKind) writes() bool { return r.Verb != "GET" && r.Verb != "LIST" && r.Verb != "WATCH" }

// about reports whether it is about one of those resources, or their subresources.
func (r requestKind) about(resources ...string) bool {
	resource, _, _ := strings.Cut(r.Resource, "/")
	return slices.Contains(resources, resource)
}

// tally is how many requests there were of a kind.
type tally struct {
	Count int `json:"count"`
	// Failed is how many of them were answered with an error.
	Failed int `json:"failed,omitempty"`
}

// requests are tallies by kind.
type requests map[requestKind]tally

// add adds an answered request, or many.
func (r requests) add(kind requestKind, code string, count int) {
	t := r[kind]
	t.Count += count
	if !strings.HasPrefix(code, "2") {
		t.Failed += count
	}
	r[kind] = t
}

// minus is what is left without others; kinds of which nothing is left are not in it.
func (r requests) minus(others requests) requests {
	left := requests{}
	for kind, t := range r {
		t.Count -= others[kind].Count
		t.Failed -= others[kind].Failed
		if t != (tally{}) {
			left[kind] = t
		}
	}
	return left
}

// plus is both together.
func (r requests) plus(others requests) requests {
	sum := maps.Clone(others)
	for kind, t := range r {
		sum[kind] = tally{Count: t.Count + sum[kind].Count, Failed: t.Failed + sum[kind].Failed}
	}
	return sum
}

// total counts the wanted ones.
func (r requests) total(wanted func(requestKind) bool) int {
	total := 0
	for kind, t := range r {
		if wanted(kind) {
			total += t.Count
		}
	}
	return total
}

// sorted are the kinds by resource and verb.
func (r requests) sorted() []requestKind {
	return slices.SortedFunc(maps.Keys(r), func(a, b requestKind) int {
		return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Verb, b.Verb))
	})
}

// apiMetrics are what the API server's /metrics say.
type apiMetrics struct {
	requests requests
	// storage is the size of etcd's database, and resident the API server's memory,
	// in bytes.
	storage, resident int64
	// cpu is how many seconds the API server has computed.
	cpu float64
}

// parseAPIMetrics reads the API server's metrics, in Prometheus' text format.
func parseAPIMetrics(text io.Reader) (*apiMetrics, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(text)
	if err != nil {
		return nil, fmt.Errorf("the API server's metrics: %w", err)
	}
	first := map[string]*dto.Metric{}
	for _, name := range []string{"apiserver_request_total", "apiserver_storage_size_bytes", "process_resident_memory_bytes", "process_cpu_seconds_total"} {
		metrics := families[name].GetMetric()
		if len(metrics) == 0 {
			return nil, fmt.Errorf("the API server's metrics have no %s", name)
		}
		first[name] = metrics[0]
	}
	found := &apiMetrics{requests: requests{}}
	for _, metric := range families["apiserver_request_total"].GetMetric() {
		kind, code := kindOf(metric)
		found.requests.add(kind, code, int(metric.GetCounter().GetValue()))
	}
	found.storage = int64(first["apiserver_storage_size_bytes"].GetGauge().GetValue())
	found.resident = int64(first["process_resident_memory_bytes"].GetGauge().GetValue())
	found.cpu = first["process_cpu_seconds_total"].GetCounter().GetValue()
	return found, nil
}

// kindOf is what the labels of a metric say.
func kindOf(metric *dto.Metric) (kind requestKind, code string) {
	labels := map[string]string{}
	for _, label := range metric.GetLabel() {
		labels[label.GetName()] = label.GetValue()
	}
	kind = requestKind{Verb: labels["verb"], Resource: path.Join(labels["resource"], labels["subresource"])}
	return kind, labels["code"]
}

// readAPIMetrics asks the API server for its metrics.
func readAPIMetrics(ctx context.Context, cluster *rest.Config) (*apiMetrics, error) {
	body, err := get(ctx, cluster, "/metrics")
	if err != nil {
		return nil, err
	}
	return parseAPIMetrics(bytes.NewReader(body))
}

// get reads a path of a server.
func get(ctx context.Context, server *rest.Config, path string) ([]byte, error) {
	clients, err := kubernetes.NewForConfig(server)
	if err != nil {
		return nil, err
	}
	return clients.Discovery().RESTClient().Get().RequestURI(path).DoRaw(ctx)
}
