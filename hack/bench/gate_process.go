package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// readyTimeout is how long a server has to start, with a large contact centre on a
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
func (w *gateWorld) startGate(ctx context.Context, name string, certificate *certificate) (_ *gateProcess, err error) {
	g := &gateProcess{}
	if g.address, err = freeAddress(); err != nil {
		return nil, err
	}
	health, err := freeAddress()
	if err != nil {
		return nil, err
	}
	args := []string{
		"gate", "--kubeconfig=" + w.gateKubeconfig, "--bind-address=" + g.address, "--health-probe-bind-address=" + health,
		"--session-key-secret=" + systemNamespace + "/" + sessionKeysName, "--trusted-proxies=127.0.0.1",
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
		w.gateEnvironment, w.gatePath, args...)
	if err != nil {
		return nil, err
	}
	if err := awaitReady(ctx, g.program, "http://"+health+"/readyz"); err != nil {
		return nil, errors.Join(err, g.stop())
	}
	g.started = w.since(begun)
	return g, nil
}

// awaitReady waits until a program answers with 200.
func awaitReady(ctx context.Context, p *program, url string) error {
	answers := &http.Client{Timeout: time.Second}
	defer answers.CloseIdleConnections()
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, readyTimeout, true, func(ctx context.Context) (bool, error) {
		if err := p.exited(); err != nil {
			return false, err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return false, err
		}
		response, err := answers.Do(request)
		if err != nil {
			return false, nil //nolint:nilerr // not listening yet: try again
		}
		return response.StatusCode == http.StatusOK, response.Body.Close()
	})
	if err != nil {
		return fmt.Errorf("it is not ready: %w: see %s", err, p.log.Name())
	}
	return nil
}
