// Package gateserver runs the login gate as a process: it connects package gate to the
// directory of the cluster and serves it over HTTPS, with an audit log, metrics, and
// health probes.
package gateserver

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

	"rollcall.dev/rollcall/internal/apiclient"
	"rollcall.dev/rollcall/internal/directory"
	"rollcall.dev/rollcall/internal/gate"
)

// Options are the settings of a login gate. Flags of `rollcall gate` set most of them.
type Options struct {
	// BindAddress is the address to serve on.
	BindAddress string
	// TLSCertFile and TLSKeyFile are PEM files, which are reloaded when they change. Both
	// are empty for plain HTTP.
	TLSCertFile, TLSKeyFile string
	// Namespaces are the namespaces of the contact centers to serve; empty for all.
	Namespaces []string
	// SessionKeySecret is the Secret with the session keys.
	SessionKeySecret types.NamespacedName
	// TrustedProxies are the networks of the proxies whose X-Forwarded-For is trusted.
	TrustedProxies []netip.Prefix
	// MetricsBindAddress and HealthProbeBindAddress are addresses to serve on; 0 disables
	// them.
	MetricsBindAddress, HealthProbeBindAddress string

	// Logger is the logger of the gate; its zero value stands for that of ctrl.SetLogger.
	Logger logr.Logger
	// Audit receives a line for each decision.
	Audit io.Writer
	// Now is the clock.
	Now func() time.Time
	// Random is the source of nonces.
	Random io.Reader
	// SeveralInProcess allows several gates in one process, for tests.
	SeveralInProcess bool
}

// New returns a login gate that is ready to start. The gate only reads from the API
// server, by list and watch.
func New(cluster *rest.Config, options Options) (manager.Manager, error) {
	scheme, err := apiclient.NewScheme()
	if err != nil {
		return nil, err
	}
	cluster = rest.CopyConfig(cluster)
	cluster.QPS = -1
	apiclient.GuardWatches(cluster, apiclient.WatchSilence)
	mgr, err := ctrl.NewManager(cluster, ctrl.Options{
		Scheme: scheme,
		Logger: options.Logger,
		Metrics: metricsserver.Options{
			BindAddress:    options.MetricsBindAddress,
			SecureServing:  true,
			FilterProvider: filters.WithAuthenticationAndAuthorization,
		},
		HealthProbeBindAddress:  options.HealthProbeBindAddress,
		GracefulShutdownTimeout: new(apiclient.ShutdownTimeout),
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the login gate: %w", err)
	}
	log := mgr.GetLogger().WithName("gate")
	members := directory.New(options.Now, log)
	if err := directory.AddFeeds(mgr, members, options.Namespaces, options.SessionKeySecret); err != nil {
		return nil, fmt.Errorf("preparing the watches: %w", err)
	}
	if err := registerMetrics(members); err != nil && !options.SeveralInProcess {
		return nil, fmt.Errorf("preparing the metrics: %w", err)
	}
	audit := newAuditLog(options.Audit)
	health := &directory.Health{Directory: members, AuditProblem: audit.problem, Log: log}
	if err := mgr.Add(manager.RunnableFunc(func(ctx context.Context) error {
		var running sync.WaitGroup
		running.Go(func() { members.Run(ctx) })
		running.Go(func() { health.Watch(ctx) })
		running.Wait()
		return nil
	})); err != nil {
		return nil, err
	}
	if err := errors.Join(mgr.AddHealthzCheck("ping", healthz.Ping), mgr.AddReadyzCheck("gate", health.Ready)); err != nil {
		return nil, fmt.Errorf("preparing the health probes: %w", err)
	}
	return mgr, addServer(mgr, members, audit, options)
}

// addServer adds the HTTP server of the gate to a manager.
func addServer(mgr manager.Manager, members *directory.Directory, audit *auditLog, options Options) error {
	handler, err := gate.NewHandler(gate.Options{
		Directory: members, Keys: members.Keys, TrustedProxies: options.TrustedProxies,
		Now: options.Now, Random: options.Random, Audit: audit, AuditProblem: audit.problem, Observe: countDecision,
	})
	if err != nil {
		return fmt.Errorf("preparing the login gate: %w", err)
	}
	serving := &server{address: options.BindAddress, server: gate.NewServer(handler), audit: audit, log: mgr.GetLogger().WithName("gate")}
	if options.TLSCertFile != "" {
		if serving.certificate, err = certwatcher.New(options.TLSCertFile, options.TLSKeyFile); err != nil {
			return fmt.Errorf("reading the certificate in --tls-cert-file and --tls-key-file: %w", err)
		}
		if err := mgr.Add(serving.certificate); err != nil {
			return err
		}
	}
	return mgr.Add(serving)
}
