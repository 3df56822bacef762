package importer

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/await"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/cmd/kubectl-member/write"
	"rollcall.dev/rollcall/internal/roster"
)

// failuresShown is how many failed rows are listed with their reason.
const failuresShown = 50

// write writes the plan, reports the results, and waits for the operator if requested.
func (r *run) write(ctx context.Context, plan *importplan.Plan) error {
	mode := r.options.DryRun
	// Deletions free values that additions may need.
	rest := slices.Concat(plan.Additions, plan.Changes)
	result := result{steps: slices.Concat(plan.Deletions, rest)}
	if mode == write.DryRunClient {
		result.outcomes = slices.Repeat([]outcome{{state: stepDone}}, len(result.steps))
		return r.report(ctx, plan, &result)
	}
	bar := r.NewProgress("import", len(result.steps))
	writer := &stepWriter{cluster: write.Writer(r.cluster, mode), concurrency: r.options.concurrency, backoff: writeBackoff(), progress: bar}
	result.outcomes = append(writer.writeAll(ctx, plan.Deletions), writer.writeAll(ctx, rest)...)
	bar.End()
	failed := r.report(ctx, plan, &result)
	if ctx.Err() != nil {
		return failed
	}
	awaited := map[string]await.Condition{}
	for i, step := range result.steps {
		switch {
		case result.outcomes[i].state != stepDone:
		case step.Operation == importplan.OperationDelete:
			awaited[step.Member.Name] = await.Gone(step.Member)
		default:
			awaited[step.Member.Name] = await.Ready(step.Member)
		}
	}
	return r.options.Await(ctx, r.Session, r.cluster, r.namespace, awaited, failed)
}

// result is the outcome of each step.
type result struct {
	steps    []importplan.Step
	outcomes []outcome
}

// sum holds the numbers of rows or members, by what happened to them.
type sum struct {
	added, changed, unchanged, failed, deleted, skipped, pending int
}

func (result *result) sum(plan *importplan.Plan) sum {
	sum := sum{unchanged: plan.Unchanged, skipped: plan.Skipped}
	for i, outcome := range result.outcomes {
		switch {
		case outcome.state == stepFailed:
			sum.failed++
		case outcome.state == stepPending:
			sum.pending++
		case result.steps[i].Operation == importplan.OperationDelete:
			sum.deleted++
		case result.steps[i].Operation == importplan.OperationChange:
			sum.changed++
		default:
			sum.added++
		}
	}
	return sum
}

// String returns the last line of an import.
func (s sum) String() string {
	parts := []string{fmt.Sprintf("%d added, %d changed, %d unchanged, %d failed", s.added, s.changed, s.unchanged, s.failed)}
	for _, part := range []struct {
		count int
		what  string
	}{{s.deleted, "deleted"}, {s.skipped, "skipped"}, {s.pending, "not written"}} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.what))
		}
	}
	return strings.Join(parts, ", ")
}

// report prints the results, with each step in a dry run.
func (r *run) report(ctx context.Context, plan *importplan.Plan, result *result) error {
	mode := r.options.DryRun
	for i, step := range result.steps {
		if mode != write.DryRunNone && result.outcomes[i].state == stepDone {
			cli.Say(r.Out, "member.rollcall.dev/%s %s%s\n", step.Member.Name, step.Did(), mode.Suffix())
		}
	}
	sum := result.sum(plan)
	lost := r.showFailed(result)
	if mode == write.DryRunNone {
		if err := r.keepFailed(lost); err != nil {
			return cli.Errorf(cli.ExitPartly, "%s: %w", sum, err)
		}
	}
	if ctx.Err() != nil {
		return cli.Errorf(cli.ExitInterrupted, "interrupted: %s. To continue, run the same command again", sum)
	}
	cli.Say(r.Out, "%s%s\n", sum, mode.Suffix())
	if sum.failed == 0 {
		return nil
	}
	code := cli.ExitPartly
	if mode != write.DryRunNone || sum.added+sum.changed+sum.deleted == 0 {
		code = cli.ExitFailed
	}
	return cli.Errorf(code, "%s: %d of %s failed", r.sheet.File, sum.failed, humanize.Plural(len(result.steps), "write", "writes"))
}

// showFailed prints why steps failed, and returns their rows.
func (r *run) showFailed(result *result) []roster.Person {
	var lost []roster.Person
	failures := 0
	for i, step := range result.steps {
		if result.outcomes[i].state != stepFailed {
			continue
		}
		place := r.sheet.File
		if step.Operation != importplan.OperationDelete {
			lost = append(lost, *step.Person)
			place = fmt.Sprintf("%s:%d", r.sheet.File, step.Person.Row)
		}
		if failures++; failures <= failuresShown {
			cli.Say(r.ErrOut, "%s: %v\n", place, apicall.Explain(step.Member.Name, r.namespace, result.outcomes[i].err))
		}
	}
	if more := failures - failuresShown; more > 0 {
		cli.Say(r.ErrOut, "%s: and %d more\n", r.sheet.File, more)
	}
	return lost
}

// failedFileName returns where failed rows are written: beside the imported file, under a name that
// no file has yet.
func (o *Options) failedFileName(format roster.Format) string {
	if o.failedFile != "" {
		return o.failedFile
	}
	base := "import"
	if o.File != "-" {
		base = strings.TrimSuffix(o.File, filepath.Ext(o.File))
	}
	name := base + "-failed." + string(format)
	for number := 2; ; number++ {
		if _, err := os.Lstat(name); err != nil {
			return name
		}
		name = fmt.Sprintf("%s-failed-%d.%s", base, number, format)
	}
}

// keepFailed writes the failed rows, in the format and with the columns of the file, and says how
// to import them.
func (r *run) keepFailed(people []roster.Person) error {
	if len(people) == 0 {
		return nil
	}
	format := r.format
	columns := slices.DeleteFunc(roster.Columns(), func(column roster.Column) bool { _, has := r.sheet.Has[column]; return !has })
	write := func(w io.Writer) error { return roster.WriteColumns(w, format, columns, people) }
	if r.sheet.ControlHub {
		format = roster.CSV
		write = func(w io.Writer) error { return roster.WriteControlHub(w, people) }
	}
	name := r.options.failedFileName(format)
	if err := printer.WriteFile(r.Session, name, string(format), write); err != nil {
		return fmt.Errorf("writing the failed rows: %w", err)
	}
	again := "kubectl member import " + humanize.ShellQuote(name) + r.ConnectionArguments()
	if r.options.mode != string(importplan.ModeAdd) {
		// A sync with these rows alone would delete all other members.
		again += " --mode upsert"
	}
	if r.options.saysServices {
		again += " --services " + r.options.services
	}
	if r.options.allUsers {
		again += " --all-users"
	}
	cli.Say(r.ErrOut, "%s written to %s. Correct the file, and run: %s\n", humanize.Plural(len(people), "failed row", "failed rows"), name, again)
	return nil
}
