package gate

import (
	"net/http"
	"time"
)

// NewServer returns a server for a handler. It limits the size and duration of
// requests, so that slow or verbose clients cost little. The caller sets the address
// or listener, the certificates, and the log.
func NewServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		// Longer than proxies keep connections idle (nginx: 60 s), so that no proxy
		// sends a request into a closing connection.
		IdleTimeout:    75 * time.Second,
		MaxHeaderBytes: 16 << 10,
		HTTP2:          &http.HTTP2Config{MaxConcurrentStreams: 64},
	}
}
