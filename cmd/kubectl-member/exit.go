package main

import (
	"context"
	"errors"
	"fmt"
)

// Exit codes, for scripts.
const (
	// exitDone: everything that was asked for is done.
	exitDone = 0
	// exitFailed: nothing was done, or it cannot be told what.
	exitFailed = 1
	// exitUsage: the command line is wrong; nothing was asked of the cluster.
	exitUsage = 2
	// exitPartly: some members were done and some were not; each has a line.
	exitPartly = 3
	// exitDeclined: a question was answered with no.
	exitDeclined = 4
	// exitDeadline: it is asked for, and the operator has not done it in time.
	exitDeadline = 5
	// exitInterrupted: Ctrl-C, or SIGTERM.
	exitInterrupted = 130
)

// exitError is an error with an exit code of its own.
type exitError struct {
	error

	code int
}

// Unwrap keeps the kind of the error within reach.
func (e exitError) Unwrap() error { return e.error }

// withCode gives an error an exit code.
func withCode(code int, format string, arguments ...any) error {
	return exitError{error: fmt.Errorf(format, arguments...), code: code}
}

// usage is an error about the command line.
func usage(format string, arguments ...any) error { return withCode(exitUsage, format, arguments...) }

// exitCode is the code that the program ends with after an error.
func exitCode(ctx context.Context, err error) int {
	var coded exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &coded):
		return coded.code
	case ctx.Err() != nil:
		return exitInterrupted
	default:
		return exitFailed
	}
}
