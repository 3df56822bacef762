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
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
}
