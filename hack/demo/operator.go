package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"rollcall.dev/rollcall/internal/controlplane"
)

const (
	operatorNamespace      = "rollcall-system"
	operatorServiceAccount = "rollcall-controller-manager"
	// operatorPatience is as long as its Deployment gives it to finish letters.
	operatorPatience = time.Minute
	readyTimeout     = time.Minute
)

// operator is Rollcall as a process of this machine.
type operator struct {
	*controlplane.Process
	log *os.File
}

// startOperator builds Rollcall, gives it the permissions that config/default
// gives to its service account, no more, and returns when it is ready.
func (d *demo) startOperator(ctx context.Context) error {
	binary := filepath.Join(d.dir, "rollcall")
	d.say("$ %s", command("go", "build", "-o", binary, "."))
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, ".") //nolint:gosec // builds this repository into the demo's folder
	build.Dir = d.root
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the operator: %w\n%s", err, output)
	}
	config, err := d.plane.ServiceAccountConfig(ctx, operatorNamespace, operatorServiceAccount)
	if err != nil {
		return err
	}
	kubeconfig := filepath.Join(d.dir, "operator.kubeconfig")
	if err := controlplane.WriteKubeconfig(kubeconfig, config); err != nil {
		return err
	}
	health, err := freeAddress()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(d.dir, "rollcall.log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	args := []string{
		"manager", "--kubeconfig=" + kubeconfig, "--leader-election-namespace=" + operatorNamespace,
		"--metrics-bind-address=0", "--health-probe-bind-address=" + health,
	}
	d.say("$ %s", command(append([]string{binary}, args...)...))
	process, err := controlplane.StartProcess(ctx, log, operatorPatience, binary, args...)
	if err != nil {
		return errors.Join(err, log.Close())
	}
	d.operator = &operator{Process: process, log: log}
	return d.operator.waitReady(ctx, "http://"+health+"/readyz")
}

func (o *operator) waitReady(ctx context.Context, url string) error {
	client := &http.Client{Timeout: time.Second}
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, readyTimeout, true, func(ctx context.Context) (bool, error) {
		if err := o.Exited(); err != nil {
			return false, err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return false, err
		}
		response, err := client.Do(request)
		if err != nil {
			return false, nil //nolint:nilerr // not listening yet: try again
		}
		return response.StatusCode == http.StatusOK, response.Body.Close()
	})
	if err != nil {
		return fmt.Errorf("the operator is not ready: %w: see %s", err, o.log.Name())
	}
	return nil
}

// stop stops the operator, which finishes the letters it is sending first.
func (o *operator) stop() error {
	err := o.Stop()
	if err != nil {
		err = fmt.Errorf("the operator (log in %s): %w", o.log.Name(), err)
	}
	return errors.Join(err, o.log.Close())
}

// freeAddress is an address of this machine that nobody listens on.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // listening on a free loopback port does not wait
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
