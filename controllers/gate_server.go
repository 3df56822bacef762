package controllers

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
	"sigs.k8s.io/controller-runtime/pkg/certwatcher"
)

// gateDrain is how long requests under way may take when the gate stops.
const gateDrain = 10 * time.Second

// gateServer serves the gate over HTTPS, or over HTTP without a certificate. It
// implements manager.Runnable.
type gateServer struct {
	address     string
	server      *http.Server
	certificate *certwatcher.CertWatcher
	log         logr.Logger
}

// Start serves until ctx ends, and lets requests under way finish.
func (s *gateServer) Start(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.address)
	if err != nil {
		return fmt.Errorf("listening on --bind-address: %w", err)
	}
	s.log.Info("Serving the login gate", "address", listener.Addr().String(), "tls", s.certificate != nil)
	// What clients do wrong with TLS or HTTP is no error of the gate's.
	s.server.ErrorLog = slog.NewLogLogger(logr.ToSlogHandler(s.log), slog.LevelDebug)
	served := make(chan error, 1)
	go func() {
		if s.certificate == nil {
			served <- s.server.Serve(listener)
			return
		}
		s.server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: s.certificate.GetCertificate}
		served <- s.server.ServeTLS(listener, "", "")
	}()
	select {
	case err := <-served:
		return fmt.Errorf("serving the login gate: %w", err)
	case <-ctx.Done():
	}
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), gateDrain)
	defer cancel()
	err = s.server.Shutdown(draining)
	if err != nil {
		err = errors.Join(err, s.server.Close())
	}
	if stopped := <-served; !errors.Is(stopped, http.ErrServerClosed) {
		err = errors.Join(err, stopped)
	}
	return err
}

// NeedLeaderElection implements manager.LeaderElectionRunnable.
func (s *gateServer) NeedLeaderElection() bool { return false }
