package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"path/filepath"
	"time"

	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/testenv"
)

// readyTimeout is how long a server has to start, with a large contact center on a
// busy machine.
const readyTimeout = 3 * time.Minute

// gateProcess is `rollcall gate`.
type gateProcess struct {
	*program

	address string
	secure  *tls.Config // nil: plain HTTP
	started time.Duration
}

// startGate starts the gate and returns when it is ready.
func (w *gateBench) startGate(ctx context.Context, name string, certificate *certificate) (_ *gateProcess, err error) {
	g := &gateProcess{}
	if g.address, err = controlplane.FreeAddress(ctx); err != nil {
		return nil, err
	}
	health, err := controlplane.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	args := []string{
		"gate", "--kubeconfig=" + w.asDeployed.kubeconfig, "--bind-address=" + g.address, "--health-probe-bind-address=" + health,
		"--session-key-secret=" + testenv.SystemNamespace + "/" + sessionKeysName, "--trusted-proxies=127.0.0.1",
	}
	if certificate == nil {
		args = append(args, "--insecure-http")
	} else {
		args = append(args, "--tls-cert-file="+certificate.certFile, "--tls-key-file="+certificate.keyFile)
		g.secure = certificate.trust
	}
	w.say("starting rollcall gate (%s)", name)
	begun := w.now()
	// Its decisions go through a pipe, as they do in a container.
	g.program, err = startProgram(ctx, io.Discard, filepath.Join(w.dir, "gate.log"),
		w.asDeployed.environment, w.rollcall, args...)
	if err != nil {
		return nil, err
	}
	if err := g.awaitReady(ctx, "http://"+health+"/readyz"); err != nil {
		return nil, errors.Join(err, g.stop())
	}
	g.started = w.since(begun)
	return g, nil
}
