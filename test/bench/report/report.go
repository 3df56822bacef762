package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// Report is what a benchmark has measured and judged.
type Report interface {
	// Write writes the figures for people.
	Write(table Table)
	// MissedCounts is an error if a count missed its goal.
	MissedCounts() error
}

// Command completes the command of a benchmark, with its flags --json and --timeout: it
// measures for as long as it may take, writes the figures, as JSON too if there is a
// path, and fails if a count missed its goal.
func Command[R Report](command *cobra.Command, timeout time.Duration, measure func(context.Context, *log.Logger) (R, error)) *cobra.Command {
	flags := command.Flags()
	path := flags.String("json", "", "file for the figures as JSON too")
	flags.DurationVar(&timeout, "timeout", timeout, "how long all of it may take")
	command.Args = cobra.NoArgs
	command.RunE = func(command *cobra.Command, _ []string) error {
		ctx, cancel := context.WithTimeoutCause(command.Context(), timeout, fmt.Errorf("it took longer than --timeout, %s", timeout))
		defer cancel()
		measured, err := measure(ctx, log.New(command.ErrOrStderr(), "bench: ", 0))
		if err != nil {
			if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
				err = fmt.Errorf("%w: %w", cause, err)
			}
			return err
		}
		table := NewTable(command.OutOrStdout())
		measured.Write(table)
		if err := errors.Join(table.Flush(), writeJSON(*path, measured)); err != nil {
			return err
		}
		return measured.MissedCounts()
	}
	return command
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

// Table is a table for people, whose columns are as wide as they have to be.
type Table struct{ *tabwriter.Writer }

// NewTable returns a table that is written to out at the end.
func NewTable(out io.Writer) Table { return Table{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)} }

// Line adds a line, whose columns have tabs between them.
func (t Table) Line(format string, args ...any) {
	// The writer keeps errors until Flush.
	_, _ = fmt.Fprintf(t, format+"\n", args...) //nolint:errcheck // as said above
}

// Figure adds a figure without a goal below the goals.
func (t Table) Figure(what string, measured float64, unit string) {
	t.Line("%s\t%.6g\t%s\t\t", what, round(measured), unit)
}

// Machine says what the figures are of.
func Machine() string {
	model := runtime.GOARCH
	// Where this cannot be read, the rest has to do.
	text, err := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); err == nil && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("%d × %s", runtime.NumCPU(), model)
}

// Megabytes are of a million bytes, which is stricter than of 2^20.
func Megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }

// round leaves two decimals.
func round(f float64) float64 { return float64(int64(f*100+0.5)) / 100 }
