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
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/internal/metrics"
)

// Options are the settings of a manager. Flags of `rollcall manager` set most of them.
type Options struct {
	// LeaderElection lets only one of several managers work at a time.
	LeaderElection bool
	// LeaderElectionNamespace is the namespace of the Lease; empty for that of the pod.
	LeaderElectionNamespace string
	// MetricsBindAddress and HealthProbeBindAddress are addresses to serve on; 0 disables
	// them.
	MetricsBindAddress, HealthProbeBindAddress string
	// PprofBindAddress is the address to serve profiles on, without authentication; 0 or
	// empty disables them.
	PprofBindAddress string
	// WatchNamespaces are the namespaces of the contact centers to serve; empty for all.
	WatchNamespaces []string
	// MemberConcurrency is how many Members the manager reconciles at a time.
	MemberConcurrency int
	// MailConcurrency is how many e-mails the manager sends at a time.
	MailConcurrency int
	// RoleBindings grants Members the permissions of their roles. Without it, the manager
	// needs no permission on RoleBindings.
	RoleBindings bool
	// SessionKeySecret is the Secret with the login gate's session keys, which the manager
	// creates if it does not exist; empty for none.
	SessionKeySecret types.NamespacedName

	// Logger is the logger of the manager; its zero value stands for that of
	// ctrl.SetLogger.
	Logger logr.Logger
	// Now is the clock.
	Now func() time.Time
	// Random is the source of passwords and issue IDs.
	Random io.Reader
	// Jitter returns a random number from 0 up to 1, which spreads out retries.
	Jitter func() float64
	// Dialer connects to mail servers.
	Dialer mail.Dialer
	// SeveralInProcess allows several managers in one process, for tests.
	SeveralInProcess bool
}

// NewManager returns a manager with all controllers that is ready to start.
func NewManager(ctx context.Context, cluster *rest.Config, options Options) (manager.Manager, error) {
	scheme, err := apiclient.NewScheme()
	if err != nil {
		return nil, err
	}
	// The API server limits clients itself (API Priority and Fairness). A limit here would
	// only delay urgent changes, such as forcing a member offline.
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
	if err := addIndexes(ctx, mgr.GetFieldIndexer()); err != nil {
		return nil, fmt.Errorf("preparing the indexes of the cache: %w", err)
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

// cacheOptions returns options that keep unneeded data out of memory: Secrets, Roles,
// and RoleBindings that Rollcall does not manage, managed fields, and the annotations
// of Rollcall's resources, which may take 256 KB each.
func cacheOptions(namespaces []string) cache.Options {
	managed := cache.ByObject{Label: labels.SelectorFromSet(labels.Set{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue})}
	members := cache.ByObject{Transform: func(object any) (any, error) {
		if member, ok := object.(*v1alpha1.Member); ok {
			shareStrings(member)
		}
		return withoutAnnotations(object)
	}}
	unannotated := cache.ByObject{Transform: withoutAnnotations}
	options := cache.Options{
		DefaultTransform: cache.TransformStripManagedFields(),
		ByObject: map[client.Object]cache.ByObject{
			&corev1.Secret{}: managed, &rbacv1.Role{}: managed, &rbacv1.RoleBinding{}: managed,
			&v1alpha1.Member{}: members, &v1alpha1.SkillGroup{}: unannotated, &v1alpha1.MemberTemplate{}: unannotated,
			&v1alpha1.UserProfile{}: unannotated, &v1alpha1.DesktopProfile{}: unannotated, &v1alpha1.Site{}: unannotated, &v1alpha1.Team{}: unannotated,
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

// withoutAnnotations removes managed fields and annotations from a cached object. Such
// an object may be patched but not updated: an update would delete its annotations.
func withoutAnnotations(object any) (any, error) {
	if accessor, err := apimeta.Accessor(object); err == nil {
		accessor.SetManagedFields(nil)
		accessor.SetAnnotations(nil)
	}
	return object, nil
}

// addProbes adds the health probes. /healthz succeeds while the process runs, and
// /readyz once the caches are filled, also on a manager that is not the leader.
func addProbes(mgr manager.Manager) error {
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return err
	}
	caches := &cachesFilled{}
	if err := mgr.Add(caches); err != nil {
		return err
	}
	return mgr.AddReadyzCheck("caches", func(*http.Request) error {
		if !caches.filled.Load() {
			return errors.New("the caches are not filled yet")
		}
		return nil
	})
}

// cachesFilled records that the caches of the manager are filled.
type cachesFilled struct {
	filled atomic.Bool
}

// Start implements manager.Runnable. The manager calls it after the caches are filled.
func (c *cachesFilled) Start(ctx context.Context) error {
	c.filled.Store(true)
	<-ctx.Done()
	return nil
}

// NeedLeaderElection implements manager.LeaderElectionRunnable.
func (c *cachesFilled) NeedLeaderElection() bool { return false }
