package main

import (
	"fmt"
	"io"
	"time"
)

// dependencies are what a benchmark gets from outside.
type dependencies struct {
	now    func() time.Time
	random io.Reader
	// log gets a line for each step.
	log io.Writer
}

// say tells what is going on.
func (s dependencies) say(format string, args ...any) {
	// A failure here cannot be reported.
	_, _ = fmt.Fprintf(s.log, "bench: "+format+"\n", args...) //nolint:errcheck // as said above
}

// since is how long ago a time is.
func (s dependencies) since(start time.Time) time.Duration { return s.now().Sub(start) }
