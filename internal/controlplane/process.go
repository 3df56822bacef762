package controlplane

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

// Process is a program that runs until it is stopped.
type Process struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc
	done   chan struct{}
	err    error // what the program ended with; set when done is closed
}

// StartProcess starts a program that writes its output to log, which is best an
// *os.File. The context's end does not stop it, only Stop and Kill do, and, on
// Linux, the end of this process. A program that Stop finds unwilling is killed
// after patience.
func StartProcess(ctx context.Context, log io.Writer, patience time.Duration, program string, args ...string) (*Process, error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // for programs that tests and the demo built
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = dieWithParent()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = patience
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	p := &Process{cmd: cmd, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.err = cmd.Wait()
	}()
	return p, nil
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exited returns an error if the program has ended, although nobody stopped it.
func (p *Process) Exited() error {
	select {
	case <-p.done:
		return errors.Join(fmt.Errorf("%s ended by itself", filepath.Base(p.cmd.Path)), p.err)
	default:
		return nil
	}
}

// Stop asks the program to end, kills it if it does not, and waits for its end.
// It is an error if the program had ended before, or had to be killed.
func (p *Process) Stop() error {
	err := p.Exited()
	p.cancel()
	<-p.done
	if err != nil {
		return err
	}
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
		return fmt.Errorf("%s did not end within %s of being asked to, and was killed", filepath.Base(p.cmd.Path), p.cmd.WaitDelay)
	}
	return nil
}

// Signal sends the program a signal, such as SIGSTOP.
func (p *Process) Signal(signal os.Signal) error { return p.cmd.Process.Signal(signal) }

// Kill ends the program as a crash does, and waits for its end.
func (p *Process) Kill() error {
	err := p.cmd.Process.Kill()
	<-p.done
	p.cancel()
	if errors.Is(err, os.ErrProcessDone) {
		return p.Exited()
	}
	return err
}
