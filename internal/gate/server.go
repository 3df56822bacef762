package gate

import (
	"net/http"
	"time"
)

// NewServer returns a server for a handler, with bounds on how large requests are
// and how long they take, so that clients that are slow or say much cost little. The
// caller gives it an address or listener, certificates and a log.
func NewServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		// Longer than proxies keep connections idle (nginx: 60 s), so that none sends
		// a request into a connection that is being closed.
		IdleTimeout:    75 * time.Second,
		MaxHeaderBytes: 16 << 10,
		HTTP2:          &http.HTTP2Config{MaxConcurrentStreams: 64},
	}
}
