package controllers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/apiclient"
	"rollcall.dev/rollcall/internal/indexes"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/internal/metrics"
)

// Options are what a manager can be told, with the flags of `rollcall manager`.
type Options struct {
	// LeaderElection has one of several managers work at a time.
	LeaderElection bool
	// LeaderElectionNamespace is where the Lease is; empty for the pod's own.
	LeaderElectionNamespace string
	// MetricsBindAddress and HealthProbeBindAddress are listened on; 0 for not at all.
	MetricsBindAddress, HealthProbeBindAddress string
	// PprofBindAddress is listened on for profiles, which anybody who reaches it may
	// take; 0 or empty for not at all.
	PprofBindAddress string
	// WatchNamespaces are the contact centres served; empty for all.
	WatchNamespaces []string
	// MemberConcurrency is how many Members are reconciled at a time.
	MemberConcurrency int
	// MailConcurrency is how many letters are under way at a time.
	MailConcurrency int
	// RoleBindings gives Members the permissions of their roles; without it, the
	// manager needs no permission for RoleBindings.
	RoleBindings bool
	// SessionKeySecret is made, where it is absent, for the login gate; empty: not.
	SessionKeySecret types.NamespacedName

	// Logger is where the manager logs to; the zero value for ctrl.SetLogger's.
	Logger logr.Logger
	// Now is the clock.
	Now func() time.Time
	// Random is where passwords and issue IDs come from.
	Random io.Reader
	// Jitter gives a random number from 0 up to 1, so that retries spread out.
	Jitter func() float64
	// Dialer opens connections to mail servers.
	Dialer mail.Dialer
	// SeveralInProcess allows more than one manager in a process, as tests have.
	SeveralInProcess bool
}

// NewManager makes a manager with all controllers in it, ready to be started.
func NewManager(ctx context.Context, cluster *rest.Config, options Options) (manager.Manager, error) {
	scheme, err := apiclient.NewScheme()
	if err != nil {
		return nil, err
	}
	// The API server protects itself (API Priority and Fairness); a limit here
	// would only have a cut-off wait behind everything else.
	cluster = rest.CopyConfig(cluster)
	cluster.QPS = -1
	apiclient.GuardWatches(cluster, apiclient.WatchSilence)
	fence := &apiclient.LeaseFence{Now: options.Now}
	var lease resourcelock.Interface
	if options.LeaderElection {
		if lease, fence.Lease, err = apiclient.NewLease(cluster, options.LeaderElectionNamespace); err != nil {
			return nil, err
		}
	}
	mgr, err := ctrl.NewManager(cluster, ctrl.Options{
		Scheme:         scheme,
		Logger:         options.Logger,
		MapperProvider: apiclient.NewRESTMapper,
		Cache:          cacheOptions(options.WatchNamespaces),
		Metrics: metricsserver.Options{
			BindAddress:    options.MetricsBindAddress,
			SecureServing:  true,
			FilterProvider: filters.WithAuthenticationAndAuthorization,
		},
		HealthProbeBindAddress:              options.HealthProbeBindAddress,
		PprofBindAddress:                    options.PprofBindAddress,
		LeaderElection:                      options.LeaderElection,
		LeaderElectionResourceLockInterface: lease,
		LeaderElectionReleaseOnCancel:       true,
		GracefulShutdownTimeout:             new(apiclient.ShutdownTimeout),
		Controller:                          config.Controller{SkipNameValidation: new(options.SeveralInProcess)},
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the manager: %w", err)
	}
	if err := indexes.AddIndexes(ctx, mgr.GetFieldIndexer()); err != nil {
		return nil, fmt.Errorf("preparing the cache: %w", err)
	}
	if err := addProbes(mgr); err != nil {
		return nil, fmt.Errorf("preparing the health probes: %w", err)
	}
	if err := addControllers(mgr, fence, options); err != nil {
		return nil, fmt.Errorf("preparing the controllers: %w", err)
	}
	metrics.Register()
	return mgr, nil
}

// cacheOptions keep out of memory what is not needed: other people's Secrets, Roles
// and RoleBindings, who wrote which field, and what people annotate our
// kinds with, which may be a quarter of a megabyte each.
func cacheOptions(namespaces []string) cache.Options {
	words := newSharedWords()
	ours := cache.ByObject{Label: labels.SelectorFromSet(labels.Set{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue})}
	secrets := ours
	secrets.Transform = func(object any) (any, error) {
		if secret, ok := object.(*corev1.Secret); ok {
			secret.ManagedFields = nil
			words.secret(secret)
		}
		return object, nil
	}
	members := cache.ByObject{Transform: func(object any) (any, error) {
		if member, ok := object.(*v1alpha1.Member); ok {
			words.member(member)
		}
		return withoutAnnotations(object)
	}}
	bare := cache.ByObject{Transform: withoutAnnotations}
	options := cache.Options{
		DefaultTransform: cache.TransformStripManagedFields(),
		ByObject: map[client.Object]cache.ByObject{
			&corev1.Secret{}: secrets, &rbacv1.Role{}: ours, &rbacv1.RoleBinding{}: ours,
			&v1alpha1.Member{}: members, &v1alpha1.SkillGroup{}: bare, &v1alpha1.MemberTemplate{}: bare,
			&v1alpha1.UserProfile{}: bare, &v1alpha1.DesktopProfile{}: bare, &v1alpha1.Site{}: bare, &v1alpha1.Team{}: bare,
		},
	}
	for _, namespace := range namespaces {
		if options.DefaultNamespaces == nil {
			options.DefaultNamespaces = map[string]cache.Config{}
		}
		options.DefaultNamespaces[namespace] = cache.Config{}
	}
	return options
}

// withoutAnnotations takes managed fields and annotations out of what is cached.
// What is cached so may be patched, and not updated: an update would take them
// away.
func withoutAnnotations(object any) (any, error) {
	if accessor, err := apimeta.Accessor(object); err == nil {
		accessor.SetManagedFields(nil)
		accessor.SetAnnotations(nil)
	}
	return object, nil
}

// addProbes answers /healthz while the process runs and /readyz once its caches
// have filled, also on a manager that waits to be the leader.
func addProbes(mgr manager.Manager) error {
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return err
	}
	filled := &cachesFilled{}
	if err := mgr.Add(filled); err != nil {
		return err
	}
	return mgr.AddReadyzCheck("caches", func(*http.Request) error {
		if !filled.yes.Load() {
			return errors.New("the caches have not filled yet")
		}
		return nil
	})
}

// cachesFilled notes when the manager has started what comes after the caches.
type cachesFilled struct {
	yes atomic.Bool
}

// Start implements manager.Runnable; the manager calls it once the caches have
// filled.
func (c *cachesFilled) Start(ctx context.Context) error {
	c.yes.Store(true)
	<-ctx.Done()
	return nil
}

// NeedLeaderElection implements manager.LeaderElectionRunnable.
func (c *cachesFilled) NeedLeaderElection() bool { return false }
