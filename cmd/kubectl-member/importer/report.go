package importer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/await"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
	"rollcall.dev/rollcall/cmd/kubectl-member/write"
	"rollcall.dev/rollcall/internal/roster"
)

// failuresShown is how many failed rows are listed with their reason.
const failuresShown = 50

// write writes the plan, reports the results, and waits for the operator if requested.
func (r *run) write(ctx context.Context, plan *importplan.Plan) error {
	mode := write.DryRun(r.options.dryRun)
	// Deletions free values that additions may need.
	rest := slices.Concat(plan.Additions, plan.Changes)
	result := result{steps: slices.Concat(plan.Deletions, rest)}
	if mode == write.DryRunClient {
		result.outcomes = slices.Repeat([]outcome{{state: stepDone}}, len(result.steps))
		return r.report(ctx, plan, &result)
	}
	bar := r.NewProgress("import", len(result.steps))
	writer := &stepWriter{cluster: r.cluster, concurrency: r.options.concurrency, mode: mode, backoff: writeBackoff(), progress: bar}
	result.outcomes = append(writer.writeAll(ctx, plan.Deletions), writer.writeAll(ctx, rest)...)
	bar.End()
	failed := r.report(ctx, plan, &result)
	if ctx.Err() != nil || mode != write.DryRunNone || !r.options.wait {
		return failed
	}
	waited := r.awaitOperator(ctx, &result)
	if failed != nil && waited != nil {
		cli.Say(r.ErrOut, "error: %v\n", waited)
	}
	if failed != nil {
		return failed
	}
	return waited
}

// result is the outcome of each step.
type result struct {
	steps    []importplan.Step
	outcomes []outcome
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

// report prints the results, with each step in a dry run.
func (r *run) report(ctx context.Context, plan *importplan.Plan, result *result) error {
	mode := write.DryRun(r.options.dryRun)
	if mode != write.DryRunNone {
		r.showDone(result)
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
	cli.Say(r.Out, "%s%s\n", sum, write.Suffix(mode))
	switch {
	case sum.failed == 0:
		return nil
	case mode != write.DryRunNone || sum.added+sum.changed+sum.deleted == 0:
		return cli.Errorf(cli.ExitFailed, "%s: %d of %s failed", r.sheet.File, sum.failed, humanize.Plural(len(result.steps), "write", "writes"))
	default:
		return cli.Errorf(cli.ExitPartly, "%s: %d of %s failed", r.sheet.File, sum.failed, humanize.Plural(len(result.steps), "write", "writes"))
	}
}

// showDone prints a line for each completed step.
func (r *run) showDone(result *result) {
	for i, step := range result.steps {
		if result.outcomes[i].state == stepDone {
			cli.Say(r.Out, "member.rollcall.dev/%s %s%s\n", step.Member.Name, step.Did(), write.Suffix(write.DryRun(r.options.dryRun)))
		}
	}
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

// awaitOperator waits until the operator has acted on all writes.
func (r *run) awaitOperator(ctx context.Context, result *result) error {
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
	return await.All(ctx, r.Session, r.cluster, r.namespace, awaited, r.options.timeout)
}

type sum struct {
	added, changed, unchanged, failed, deleted, skipped, pending int
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
