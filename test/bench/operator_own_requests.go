package main

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
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

// classify tells of which kind the API server takes a request to be.
func classify(asked *http.Request) requestKind {
	parts := resourcePath(asked.URL.Path)
	kind := requestKind{Verb: asked.Method}
	if len(parts) == 0 {
		return kind
	}
	kind.Resource = parts[0]
	if len(parts) > 2 {
		kind.Resource += "/" + parts[2]
	}
	if kind.Verb != http.MethodGet {
		return kind
	}
	switch watched := asked.URL.Query().Get("watch"); {
	case watched == "true" || watched == "1":
		kind.Verb = "WATCH"
	case len(parts) == 1:
		kind.Verb = "LIST"
	}
	return kind
}

// resourcePath is what a path has behind group, version and namespace: resource, name
// and subresource; nothing if it is about no resource.
func resourcePath(path string) []string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		parts = parts[3:]
	default:
		return nil
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		parts = parts[2:]
	}
	return parts
}
