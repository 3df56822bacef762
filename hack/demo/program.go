package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"rollcall.dev/rollcall/test/controlplane"
)

const (
	// programNamespace is the namespace of config/default and config/gate.
	programNamespace = "rollcall-system"
	operatorAccount  = "rollcall-controller-manager"
	gateAccount      = "rollcall-gate"
	// sessionKeySecret is the Secret that the operator creates for the gate.
	sessionKeySecret = programNamespace + "/rollcall-gate-session-keys"
	// stopTimeout is the longest grace period of the Deployments, for sending e-mails.
	stopTimeout  = time.Minute
	readyTimeout = time.Minute
)

// program is a subcommand of rollcall that runs as a local process.
type program struct {
	*controlplane.Process

	name string
	log  *os.File
}

// build builds rollcall.
func (d *demo) build(ctx context.Context) error {
	d.say("$ %s", command("go", "build", "-o", d.binary(), "."))
	build := exec.CommandContext(ctx, "go", "build", "-o", d.binary(), ".") //nolint:gosec // builds this repository into the demo's folder
	build.Dir = d.root
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building rollcall: %w\n%s", err, output)
	}
	return nil
}

func (d *demo) binary() string { return filepath.Join(d.dir, "rollcall") }

// startOperator starts the operator and returns when it is ready.
func (d *demo) startOperator(ctx context.Context) (err error) {
	d.operator, err = d.startProgram(ctx, "manager", operatorAccount,
		"--leader-election-namespace="+programNamespace, "--metrics-bind-address=0", "--session-key-secret="+sessionKeySecret)
	return err
}

// startProgram starts a subcommand of rollcall with only the permissions of a service
// account and returns when it is ready.
func (d *demo) startProgram(ctx context.Context, name, account string, flags ...string) (*program, error) {
	config, err := d.plane.ServiceAccountConfig(ctx, programNamespace, account)
	if err != nil {
		return nil, err
	}
	kubeconfig := filepath.Join(d.dir, name+".kubeconfig")
	if err := controlplane.WriteKubeconfig(kubeconfig, config); err != nil {
		return nil, err
	}
	health, err := controlplane.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(d.dir, name+".log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // a file in the demo's folder
	if err != nil {
		return nil, err
	}
	args := append([]string{name, "--kubeconfig=" + kubeconfig, "--health-probe-bind-address=" + health}, flags...)
	d.say("$ %s", command(append([]string{d.binary()}, args...)...))
	process, err := controlplane.StartProcess(ctx, log, stopTimeout, d.binary(), args...)
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	started := &program{Process: process, name: name, log: log}
	if err := started.AwaitReady(ctx, "http://"+health+"/readyz", readyTimeout); err != nil {
		return started, fmt.Errorf("rollcall %s: %w: see %s", name, err, log.Name())
	}
	return started, nil
}

// stop stops the program gracefully.
func (p *program) stop() error {
	err := p.Stop()
	if err != nil {
		err = fmt.Errorf("rollcall %s (log in %s): %w", p.name, p.log.Name(), err)
	}
	return errors.Join(err, p.log.Close())
}
