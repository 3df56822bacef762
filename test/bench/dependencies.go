package main

import (
	"fmt"
	"io"
	"time"
)

// surroundings are what a benchmark gets from outside.
type surroundings struct {
	now    func() time.Time
	random io.Reader
	// log gets a line for each step.
	log io.Writer
}

// say tells what is going on.
func (s surroundings) say(format string, args ...any) {
	// Nobody is left to tell if this fails.
	_, _ = fmt.Fprintf(s.log, "bench: "+format+"\n", args...) //nolint:errcheck // as said above
}

// since is how long ago a time is.
func (s surroundings) since(start time.Time) time.Duration { return s.now().Sub(start) }
