package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// stopPatience is how long a program has to end.
const stopPatience = 20 * time.Second

// program is a program that runs until it is stopped.
type program struct {
	cmd    *exec.Cmd
	log    *os.File
	cancel context.CancelFunc
	done   chan struct{}
	err    error // what it ended with; set when done is closed
}

// startProgram starts a program with more environment. What it says on its standard
// output goes to output, through a pipe, and what it says on its standard error to a
// file. The context's end does not stop it, only stop does, and the end of this
// process.
func startProgram(ctx context.Context, output io.Writer, logPath string, environment []string, name string, args ...string) (*program, error) {
	log, err := os.OpenFile(filepath.Clean(logPath), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // for programs that the benchmark built or looked up
	cmd.Env = append(os.Environ(), environment...)
	cmd.Stdout, cmd.Stderr = output, log
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopPatience
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, errors.Join(fmt.Errorf("starting %s: %w", name, err), log.Close())
	}
	p := &program{cmd: cmd, log: log, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.err = cmd.Wait()
	}()
	return p, nil
}

// exited is an error if the program has ended, although nobody stopped it.
func (p *program) exited() error {
	select {
	case <-p.done:
		return fmt.Errorf("%s ended by itself (%w): see %s", filepath.Base(p.cmd.Path), p.err, p.log.Name())
	default:
		return nil
	}
}

// stop asks the program to end, kills it and its children if it does not, and waits
// for its end.
func (p *program) stop() error {
	err := p.exited()
	p.cancel()
	<-p.done
	if killErr := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL); killErr != nil && !errors.Is(killErr, syscall.ESRCH) {
		err = errors.Join(err, killErr)
	}
	return errors.Join(err, p.log.Close())
}

// pid is of the program.
func (p *program) pid() int { return p.cmd.Process.Pid }
