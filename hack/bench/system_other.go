//go:build !linux

package main

import (
	"syscall"
	"time"
)

// ownGroup gives a program a process group of its own.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// nap sleeps for about a duration.
func nap(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
}
