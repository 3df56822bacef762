package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"rollcall.dev/rollcall/test/controlplane"
)

// stopPatience is how long a program has to end.
const stopPatience = 20 * time.Second

// program is a program that runs until it is stopped.
type program struct {
	*controlplane.Process

	log *os.File
}

// startProgram starts a program with more environment. What it says on its standard
// output goes to output, through a pipe, and what it says on its standard error to a
// file.
func startProgram(ctx context.Context, output io.Writer, logPath string, environment []string, name string, args ...string) (*program, error) {
	log, err := os.OpenFile(filepath.Clean(logPath), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	process, err := controlplane.StartProcessWith(ctx, controlplane.ProcessOptions{
		Environment: environment, Stdout: output, Stderr: log, Patience: stopPatience,
	}, name, args...)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", name, err), log.Close())
	}
	return &program{Process: process, log: log}, nil
}

// awaitReady waits until a URL of the program is answered with 200.
func (p *program) awaitReady(ctx context.Context, url string) error {
	if err := p.AwaitReady(ctx, url, readyTimeout); err != nil {
		return fmt.Errorf("%w: see %s", err, p.log.Name())
	}
	return nil
}

// stop stops the program, and kills what it has left of its children.
func (p *program) stop() error {
	err := p.Stop()
	if killErr := syscall.Kill(-p.Pid(), syscall.SIGKILL); killErr != nil && !errors.Is(killErr, syscall.ESRCH) {
		err = errors.Join(err, killErr)
	}
	return errors.Join(err, p.log.Close())
}
