package controlplane

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// dieWithParent makes the kernel kill a program when this process ends, however
// it ends, and keeps a terminal's Ctrl-C from the program, so that things stop
// in order.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// tiedToParent returns a program that does what the given one does and, where
// setpriv is installed, is killed when this process ends. It is for servers that
// envtest starts, whose process attributes are out of reach.
func tiedToParent(dir, program string) (string, error) {
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		return program, nil //nolint:nilerr // the tie is a convenience: without it, only a killed test leaves servers behind
	}
	script := fmt.Sprintf("#!/bin/sh\nexec %q --pdeathsig KILL -- %q \"$@\"\n", setpriv, program)
	path := filepath.Join(dir, filepath.Base(program)+".sh")
	err = os.WriteFile(path, []byte(script), 0o700) //nolint:gosec // it is there to be run, by its owner
	return path, err
}
