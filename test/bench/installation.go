package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/transport"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/testenv"
)

// installation is a control plane with Rollcall installed, and the program to run there.
type installation struct {
	dependencies

	dir     string
	cluster *testenv.Cluster
	// rollcall is the program, built as `make build` does.
	rollcall string
	// admin acts as cluster-admin, through wrap if there is one.
	admin client.WithWatch
	wrap  transport.WrapperFunc
}

// open makes the testbed, with the kustomizations of those folders of config.
func (b *installation) open(ctx context.Context, folders ...string) (err error) {
	if b.dir, err = os.MkdirTemp("", "rollcall-bench-"); err != nil {
		return err
	}
	b.rollcall = filepath.Join(b.dir, "rollcall")
	if err := b.build(ctx, b.rollcall, "."); err != nil {
		return err
	}
	b.cluster, err = testenv.Start(ctx, testenv.Options{
		Plane:   controlplane.Options{Dir: filepath.Join(b.dir, "controlplane"), Log: b.log},
		Install: folders, Wrap: b.wrap,
	})
	if err != nil {
		return err
	}
	b.admin = b.cluster.Admin
	return nil
}

// close takes down what open set up.
func (b *installation) close() error {
	var errs []error
	if b.cluster != nil {
		b.say("stopping the control plane")
		errs = append(errs, b.cluster.Stop())
	}
	if b.dir != "" {
		errs = append(errs, os.RemoveAll(b.dir))
	}
	return errors.Join(errs...)
}

// build builds a program of this repository as `make build` does.
func (b *installation) build(ctx context.Context, path, from string) error {
	root, err := controlplane.RepositoryRoot()
	if err != nil {
		return err
	}
	b.say("building %s", filepath.Base(path))
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, from) //nolint:gosec // builds this repository into the benchmark's folder
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", from, err, output)
	}
	return nil
}

// deployed is what a Deployment of config/ gives its program.
type deployed struct {
	// environment has NAME=value.
	environment []string
	// permissions are those of its ServiceAccount, and kubeconfig is a file with them.
	permissions *rest.Config
	kubeconfig  string
}

// deployed reads what a Deployment gives its program.
func (b *installation) deployed(ctx context.Context, name string) (d deployed, err error) {
	var deployment appsv1.Deployment
	if err := b.admin.Get(ctx, client.ObjectKey{Namespace: testenv.SystemNamespace, Name: name}, &deployment); err != nil {
		return d, err
	}
	for _, variable := range deployment.Spec.Template.Spec.Containers[0].Env {
		if variable.ValueFrom == nil {
			d.environment = append(d.environment, variable.Name+"="+variable.Value)
		}
	}
	account := deployment.Spec.Template.Spec.ServiceAccountName
	if d.permissions, err = b.cluster.ServiceAccountConfig(ctx, testenv.SystemNamespace, account); err != nil {
		return d, err
	}
	d.kubeconfig = filepath.Join(b.dir, name+".kubeconfig")
	return d, controlplane.WriteKubeconfig(d.kubeconfig, d.permissions)
}
