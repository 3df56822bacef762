// Package controlplane runs a real Kubernetes control plane on the local
// machine, for tests, the demo and the benchmark: etcd, kube-apiserver with
// RBAC, and kube-controller-manager with garbage collection, namespaces and
// service accounts. There are no nodes, so pods stay pending.
package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

const (
	startTimeout = time.Minute
	stopTimeout  = 20 * time.Second
	pollInterval = 50 * time.Millisecond
)

// Options says how to start a ControlPlane.
type Options struct {
	// Dir is the folder for data, logs, certificates and the kubeconfig; it is
	// made if need be and stays after Stop. Empty: a temporary folder, which
	// Stop removes.
	Dir string

	// CRDs are files, or folders of files, with CustomResourceDefinitions. What
	// is installed here is garbage collected from the beginning; of kinds that
	// come later the garbage collector learns within 30 seconds.
	CRDs []string

	// APIServerFlags are more flags for kube-apiserver: names without dashes, and
	// values, such as "audit-log-path". One that it would have anyway, such as
	// enable-admission-plugins, gets the value given here and no other; only
	// client-ca-file stays what it is.
	APIServerFlags map[string]string

	// Log gets a line for each step; nil: nothing is said.
	Log io.Writer
}

// ControlPlane is a running control plane.
type ControlPlane struct {
	// Config acts as cluster-admin, by a client certificate, with no rate limit.
	Config *rest.Config
	// Kubeconfig is a file with the same permissions, readable by this user only.
	Kubeconfig string
	// Assets is the folder of the binaries.
	Assets string
	// Dir is the folder of data and logs.
	Dir string
	// APIServer and Etcd can be stopped and started again. The controller manager
	// runs on meanwhile, as every client does.
	APIServer, Etcd *Server

	temporary bool
	env       *envtest.Environment
	manager   *Process
	logs      []*os.File
	users     sync.Mutex // envtest's authority issues one certificate at a time
}

// Start starts a control plane and returns when the API server is ready and the
// controller manager has shown that it works. The context covers starting only.
// What was started is stopped again if there is an error.
func Start(ctx context.Context, o Options) (_ *ControlPlane, err error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	c := &ControlPlane{Dir: o.Dir}
	if c.Assets, err = FindAssets(); err != nil {
		return nil, err
	}
	if err := c.makeFolder(); err != nil {
		return nil, fmt.Errorf("the control plane's folder: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Stop())
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	say(o.Log, "starting etcd and kube-apiserver from %s", c.Assets)
	if err := c.startServers(o); err != nil {
		return nil, fmt.Errorf("starting etcd and kube-apiserver (their logs are in %s): %w", c.Dir, err)
	}
	c.Kubeconfig = filepath.Join(c.Dir, "admin.kubeconfig")
	if err := WriteKubeconfig(c.Kubeconfig, c.Config); err != nil {
		return nil, err
	}
	say(o.Log, "starting kube-controller-manager")
	if err := c.startManager(ctx); err != nil {
		return nil, fmt.Errorf("starting kube-controller-manager (its log is in %s): %w", c.Dir, err)
	}
	say(o.Log, "the control plane is ready at %s", c.Config.Host)
	return c, nil
}

func say(w io.Writer, format string, args ...any) {
	// A log that cannot be written must not stop a control plane.
	_, _ = fmt.Fprintf(w, "controlplane: "+format+"\n", args...) //nolint:errcheck // as said above
}

func (c *ControlPlane) makeFolder() (err error) {
	if c.Dir == "" {
		c.temporary = true
		c.Dir, err = os.MkdirTemp("", "rollcall-controlplane-")
		return err
	}
	if c.Dir, err = filepath.Abs(c.Dir); err != nil {
		return err
	}
	for _, folder := range []string{"etcd", "kube-apiserver"} {
		// State of an earlier run has certificates whose keys are lost.
		if err := os.RemoveAll(filepath.Join(c.Dir, folder)); err != nil {
			return err
		}
	}
	return os.MkdirAll(c.Dir, 0o700)
}

// Stop stops everything that Start started and waits for its end.
func (c *ControlPlane) Stop() error {
	var errs []error
	if c.manager != nil {
		errs = append(errs, c.manager.Stop())
	}
	if c.env != nil {
		errs = append(errs, c.env.Stop())
	}
	for _, log := range c.logs {
		errs = append(errs, log.Close())
	}
	c.manager, c.env, c.logs = nil, nil, nil
	if c.temporary {
		errs = append(errs, os.RemoveAll(c.Dir))
	}
	return errors.Join(errs...)
}
