//go:build !linux

package load

import "time"

// nap sleeps for about a duration.
func nap(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
}
