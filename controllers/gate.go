package controllers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/certwatcher"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"rollcall.dev/rollcall/internal/gate"
)

// GateOptions are what a login gate can be told, with the flags of `rollcall gate`.
type GateOptions struct {
	// BindAddress is listened on.
	BindAddress string
	// TLSCertFile and TLSKeyFile are PEM files, read again when they change; both
	// empty for plain HTTP.
	TLSCertFile, TLSKeyFile string
	// Namespaces are the contact centres served; empty for all.
	Namespaces []string
	// SessionKeySecret is the Secret with the keys of sessions.
	SessionKeySecret types.NamespacedName
	// TrustedProxies are whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// MetricsBindAddress and HealthProbeBindAddress are listened on; 0 for not at all.
	MetricsBindAddress, HealthProbeBindAddress string

	// Logger is where the gate logs to; the zero value for ctrl.SetLogger's.
	Logger logr.Logger
	// Audit is where a line about each decision goes.
	Audit io.Writer
	// Now is the clock.
	Now func() time.Time
	// Random is where nonces come from.
	Random io.Reader
	// SeveralInProcess allows more than one gate in a process, as tests have.
	SeveralInProcess bool
}

// NewGate makes a login gate, ready to be started. It only ever reads from the
// API server, and only by list and watch.
func NewGate(cluster *rest.Config, options GateOptions) (manager.Manager, error) {
	scheme, err := NewScheme()
	if err != nil {
		return nil, err
	}
	cluster = rest.CopyConfig(cluster)
	cluster.QPS = -1
	guardWatches(cluster, watchSilence)
	mgr, err := ctrl.NewManager(cluster, ctrl.Options{
		Scheme: scheme,
		Logger: options.Logger,
		Metrics: metricsserver.Options{
			BindAddress:    options.MetricsBindAddress,
			SecureServing:  true,
			FilterProvider: filters.WithAuthenticationAndAuthorization,
		},
		HealthProbeBindAddress:  options.HealthProbeBindAddress,
		GracefulShutdownTimeout: new(shutdownTimeout),
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the login gate: %w", err)
	}
	directory := newGateDirectory(options.Now)
	if err := addFeeds(mgr, directory, options.Namespaces, options.SessionKeySecret); err != nil {
		return nil, fmt.Errorf("preparing the watches: %w", err)
	}
	if err := showGate(directory); err != nil && !options.SeveralInProcess {
		return nil, fmt.Errorf("preparing the metrics: %w", err)
	}
	audit := newAuditLog(options.Audit)
	health := &gateHealth{directory: directory, auditProblem: audit.problem, log: mgr.GetLogger().WithName("gate")}
	if err := mgr.Add(manager.RunnableFunc(func(ctx context.Context) error {
		var running sync.WaitGroup
		for _, feed := range directory.all() {
			running.Go(func() { feed.run(ctx) })
		}
		running.Go(func() { health.watch(ctx) })
		running.Wait()
		return nil
	})); err != nil {
		return nil, err
	}
	if err := errors.Join(mgr.AddHealthzCheck("ping", healthz.Ping), mgr.AddReadyzCheck("gate", health.ready)); err != nil {
		return nil, fmt.Errorf("preparing the health probes: %w", err)
	}
	return mgr, addGateServer(mgr, directory, audit, options)
}

// addGateServer has the manager serve the gate.
func addGateServer(mgr manager.Manager, directory *gateDirectory, audit *auditLog, options GateOptions) error {
	handler, err := gate.NewHandler(gate.Options{
		Directory: directory, Keys: directory.Keys, TrustedProxies: options.TrustedProxies,
		Now: options.Now, Random: options.Random, Audit: audit, AuditProblem: audit.problem, Observe: countDecision,
	})
	if err != nil {
		return fmt.Errorf("preparing the login gate: %w", err)
	}
	server := &gateServer{address: options.BindAddress, server: gate.NewServer(handler), audit: audit, log: mgr.GetLogger().WithName("gate")}
	if options.TLSCertFile != "" {
		if server.certificate, err = certwatcher.New(options.TLSCertFile, options.TLSKeyFile); err != nil {
			return fmt.Errorf("reading the certificate in --tls-cert-file and --tls-key-file: %w", err)
		}
		if err := mgr.Add(server.certificate); err != nil {
			return err
		}
	}
	return mgr.Add(server)
}
