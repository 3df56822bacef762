package main

import (
	"errors"
	"html/template"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// site is a small web site with a reverse proxy that asks the login gate about each
// request, as nginx, Traefik, Caddy, and Envoy do in production (config/gate/examples).
type site struct {
	address string
	gate    *url.URL
	server  *http.Server
	served  chan error
	client  *http.Client
}

// sitePage shows the member that the gate reports. Its form posts to the gate's log-out
// page.
var sitePage = template.Must(template.New("site").Parse(`<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Acme Support desk</title>
<h1>{{.Where}}</h1>
<p>You are <b>{{.User}}</b> ({{.Email}}), in {{.Groups}}.</p>
<p><a href="/">the desk</a> · <a href="/workbench">the workbench</a>, for Supervisors and Desk Staff · <a href="/console">the console</a>, for administrators</p>
<form method="post" action="/logout"><button>Log out</button></form>
</html>
`))

// startSite starts the site at an address.
func startSite(address, gate string) (*site, error) {
	target, err := url.Parse("http://" + gate)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", address) //nolint:noctx // listening on a loopback port does not wait
	if err != nil {
		return nil, err
	}
	s := &site{
		address: "http://" + listener.Addr().String(), gate: target, served: make(chan error, 1),
		client: &http.Client{
			Timeout:       10 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	pages := http.NewServeMux()
	pages.Handle("/login", s.gatePage("/login/"+samplesNamespace))
	pages.Handle("/logout", s.gatePage("/logout/"+samplesNamespace))
	pages.Handle("/console", s.guarded("console", "The console"))
	pages.Handle("/workbench", s.guarded("workbench", "The workbench"))
	pages.Handle("/{$}", s.guarded("any", "The desk"))
	s.server = &http.Server{Handler: pages, ReadHeaderTimeout: 5 * time.Second}
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

// gatePage forwards requests to a page of the gate.
func (s *site) gatePage(path string) http.Handler {
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(s.gate)
		r.Out.URL.Path = path
		r.SetXForwarded()
		r.Out.Host = r.In.Host
	}}
}

// guarded returns a page for members that the gate admits by a policy.
func (s *site) guarded(policy, where string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := s.askGate(r, policy)
		if err != nil {
			http.Error(w, "the login gate does not answer", http.StatusBadGateway)
			return
		}
		defer func() { _ = answer.Body.Close() }() //nolint:errcheck // nothing is left to read
		if answer.StatusCode == http.StatusOK {
			w.Header().Set("Cache-Control", "no-store")
			_ = sitePage.Execute(w, map[string]string{ //nolint:errcheck // the browser has gone
				"Where": where, "User": answer.Header.Get("X-Auth-Request-User"),
				"Email": answer.Header.Get("X-Auth-Request-Email"), "Groups": strings.ReplaceAll(answer.Header.Get("X-Auth-Request-Groups"), ",", ", "),
			})
			return
		}
		maps.Copy(w.Header(), answer.Header)
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body) //nolint:errcheck // the browser has gone
	})
}

// askGate asks the gate about a request.
func (s *site) askGate(r *http.Request, policy string) (*http.Response, error) {
	question, err := http.NewRequestWithContext(r.Context(), http.MethodGet, s.gate.JoinPath("verify", samplesNamespace, policy).String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"Accept", "Accept-Language", "Authorization", "Cookie"} {
		question.Header[name] = r.Header.Values(name)
	}
	client, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return nil, err
	}
	question.Header.Set("X-Forwarded-For", client)
	question.Header.Set("X-Forwarded-Method", r.Method)
	question.Header.Set("X-Forwarded-Uri", r.URL.RequestURI())
	return s.client.Do(question)
}

// stop stops the site.
func (s *site) stop() error {
	err := s.server.Close()
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	s.client.CloseIdleConnections()
	return err
}
