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
	// Log is the path of the file that takes the program's output; empty: none.
	Log string

	cmd    *exec.Cmd
	cancel context.CancelFunc
	done   chan struct{}
	err    error // what the program ended with; set when done is closed
}

// ProcessOptions say how a program runs.
type ProcessOptions struct {
	// Environment is, as NAME=value, what the program has on top of this process's.
	Environment []string
	// Stdout and Stderr take the program's output: best an *os.File, since all else
	// is a pipe in between.
	Stdout, Stderr io.Writer
	// Log is the path of a file, made anew, that takes the output for which there is no
	// writer; empty: nothing does.
	Log string
	// Patience is after which time a program that Stop finds unwilling is killed.
	Patience time.Duration
}

// StartProcess starts a program that writes its output to log; see StartProcessWith.
func StartProcess(ctx context.Context, log io.Writer, patience time.Duration, program string, args ...string) (*Process, error) {
	return StartProcessWith(ctx, ProcessOptions{Stdout: log, Stderr: log, Patience: patience}, program, args...)
}

// StartProcessWith starts a program in a process group of its own. The context's end
// does not stop it, only Stop and Kill do, and, on Linux, the end of this process.
func StartProcessWith(ctx context.Context, options ProcessOptions, program string, args ...string) (*Process, error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // for programs that tests and the demo built
	cmd.Env = append(os.Environ(), options.Environment...)
	cmd.Stdout, cmd.Stderr = options.Stdout, options.Stderr
	cmd.SysProcAttr = dieWithParent()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = options.Patience
	if err := startLogged(cmd, options.Log); err != nil {
		cancel()
		return nil, err
	}
	p := &Process{Log: options.Log, cmd: cmd, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.err = cmd.Wait()
	}()
	return p, nil
}

// startLogged starts a program that writes to a new file what it has no other place for.
func startLogged(cmd *exec.Cmd, path string) error {
	if path == "" {
		return cmd.Start()
	}
	log, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if cmd.Stdout == nil {
		cmd.Stdout = log
	}
	if cmd.Stderr == nil {
		cmd.Stderr = log
	}
	return errors.Join(cmd.Start(), log.Close()) // the program has the file open by itself
}

// Pid is the program's process ID, which is that of its process group too.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exited returns an error if the program has ended, although Stop and Kill were not called.
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
