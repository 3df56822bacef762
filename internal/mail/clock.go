package mail

import "time"

// This file holds everything that the package does about a clock that is set back.

// steadyClock is a clock that never goes back. It follows a source that an
// administrator may set back, and stands still until the source moves on again.
// It is not safe for concurrent use.
type steadyClock struct {
	source   func() time.Time
	last     time.Time     // of the source
	setBacks time.Duration // the sum of them
}

// now returns the time.
func (c *steadyClock) now() time.Time {
	now := c.source()
	if back := c.last.Sub(now); back > 0 {
		c.setBacks += back
	}
	c.last = now
	return now.Add(c.setBacks)
}

// at converts a time of the source, which may date from before a set back, and
// limits how far ahead it is.
func (c *steadyClock) at(source time.Time, limit time.Duration) time.Time {
	now := c.now()
	return now.Add(min(source.Sub(c.last), limit))
}

// elapsed returns the time between two readings of the machine's clock. The
// monotonic clock may stand still while a virtual machine sleeps, and the wall
// clock may be set back, so the longer time counts.
func elapsed(from, to time.Time) time.Duration {
	return max(to.Sub(from), to.Round(0).Sub(from.Round(0)))
}
