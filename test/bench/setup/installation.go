// Package setup is what benchmarks run in: a control plane with Rollcall installed, its
// programs, and Members.
package setup

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/transport"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/testenv"
)

const (
	// ReadyTimeout is how long a server has to start, with a large contact center on a
	// busy machine.
	ReadyTimeout = 3 * time.Minute
	// StopPatience is how long a program has to end.
	StopPatience = 20 * time.Second
)

// Installation is a control plane with Rollcall installed, and the program to run there.
type Installation struct {
	// Logger gets a line for each step.
	*log.Logger

	Now    func() time.Time
	Random io.Reader
	// Wrap wraps the transport of Admin; nil: nothing does.
	Wrap transport.WrapperFunc

	Dir     string
	Cluster *testenv.Cluster
	// Admin acts as cluster-admin.
	Admin client.WithWatch
	// rollcall is the program, built as `make build` does.
	rollcall string
}

// Since is how long ago a time is.
func (b *Installation) Since(start time.Time) time.Duration { return b.Now().Sub(start) }

// Open makes the installation, with the kustomizations of those folders of config.
func (b *Installation) Open(ctx context.Context, folders ...string) (err error) {
	if b.Dir, err = os.MkdirTemp("", "rollcall-bench-"); err != nil {
		return err
	}
	if b.rollcall, err = b.Build(ctx, "rollcall", "."); err != nil {
		return err
	}
	b.Cluster, err = testenv.Start(ctx, testenv.Options{
		Plane:   controlplane.Options{Dir: filepath.Join(b.Dir, "controlplane"), Log: b.Writer()},
		Install: folders, Wrap: b.Wrap,
	})
	if err != nil {
		return err
	}
	b.Admin = b.Cluster.Admin
	return nil
}

// Close takes down what Open set up.
func (b *Installation) Close() error {
	var errs []error
	if b.Cluster != nil {
		b.Print("stopping the control plane")
		errs = append(errs, b.Cluster.Stop())
	}
	if b.Dir != "" {
		errs = append(errs, os.RemoveAll(b.Dir))
	}
	return errors.Join(errs...)
}

// Build builds a program of this repository as `make build` does, and returns its path.
func (b *Installation) Build(ctx context.Context, name, from string) (path string, err error) {
	b.Printf("building %s", name)
	path = filepath.Join(b.Dir, name)
	return path, testenv.Build(ctx, path, from, []string{"CGO_ENABLED=0"}, "-trimpath", "-ldflags=-s -w")
}

// Deployed is what a Deployment of config/ gives its program.
type Deployed struct {
	// environment has NAME=value.
	environment []string
	// Permissions are those of its ServiceAccount, and kubeconfig is a file with them.
	Permissions *rest.Config
	kubeconfig  string
}

// Deployed reads what a Deployment gives its program.
func (b *Installation) Deployed(ctx context.Context, name string) (d Deployed, err error) {
	var deployment appsv1.Deployment
	if err := b.Admin.Get(ctx, client.ObjectKey{Namespace: testenv.SystemNamespace, Name: name}, &deployment); err != nil {
		return d, err
	}
	for _, variable := range deployment.Spec.Template.Spec.Containers[0].Env {
		if variable.ValueFrom == nil {
			d.environment = append(d.environment, variable.Name+"="+variable.Value)
		}
	}
	account := deployment.Spec.Template.Spec.ServiceAccountName
	if d.Permissions, err = b.Cluster.ServiceAccountConfig(ctx, testenv.SystemNamespace, account); err != nil {
		return d, err
	}
	d.kubeconfig = filepath.Join(b.Dir, name+".kubeconfig")
	return d, controlplane.WriteKubeconfig(d.kubeconfig, d.Permissions)
}

// Run runs a subcommand of rollcall as deployed, and returns when it is ready, and how
// long that took. A process that does not become ready is returned with the error. Its
// standard output goes through a pipe, as it does in a container, and its log to a file.
func (b *Installation) Run(ctx context.Context, d Deployed, logName, subcommand string, args ...string) (*controlplane.Process, time.Duration, error) {
	health, err := controlplane.FreeAddress(ctx)
	if err != nil {
		return nil, 0, err
	}
	started := b.Now()
	process, err := controlplane.StartProcessWith(ctx, controlplane.ProcessOptions{
		Environment: d.environment, Stdout: io.Discard, Log: filepath.Join(b.Dir, logName), Patience: StopPatience,
	}, b.rollcall, append([]string{subcommand, "--kubeconfig=" + d.kubeconfig, "--health-probe-bind-address=" + health}, args...)...)
	if err != nil {
		return nil, 0, err
	}
	err = process.AwaitReady(ctx, "http://"+health+"/readyz", ReadyTimeout)
	return process, b.Since(started), err
}

// InParallel does something for every number below count, by some workers at a time. The
// first error ends it.
func InParallel(ctx context.Context, workers, count int, do func(context.Context, int) error) error {
	running, ctx := errgroup.WithContext(ctx)
	running.SetLimit(workers)
	for i := 0; i < count && ctx.Err() == nil; i++ {
		running.Go(func() error { return do(ctx, i) })
	}
	return running.Wait()
}
