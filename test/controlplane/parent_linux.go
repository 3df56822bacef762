package controlplane

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the kernel kill a program when this process ends, however
// it ends, and keeps a terminal's Ctrl-C from the program, so that things stop
// in order.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// tieToParent is the beginning of a command whose program is killed when this process
// ends, where setpriv is installed. It is for servers that envtest starts, whose
// process attributes are out of reach.
func tieToParent() []string {
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		return nil // the tie is a convenience: without it, only a killed test leaves servers behind
	}
	return []string{setpriv, "--pdeathsig", "KILL", "--"}
}
