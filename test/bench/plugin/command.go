// Package plugin measures kubectl member: import beside a bare client-go loop, and list.
package plugin

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/test/bench/operator"
	"rollcall.dev/rollcall/test/bench/report"
	"rollcall.dev/rollcall/test/bench/setup"
)

// options are the flags of `bench plugin`.
type options struct {
	rows        int
	members     int
	concurrency int
}

// Command makes the command that measures kubectl member.
func Command(i setup.Installation) *cobra.Command {
	o := options{}
	command := &cobra.Command{
		Use:   "plugin",
		Short: "Measure kubectl member: import beside a bare client-go loop, and list",
		Long: `Measures the plug-in on this machine, against a control plane of its own, with the
operator and a mail server on loopback as in bench operator.

The floor is that of bench operator, one half before the import and one after it. The
import: kubectl member import of a sheet with as many rows, until all are Ready, mail
included (--wait), as one process from its start to its end.

The list: kubectl member list over --members Members, from its start to the first
line that it prints, and to its end.

The exit status is 1 if a count (letters, lines) misses its goal.`,
		PreRunE: func(*cobra.Command, []string) error {
			if o.rows < 2 || o.members < o.rows || o.members >= setup.MaxMembers || o.concurrency < 1 {
				return fmt.Errorf("--rows is %d, --members is %d and --concurrency is %d: give at least 2 rows, as many members or more, below %d, and at least 1 worker",
					o.rows, o.members, o.concurrency, setup.MaxMembers)
			}
			return nil
		},
	}
	flags := command.Flags()
	flags.IntVar(&o.rows, "rows", 5000, "rows of the sheet, and Members of the floor")
	flags.IntVar(&o.members, "members", 50_000, "Members that there are when they are listed")
	flags.IntVar(&o.concurrency, "concurrency", 8, "workers of the floor, and of the operator (its --member-concurrency), each")
	return report.Command(command, time.Hour, func(ctx context.Context, logger *log.Logger) (*pluginReport, error) {
		i.Logger = logger
		return measure(ctx, i, o)
	})
}

// The goals of the plug-in.
const (
	goalImportRatio = 0.8
	goalFirstLine   = 1   // second
	goalListing     = 200 // megabytes
)

// pluginReport is all that was measured of the plug-in.
type pluginReport struct {
	Machine string                `json:"machine"`
	Go      string                `json:"go"`
	Floor   operator.FloorFigures `json:"floor"`
	// Rows is how many the sheet has, and Messages how many came of it.
	Rows    int       `json:"rows"`
	Letters int       `json:"letters"`
	Import  pluginRun `json:"import"`
	Members int       `json:"members"`
	List    pluginRun `json:"list"`

	report.Goals `json:"goals"`
}

// bench is what the plug-in is measured in.
type bench struct {
	*operator.Bench

	report *pluginReport
	plugin string // the program
}

// measure does all of `bench plugin`, and takes down what it set up.
func measure(ctx context.Context, i setup.Installation, o options) (_ *pluginReport, err error) {
	w := &bench{
		Bench:  operator.New(i, operator.Options{Concurrency: o.concurrency, MailConcurrency: o.concurrency, Floor: o.rows}),
		report: &pluginReport{Machine: report.Machine(), Go: runtime.Version(), Rows: o.rows, Members: o.members},
	}
	defer func() { err = errors.Join(err, w.Close(err != nil)) }() //nolint:contextcheck // a mail server waits for its own goroutines
	for _, step := range []func(context.Context) error{w.open, w.MeasureFloor, w.measureImport, w.MeasureFloor, w.measureListing} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	w.report.Floor = w.Floor
	w.report.judge()
	return w.report, nil
}

// open makes the environment, and builds kubectl-member.
func (w *bench) open(ctx context.Context) (err error) {
	if err := w.Open(ctx); err != nil {
		return err
	}
	w.plugin, err = w.Build(ctx, "kubectl-member", "./cmd/kubectl-member")
	return err
}

// measureImport has a sheet imported, beside the operator.
func (w *bench) measureImport(ctx context.Context) error {
	sheet := filepath.Join(w.Dir, "sheet.csv")
	if err := writeSheet(sheet, w.report.Rows); err != nil {
		return err
	}
	if err := w.StartOperator(ctx); err != nil {
		return err
	}
	if err := w.AwaitCounts(ctx); err != nil {
		return err
	}
	w.Printf("importing %d rows", w.report.Rows)
	before := w.Letters()
	run, err := w.runPlugin(ctx, "import", sheet, "--wait", "--timeout=30m")
	w.Made += w.report.Rows
	w.report.Import, w.report.Letters = run, w.Letters()-before
	return err
}

// writeSheet writes a sheet whose rows are the Members of setup.NewMember, but for their
// names, which come from the agent IDs.
func writeSheet(path string, rows int) error {
	file, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	lines := [][]string{{"Name", "Agent ID", "E-mail", "Extension", "Skill groups"}}
	for i := range rows {
		spec := setup.NewMember("", i).Spec
		var in []string
		for _, group := range spec.SkillGroups {
			in = append(in, group.Name)
		}
		lines = append(lines, []string{spec.Name, spec.AgentID, spec.Email, spec.Extension, strings.Join(in, "; ")})
	}
	return errors.Join(csv.NewWriter(file).WriteAll(lines), file.Close())
}

// measureListing makes the rest of the Members, which no operator looks at, and lists
// all.
func (w *bench) measureListing(ctx context.Context) (err error) {
	if err := w.MakeMore(ctx, w.report.Rows, w.report.Members-w.report.Rows); err != nil {
		return err
	}
	w.report.List, err = w.runPlugin(ctx, "list", "--no-headers")
	return err
}

// judge compares what was measured with the goals.
func (r *pluginReport) judge() {
	r.AtLeast("rows a second until all are Ready, over the floor's", goalImportRatio, r.importRate()/r.Floor.PerSecond, "")
	r.AtMostCount("letters for each row", 1, float64(r.Letters)/float64(r.Rows))
	r.AtMost(fmt.Sprintf("list of %d members: to its first line", r.Members), goalFirstLine, r.List.FirstLine, "s")
	r.AtMost(fmt.Sprintf("list of %d members: memory at its peak", r.Members), goalListing, report.Megabytes(r.List.Peak), "MB")
	// The sample and the Super Admin are there as well.
	r.AtMostCount("members that the list lacks", 0, float64(r.Members+2-r.List.Lines))
}

func (r *pluginReport) importRate() float64 { return float64(r.Rows) / r.Import.Seconds }

// Write writes the figures for people.
func (r *pluginReport) Write(t report.Table) {
	t.Line("%s, %s", r.Machine, r.Go)
	t.Line("")
	t.Goals(r.Goals)
	t.Figure("the import", r.importRate(), "rows/s")
	t.Figure("the floor", r.Floor.PerSecond, "members/s")
	t.Figure("import: to its end", r.Import.Seconds, "s")
	t.Figure("import: memory at its peak", report.Megabytes(r.Import.Peak), "MB")
	t.Figure("list: to its end", r.List.Seconds, "s")
}
