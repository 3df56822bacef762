package load

import (
	"syscall"
	"time"
)

// nap sleeps for about a duration below a second. Timers of the Go runtime may be
// late by a millisecond while all threads sleep, which would pass for latency.
func nap(d time.Duration) {
	pause := syscall.NsecToTimespec(d.Nanoseconds())
	//nolint:errcheck // a signal wakes the caller early, and the caller looks at its clock
	_ = syscall.Nanosleep(&pause, nil)
}
