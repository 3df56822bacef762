package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
)

// Server is one of a ControlPlane's servers, which can be stopped or killed, and
// started again with the same data, certificates and addresses: clients that were
// there before go on. One goroutine at a time may use it.
type Server struct {
	plane   *ControlPlane
	name    string
	down    bool
	program interface {
		Start() error
		Stop() error
	}
}

// Stop ends the server as an upgrade does: it may finish what it is at. It returns
// when the server has ended. It is an error if the server was down already, or did
// not end in time and was killed.
func (s *Server) Stop() error {
	if err := s.goDown(); err != nil {
		return err
	}
	if err := s.program.Stop(); err != nil {
		return fmt.Errorf("stopping %s: %w", s.name, err)
	}
	return nil
}

// Kill ends the server as a crash does, and returns when it has ended. It is an error
// if the server was down already.
func (s *Server) Kill() error {
	if err := s.goDown(); err != nil {
		return err
	}
	text, err := os.ReadFile(pidFile(s.plane.Dir, s.name))
	if err != nil {
		return fmt.Errorf("killing %s: %w", s.name, err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("killing %s: %w", s.name, err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return fmt.Errorf("killing %s, process %d: %w", s.name, pid, err)
	}
	for {
		// For a moment between the server's end and the notice of it, there is no such
		// process any more to be stopped.
		if err := s.program.Stop(); !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
}

// Start starts the server again, and returns when the API server is ready, unless
// that is down. The server must be down. The context covers the API server's becoming
// ready only; for each server there is a minute.
func (s *Server) Start(ctx context.Context) error {
	if !s.down {
		return fmt.Errorf("%s runs: stop it before it is started again", s.name)
	}
	if err := s.program.Start(); err != nil {
		return fmt.Errorf("starting %s again (its log is in %s): %w", s.name, s.plane.Dir, err)
	}
	s.down = false
	if s.plane.APIServer.down {
		return nil
	}
	return s.plane.awaitReady(ctx)
}

// goDown notes that the server is down.
func (s *Server) goDown() error {
	if s.down {
		return fmt.Errorf("%s is down: start it before it is stopped again", s.name)
	}
	s.down = true
	return nil
}

// awaitReady waits until the API server is ready.
func (c *ControlPlane) awaitReady(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(c.Config)
	if err != nil {
		return err
	}
	var last error
	err = wait.PollUntilContextTimeout(ctx, pollInterval, startTimeout, true, func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		last = client.RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("the API server is not ready (its log is in %s): %w", c.Dir, errors.Join(err, last))
	}
	return nil
}

// pidFile is where a server that envtest starts leaves its process ID, since envtest
// does not tell.
func pidFile(dir, name string) string { return filepath.Join(dir, name+".pid") }

// writeLauncher writes a script that leaves its process ID and becomes the program,
// tied to this process where the system can do that, and returns its path.
func writeLauncher(dir, program string) (string, error) {
	name := filepath.Base(program)
	var command strings.Builder
	for _, word := range append(tieToParent(), program) {
		fmt.Fprintf(&command, "%q ", word)
	}
	script := fmt.Sprintf("#!/bin/sh\necho $$ >%q\nexec %s\"$@\"\n", pidFile(dir, name), command.String())
	path := filepath.Join(dir, name+".sh")
	err := os.WriteFile(path, []byte(script), 0o700) //nolint:gosec // it is there to be run, by its owner
	return path, err
}
