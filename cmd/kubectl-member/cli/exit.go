package cli

import (
	"context"
	"errors"
	"fmt"
)

// Exit codes, for scripts.
const (
	// ExitDone means that everything requested was done.
	ExitDone = 0
	// ExitFailed means that nothing was done, or that the result is unknown.
	ExitFailed = 1
	// ExitUsage means that the command line is wrong, and that nothing was sent to the cluster.
	ExitUsage = 2
	// ExitPartly means that some members were changed and some were not. Each has a line.
	ExitPartly = 3
	// ExitDeclined means that the user declined.
	ExitDeclined = 4
	// ExitDeadline means that the change is saved, but the operator did not act on it in time.
	ExitDeadline = 5
	// ExitInterrupted means Ctrl-C or SIGTERM.
	ExitInterrupted = 130
)

// exitError is an error with an exit code.
type exitError struct {
	error

	code int
}

// Unwrap returns the error without its code.
func (e exitError) Unwrap() error { return e.error }

// Errorf returns an error with an exit code.
func Errorf(code int, format string, arguments ...any) error {
	return exitError{error: fmt.Errorf(format, arguments...), code: code}
}

// UsageErrorf returns an error about the command line.
func UsageErrorf(format string, arguments ...any) error {
	return Errorf(ExitUsage, format, arguments...)
}

// ExitCode returns the exit code for an error.
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
