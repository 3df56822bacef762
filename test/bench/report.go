package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"
)

// report is what a benchmark has measured and judged.
type report interface {
	// write writes the figures for people.
	write(out io.Writer) error
	// reached are the goals.
	reached() goals
}

// benchmark measures for as long as it may take, writes the figures, as JSON too if
// there is a path, and fails if a count missed its goal.
func benchmark[R report](ctx context.Context, timeout time.Duration, path string, out io.Writer, measure func(context.Context) (R, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("it took longer than --timeout, %s", timeout))
	defer cancel()
	measured, err := measure(ctx)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
			err = fmt.Errorf("%w: %w", cause, err)
		}
		return err
	}
	if err := measured.write(out); err != nil {
		return err
	}
	if err := writeJSON(path, measured); err != nil {
		return err
	}
	return measured.reached().missedCounts()
}

// writeJSON writes a report as JSON, if there is a path.
func writeJSON(path string, report any) error {
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}

// newTable is a table, whose columns are as wide as they have to be, and what writes a
// line of it.
func newTable(out io.Writer) (table *tabwriter.Writer, line func(format string, args ...any)) {
	table = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	return table, func(format string, args ...any) {
		// The writer keeps errors until Flush.
		_, _ = fmt.Fprintf(table, format+"\n", args...) //nolint:errcheck // as said above
	}
}
