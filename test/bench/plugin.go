package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// pluginOptions are the flags of `bench plugin`.
type pluginOptions struct {
	rows        int
	members     int
	concurrency int
	json        string
	timeout     time.Duration
}

// pluginCommand makes the command that measures kubectl member.
func pluginCommand(s dependencies) *cobra.Command {
	o := pluginOptions{}
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
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if o.rows < 2 || o.members < o.rows || o.members >= maxMembers || o.concurrency < 1 {
				return fmt.Errorf("--rows is %d, --members is %d and --concurrency is %d: give at least 2 rows, as many members or more, below %d, and at least 1 worker",
					o.rows, o.members, o.concurrency, maxMembers)
			}
			return nil
		},
		RunE: func(command *cobra.Command, _ []string) error {
			s.log = command.ErrOrStderr()
			measure := func(ctx context.Context) (*pluginReport, error) { return measurePlugin(ctx, s, o) }
			return benchmark(command.Context(), o.timeout, o.json, command.OutOrStdout(), measure)
		},
	}
	flags := command.Flags()
	flags.IntVar(&o.rows, "rows", 5000, "rows of the sheet, and Members of the floor")
	flags.IntVar(&o.members, "members", 50_000, "Members that there are when they are listed")
	flags.IntVar(&o.concurrency, "concurrency", 8, "workers of the floor, and of the operator (its --member-concurrency), each")
	flags.StringVar(&o.json, "json", "", "file for the figures as JSON too")
	flags.DurationVar(&o.timeout, "timeout", time.Hour, "how long all of it may take")
	return command
}

// The goals of the plug-in.
const (
	goalImportRatio = 0.8
	goalFirstLine   = 1   // second
	goalListing     = 200 // megabytes
)

// pluginReport is all that was measured of the plug-in.
type pluginReport struct {
	Machine string       `json:"machine"`
	Go      string       `json:"go"`
	Floor   floorFigures `json:"floor"`
	// Rows is how many the sheet has, and Messages how many came of it.
	Rows    int       `json:"rows"`
	Letters int       `json:"letters"`
	Import  pluginRun `json:"import"`
	Members int       `json:"members"`
	List    pluginRun `json:"list"`
	Goals   goals     `json:"goals"`
}

// measurePlugin does all of `bench plugin`, and takes down what it set up.
func measurePlugin(ctx context.Context, s dependencies, o pluginOptions) (_ *pluginReport, err error) {
	w := newOperatorBench(s, operatorOptions{concurrency: o.concurrency, mailConcurrency: o.concurrency, floor: o.rows})
	defer func() { err = errors.Join(err, w.close(err != nil)) }()
	floor := &operatorReport{}
	if err := w.open(ctx, floor); err != nil {
		return nil, err
	}
	if err := w.takeSample(ctx, floor); err != nil {
		return nil, err
	}
	plugin, err := w.buildPlugin(ctx)
	if err != nil {
		return nil, err
	}
	report := &pluginReport{Machine: machine(), Go: runtime.Version(), Rows: o.rows, Members: o.members}
	if err := w.measureFloor(ctx, floor); err != nil {
		return nil, err
	}
	if err := w.measureImport(ctx, plugin, report); err != nil {
		return nil, err
	}
	if err := w.measureFloor(ctx, floor); err != nil {
		return nil, err
	}
	if err := w.measureListing(ctx, plugin, report); err != nil {
		return nil, err
	}
	report.Floor = floor.Floor
	report.judge()
	return report, nil
}

// buildPlugin builds kubectl-member as `make build` does.
func (w *operatorBench) buildPlugin(ctx context.Context) (path string, err error) {
	path = filepath.Join(w.dir, "kubectl-member")
	return path, w.build(ctx, path, "./cmd/kubectl-member")
}

// measureImport has a sheet imported, beside the operator.
func (w *operatorBench) measureImport(ctx context.Context, plugin string, report *pluginReport) error {
	sheet := filepath.Join(w.dir, "sheet.csv")
	if err := writeSheet(sheet, report.Rows); err != nil {
		return err
	}
	if err := w.startOperator(ctx); err != nil {
		return err
	}
	if err := w.awaitCounts(ctx); err != nil {
		return err
	}
	w.say("importing %d rows", report.Rows)
	before := w.letters.counts().Letters
	run, err := w.runPlugin(ctx, plugin, "import", sheet, "--wait", "--timeout=30m")
	if err != nil {
		return err
	}
	w.made += report.Rows
	report.Import, report.Letters = run, w.letters.counts().Letters-before
	return nil
}

// writeSheet writes a sheet whose rows are the Members of newMember, but for their
// names, which come from the agent IDs.
func writeSheet(path string, rows int) error {
	file, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	lines := [][]string{{"Name", "Agent ID", "E-mail", "Extension", "Skill groups"}}
	for i := range rows {
		spec := newMember("", i).Spec
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
func (w *operatorBench) measureListing(ctx context.Context, plugin string, report *pluginReport) error {
	b := batch{name: "listed", first: report.Rows, count: report.Members - report.Rows}
	w.say("making %d more Members", b.count)
	if err := w.makeBatch(ctx, b); err != nil {
		return err
	}
	var err error
	report.List, err = w.runPlugin(ctx, plugin, "list", "--no-headers")
	return err
}

// judge compares what was measured with the goals.
func (r *pluginReport) judge() {
	r.Goals.atLeast("rows a second until all are Ready, over the floor's", goalImportRatio, r.importRate()/r.Floor.PerSecond, "")
	r.Goals.count("letters for each row", 1, float64(r.Letters)/float64(r.Rows))
	r.Goals.atMost(fmt.Sprintf("list of %d members: to its first line", r.Members), goalFirstLine, r.List.FirstLine, "s")
	r.Goals.atMost(fmt.Sprintf("list of %d members: memory at its peak", r.Members), goalListing, megabytes(r.List.Peak), "MB")
	// The sample and the Super Admin are there as well.
	r.Goals.count("members that the list lacks", 0, float64(r.Members+2-r.List.Lines))
}

func (r *pluginReport) importRate() float64 { return float64(r.Rows) / r.Import.Seconds }

func (r *pluginReport) reached() goals { return r.Goals }

// write writes the figures for people.
func (r *pluginReport) write(out io.Writer) error {
	t, line := newTable(out)
	line("%s, %s", r.Machine, r.Go)
	line("")
	r.Goals.write(line)
	for _, f := range []figure{
		{"the import", r.importRate(), "rows/s"},
		{"the floor", r.Floor.PerSecond, "members/s"},
		{"import: to its end", r.Import.Seconds, "s"},
		{"import: memory at its peak", megabytes(r.Import.Peak), "MB"},
		{"list: to its end", r.List.Seconds, "s"},
	} {
		f.write(line)
	}
	return t.Flush()
}
