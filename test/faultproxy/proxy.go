// Package faultproxy is a proxy in front of a real API server, for tests. It passes on
// what is asked and answered, watches as they come, and fails on demand in the ways
// that API servers, and what is between them and their clients, fail.
package faultproxy

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"sync"
	"sync/atomic"

	"k8s.io/client-go/rest"
)

// Options says what a Proxy is like.
type Options struct {
	// Upstream says where the API server is, and whose certificates it has. Who asks
	// there for what is up to the clients.
	Upstream *rest.Config
	// Random decides which requests are struck, and when watches are cut. It is the
	// proxy's from now on. Nil: a sequence that is always the same.
	Random *rand.Rand
}

// Proxy is a running proxy. It speaks HTTP/1.1 over TLS on both sides.
type Proxy struct {
	server    *httptest.Server
	reverse   httputil.ReverseProxy // of the exchange that is its Transport
	transport *http.Transport
	cancel    context.CancelFunc

	withheld atomic.Int64

	mu      sync.Mutex
	random  *rand.Rand
	faults  Faults
	counts  Counts
	watches map[*stream]bool
}

// Start starts a proxy on a free port of 127.0.0.1, with a certificate of its own and
// without faults.
func Start(o Options) (*Proxy, error) {
	upstream, _, err := rest.DefaultServerUrlFor(o.Upstream)
	if err != nil {
		return nil, fmt.Errorf("the API server's address: %w", err)
	}
	tlsConfig, err := rest.TLSConfigFor(rest.AnonymousClientConfig(o.Upstream))
	if err != nil {
		return nil, fmt.Errorf("the API server's certificates: %w", err)
	}
	if o.Random == nil {
		o.Random = rand.New(rand.NewPCG(0, 0)) //nolint:gosec // it is to be reproduced, not to be secret
	}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // Close ends it
	p := &Proxy{
		random: o.Random, cancel: cancel, counts: Counts{Answered: map[int]int{}}, watches: map[*stream]bool{},
		// Requests stay as they are, Accept-Encoding included.
		transport: &http.Transport{TLSClientConfig: tlsConfig, MaxIdleConnsPerHost: 100, DisableCompression: true},
	}
	quiet := log.New(io.Discard, "", 0)
	p.reverse = httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(upstream) },
		FlushInterval: -1, // at once
		ErrorLog:      quiet,
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) {
			// Without a proxy there would be no answer either.
			panic(http.ErrAbortHandler)
		},
	}
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(p.serve))
	p.server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	p.server.Config.ErrorLog = quiet
	p.server.StartTLS()
	return p, nil
}

// Config returns a config of the same identity that goes through the proxy. Tokens and
// impersonation get through; a client certificate does not, since it proves who is at
// the other end of a connection, and that is the proxy.
func (p *Proxy) Config(config *rest.Config) *rest.Config {
	config = rest.CopyConfig(config)
	config.Host = p.server.URL
	certificate := &pem.Block{Type: "CERTIFICATE", Bytes: p.server.Certificate().Raw}
	config.TLSClientConfig = rest.TLSClientConfig{CAData: pem.EncodeToMemory(certificate)}
	return config
}

// Close cuts every connection, those of silent watches too, and returns when nothing
// of the proxy is running any more. The error is always nil: it makes the Proxy an
// io.Closer.
func (p *Proxy) Close() error {
	p.cancel()
	p.server.Close()
	p.transport.CloseIdleConnections()
	return nil
}
