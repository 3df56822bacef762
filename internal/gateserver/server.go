package gateserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/net/netutil"
	"sigs.k8s.io/controller-runtime/pkg/certwatcher"
)

const (
	// requestDrain is how long requests in progress may take when the gate stops.
	requestDrain = 10 * time.Second
	// auditDrain is how long writing the rest of the audit log may take after that.
	auditDrain = 5 * time.Second
	// maxConnections limits the memory that slow clients use, about 35 KB each. Proxies
	// need a few dozen connections.
	maxConnections = 2048
)

// server serves the gate over HTTPS, or over HTTP without a certificate. It implements
// manager.Runnable.
type server struct {
	address     string
	server      *http.Server
	certificate *certwatcher.CertWatcher
	audit       *auditLog
	log         logr.Logger
}

// Start serves until ctx ends. It then lets requests in progress finish and writes the
// rest of the audit log.
func (s *server) Start(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.address)
	if err != nil {
		return fmt.Errorf("listening on --bind-address: %w", err)
	}
	s.log.Info("Serving the login gate", "address", listener.Addr().String(), "tls", s.certificate != nil)
	// TLS and HTTP errors of clients are not errors of the gate.
	s.server.ErrorLog = slog.NewLogLogger(logr.ToSlogHandler(s.log), slog.LevelDebug)
	auditing, endAudit := context.WithCancel(context.WithoutCancel(ctx))
	audited := make(chan struct{})
	go func() {
		defer close(audited)
		s.audit.run(auditing)
	}()
	served := make(chan error, 1)
	go func() { served <- s.serve(netutil.LimitListener(listener, maxConnections)) }()
	select {
	case err = <-served:
		err = fmt.Errorf("serving the login gate: %w", err)
	case <-ctx.Done():
		err = s.shutDown(ctx, served)
	}
	endAudit()
	select {
	case <-audited:
		return err
	case <-time.After(auditDrain): //nolint:forbidigo // an unread standard output must not block the shutdown
		return errors.Join(err, errAuditBlocked)
	}
}

// serve accepts connections until the server is shut down.
func (s *server) serve(listener net.Listener) error {
	if s.certificate == nil {
		return s.server.Serve(listener)
	}
	s.server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: s.certificate.GetCertificate}
	return s.server.ServeTLS(listener, "", "")
}

// shutDown lets requests in progress finish.
func (s *server) shutDown(ctx context.Context, served <-chan error) error {
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestDrain)
	defer cancel()
	err := s.server.Shutdown(draining)
	if err != nil {
		err = errors.Join(err, s.server.Close())
	}
	if stopped := <-served; !errors.Is(stopped, http.ErrServerClosed) {
		err = errors.Join(err, stopped)
	}
	return err
}

// NeedLeaderElection implements manager.LeaderElectionRunnable.
func (s *server) NeedLeaderElection() bool { return false }
