package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/testenv"
)

const (
	// sessionKeySecret is the Secret that the operator creates for the gate.
	sessionKeySecret = testenv.SystemNamespace + "/rollcall-gate-session-keys"
	// stopTimeout is the longest grace period of the Deployments, for sending e-mails.
	stopTimeout  = time.Minute
	readyTimeout = time.Minute
)

// build builds rollcall.
func (d *demo) build(ctx context.Context) error {
	d.say("$ %s", command("go", "build", "-o", d.binary(), "."))
	return testenv.Build(ctx, d.binary(), ".", nil)
}

func (d *demo) binary() string { return filepath.Join(d.dir, "rollcall") }

// startOperator starts the operator and returns when it is ready.
func (d *demo) startOperator(ctx context.Context) (err error) {
	d.operator, err = d.startProgram(ctx, "manager", testenv.OperatorAccount,
		"--leader-election-namespace="+testenv.SystemNamespace, "--metrics-bind-address=0", "--session-key-secret="+sessionKeySecret)
	return err
}

// startProgram starts a subcommand of rollcall with only the permissions of a service
// account and returns when it is ready.
func (d *demo) startProgram(ctx context.Context, name, account string, flags ...string) (*controlplane.Process, error) {
	config, err := d.cluster.ServiceAccountConfig(ctx, testenv.SystemNamespace, account)
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
	args := append([]string{name, "--kubeconfig=" + kubeconfig, "--health-probe-bind-address=" + health}, flags...)
	d.say("$ %s", command(append([]string{d.binary()}, args...)...))
	process, err := controlplane.StartProcessWith(ctx, controlplane.ProcessOptions{
		Log: filepath.Join(d.dir, name+".log"), Patience: stopTimeout,
	}, d.binary(), args...)
	if err != nil {
		return nil, err
	}
	if err := process.AwaitReady(ctx, "http://"+health+"/readyz", readyTimeout); err != nil {
		return process, fmt.Errorf("rollcall %s: %w", name, err)
	}
	return process, nil
}

// stopProgram stops a program gracefully, if it was started.
func (d *demo) stopProgram(name string, p *controlplane.Process) error {
	if p == nil {
		return nil
	}
	d.say("Stopping the %s", name)
	if err := p.Stop(); err != nil {
		return fmt.Errorf("the %s (log in %s): %w", name, p.Log, err)
	}
	return nil
}

// installGate applies config/gate: the gate's permissions and a Deployment.
func (d *demo) installGate(ctx context.Context) error {
	return d.apply(ctx, d.fromHere("config", "gate"))
}

// startGate starts the login gate and a site behind it, at the address in the contact
// center's loginURL.
func (d *demo) startGate(ctx context.Context) error {
	gate, err := controlplane.FreeAddress(ctx)
	if err != nil {
		return err
	}
	d.gate, err = d.startProgram(ctx, "gate", testenv.GateAccount, "--bind-address="+gate, "--insecure-http",
		"--namespaces="+samplesNamespace, "--session-key-secret="+sessionKeySecret, "--trusted-proxies=127.0.0.1")
	if err != nil {
		return err
	}
	d.site, err = startSite(d.siteAddress, gate)
	return err
}
