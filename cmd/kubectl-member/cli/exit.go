package cli

import (
	"context"
	"errors"
	"fmt"
)

// Exit codes, for scripts.
const (
	// exitDone: everything that was asked for is done.
	ExitDone = 0
	// exitFailed: nothing was done, or it cannot be told what.
	ExitFailed = 1
	// exitUsage: the command line is wrong; nothing was asked of the cluster.
	ExitUsage = 2
	// exitPartly: some members were done and some were not; each has a line.
	ExitPartly = 3
	// exitDeclined: a question was answered with no.
	ExitDeclined = 4
	// exitDeadline: it is asked for, and the operator has not done it in time.
	ExitDeadline = 5
	// exitInterrupted: Ctrl-C, or SIGTERM.
	ExitInterrupted = 130
)

// exitError is an error with an exit code of its own.
type exitError struct {
	error

	code int
}

// Unwrap keeps the kind of the error within reach.
func (e exitError) Unwrap() error { return e.error }

// Errorf gives an error an exit code.
func Errorf(code int, format string, arguments ...any) error {
	return exitError{error: fmt.Errorf(format, arguments...), code: code}
}

// UsageErrorf is an error about the command line.
func UsageErrorf(format string, arguments ...any) error {
	return Errorf(ExitUsage, format, arguments...)
}

// ExitCode is the code that the program ends with after an error.
func ExitCode(ctx context.Context, err error) int {
	var coded exitError
	switch {
	case err == nil:
		return ExitDone
	case errors.As(err, &coded):
		return coded.code
	case ctx.Err() != nil:
		return ExitInterrupted
	default:
		return ExitFailed
	}
}
