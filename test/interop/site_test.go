//go:build interop

package interop

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// identityHeaders are what a site believes its proxy about who is logged in.
var identityHeaders = []string{"X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Preferred-Username", "X-Auth-Request-Groups"}

// siteRequest is a request that reached the site.
type siteRequest struct {
	uri    string
	header http.Header
	body   string
}

// site is the small site behind a proxy. It shows who the proxy says is logged in.
type site struct {
	*httptest.Server
	mu       sync.Mutex
	requests []siteRequest
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// address is where the site listens.
func (s *site) address() string { return strings.TrimPrefix(s.URL, "http://") }

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.requests = append(s.requests, siteRequest{uri: r.RequestURI, header: r.Header.Clone(), body: string(body)})
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// Errors of the site itself are the site's own.
	if r.URL.Path == "/workbench/fails" {
		w.WriteHeader(http.StatusInternalServerError)
	}
	_, _ = io.WriteString(w, `<!doctype html><title>Acme Desk</title>
<p id="who">`+html.EscapeString(r.Header.Get("X-Auth-Request-User"))+`</p>
<p id="where">`+html.EscapeString(r.RequestURI)+`</p>
<a id="workbench" href="/workbench">Workbench</a> <a id="console" href="/console">Console</a>
<form method="post" action="/logout"><button id="logout">Log out</button></form>
`)
}

// seen are the requests that came, oldest first.
func (s *site) seen() []siteRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]siteRequest(nil), s.requests...)
}

// reached reports whether a request with a mark in its address came.
func (s *site) reached(mark string) bool {
	for _, request := range s.seen() {
		if strings.Contains(request.uri, mark) {
			return true
		}
	}
	return false
}
