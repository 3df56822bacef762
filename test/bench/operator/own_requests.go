package operator

import (
	"maps"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"
)

// ownRequests counts the requests of the benchmark itself.
type ownRequests struct {
	mu   sync.Mutex
	seen requests
}

// snapshot is what was counted so far.
func (o *ownRequests) snapshot() requests {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.seen)
}

// wrap counts what goes through a transport.
func (o *ownRequests) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(asked *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(asked)
		if err == nil {
			o.mu.Lock()
			o.seen.add(classify(asked), strconv.Itoa(response.StatusCode), 1)
			o.mu.Unlock()
		}
		return response, err
	})
}

// roundTripper is a function that is an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// resolver reads paths as the API server does.
var resolver = request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}

// classify tells of which kind the API server takes a request to be.
func classify(asked *http.Request) requestKind {
	kind := requestKind{Verb: asked.Method}
	info, err := resolver.NewRequestInfo(asked)
	if err != nil || !info.IsResourceRequest {
		return kind
	}
	kind.Resource = path.Join(info.Resource, info.Subresource)
	if kind.Verb == http.MethodGet {
		kind.Verb = strings.ToUpper(info.Verb)
	}
	return kind
}
