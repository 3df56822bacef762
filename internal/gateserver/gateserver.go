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

// Options are what a login gate can be told, with the flags of `rollcall gate`.
type Options struct {
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

// New makes a login gate, ready to be started. It only ever reads from the
// API server, and only by list and watch.
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
	members := directory.New(options.Now)
	if err := directory.AddFeeds(mgr, members, options.Namespaces, options.SessionKeySecret); err != nil {
		return nil, fmt.Errorf("preparing the watches: %w", err)
	}
	if err := registerMetrics(members); err != nil && !options.SeveralInProcess {
		return nil, fmt.Errorf("preparing the metrics: %w", err)
	}
	audit := newAuditLog(options.Audit)
	health := &directory.Health{Directory: members, AuditProblem: audit.problem, Log: mgr.GetLogger().WithName("gate")}
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

// addServer has the manager serve the gate.
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
