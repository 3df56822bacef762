// Package testenv is the environment that Rollcall's tests, benchmarks and demo run
// in: a control plane with Rollcall installed, clients and users, a namespace with a
// mail server for each test, the operator and the gate.
package testenv

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/transport"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/internal/apiclient"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/oidctest"
)

const (
	// SystemNamespace is the namespace of config/default and config/gate.
	SystemNamespace = "rollcall-system"
	// OperatorAccount is the ServiceAccount of the operator.
	OperatorAccount = "rollcall-controller-manager"
	// GateAccount is the ServiceAccount of the login gate.
	GateAccount = "rollcall-gate"
	// OperatorUsername is the operator's name at the API server.
	OperatorUsername = "system:serviceaccount:" + SystemNamespace + ":" + OperatorAccount
)

// Options holds the settings of a Cluster.
type Options struct {
	// Plane holds the settings of the control plane; Start adds Rollcall's CRDs.
	Plane controlplane.Options
	// Install names the kustomizations to apply: folders of config/, such as "default"
	// and "gate", or absolute paths.
	Install []string
	// Identity starts an issuer of ID tokens and the audit log, as docs/roles.md and
	// docs/audit.md describe them.
	Identity bool
	// Wrap wraps the transport of Admin; nil: Admin talks to the API server directly.
	Wrap transport.WrapperFunc
}

// Cluster is a control plane with Rollcall installed.
type Cluster struct {
	*controlplane.ControlPlane

	// Admin acts as cluster-admin.
	Admin client.WithWatch
	// Exempt acts as a user whom the policies of config/admission let pass. It makes
	// states that the operator must handle and that the policies keep users from making.
	Exempt client.WithWatch
	// Operator and Gate act as the ServiceAccounts, if Install has their kustomization.
	Operator, Gate *rest.Config
	// Issuer issues ID tokens, and AuditLog is the file of the audit log; see Identity.
	Issuer   *oidctest.Issuer
	AuditLog string

	folder string // of the identity files; empty: none
}

// ConfigFolder returns the path of a folder of the repository's config/.
func ConfigFolder(elements ...string) (string, error) {
	root, err := controlplane.RepositoryRoot()
	return filepath.Join(append([]string{root, "config"}, elements...)...), err
}

// Start starts a cluster. If it fails, it stops what it started.
func Start(ctx context.Context, options Options) (_ *Cluster, err error) {
	c := &Cluster{}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Stop())
		}
	}()
	if options.Identity {
		if options.Plane.APIServerFlags, err = c.startIdentity(); err != nil {
			return nil, err
		}
	}
	crds, err := ConfigFolder("crd", "bases")
	if err != nil {
		return nil, err
	}
	options.Plane.CRDs = []string{crds}
	if c.ControlPlane, err = controlplane.Start(ctx, options.Plane); err != nil {
		return nil, err
	}
	if err := c.connect(options.Wrap); err != nil {
		return nil, err
	}
	return c, c.install(ctx, options.Install)
}

// connect creates the clients.
func (c *Cluster) connect(wrap transport.WrapperFunc) (err error) {
	admin := rest.CopyConfig(c.Config)
	if wrap != nil {
		admin.Wrap(wrap)
	}
	if c.Admin, err = c.NewClient(admin); err != nil {
		return err
	}
	c.Exempt, err = c.NewClient(c.Impersonate("system:kube-controller-manager"))
	return err
}

// install applies kustomizations, and reads the tokens of their ServiceAccounts.
func (c *Cluster) install(ctx context.Context, folders []string) error {
	for _, folder := range folders {
		path := folder
		if !filepath.IsAbs(folder) {
			var err error
			if path, err = ConfigFolder(folder); err != nil {
				return err
			}
		}
		if err := c.ApplyKustomization(ctx, path); err != nil {
			return err
		}
		var err error
		switch folder {
		case "default":
			c.Operator, err = c.ServiceAccountConfig(ctx, SystemNamespace, OperatorAccount)
		case "gate":
			c.Gate, err = c.ServiceAccountConfig(ctx, SystemNamespace, GateAccount)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Stop stops the cluster.
func (c *Cluster) Stop() error {
	var errs []error
	if c.ControlPlane != nil {
		errs = append(errs, c.ControlPlane.Stop())
	}
	// The API server reads the issuer's keys, so the issuer stops after it.
	if c.Issuer != nil {
		errs = append(errs, c.Issuer.Close())
	}
	if c.folder != "" {
		errs = append(errs, os.RemoveAll(c.folder))
	}
	return errors.Join(errs...)
}

// NewClient creates a client that knows Rollcall's resource kinds.
func (c *Cluster) NewClient(config *rest.Config) (client.WithWatch, error) {
	if c.Admin != nil {
		return client.NewWithWatch(config, client.Options{Scheme: c.Admin.Scheme(), Mapper: c.Admin.RESTMapper()})
	}
	scheme, err := apiclient.NewScheme()
	if err != nil {
		return nil, err
	}
	return client.NewWithWatch(config, client.Options{Scheme: scheme})
}

// Impersonate returns a config that acts as a user in the group system:masters, so
// that RBAC allows everything and only the policies refuse.
func (c *Cluster) Impersonate(username string) *rest.Config {
	config := rest.CopyConfig(c.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: username, Groups: []string{"system:masters"}}
	return config
}
