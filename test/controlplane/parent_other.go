//go:build !linux

package controlplane

import "syscall"

// dieWithParent keeps a terminal's Ctrl-C from the program, so that things stop
// in order. This system has no way to tie a program to its parent's life.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// tieToParent is nothing.
func tieToParent() []string { return nil }
