package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// failuresShown is how many rows that failed are listed with the reason.
const failuresShown = 50

// write writes what is planned, and says what became of it.
func (r *importRun) write(ctx context.Context, plan *importPlan) error {
	mode := dryRun(r.options.dryRun)
	// What is deleted first is free for those who come.
	rest := slices.Concat(plan.additions, plan.changes)
	result := importResult{steps: slices.Concat(plan.deletions, rest)}
	if mode == dryRunClient {
		result.outcomes = slices.Repeat([]importOutcome{{state: stepDone}}, len(result.steps))
		return r.report(ctx, plan, &result)
	}
	bar := r.newProgress("import", len(result.steps))
	writer := &importWriter{cluster: r.cluster, concurrency: r.options.concurrency, mode: mode, backoff: importBackoff(), progress: bar}
	result.outcomes = append(writer.writeAll(ctx, plan.deletions), writer.writeAll(ctx, rest)...)
	bar.end()
	failed := r.report(ctx, plan, &result)
	if ctx.Err() != nil || mode != dryRunNone || !r.options.wait {
		return failed
	}
	waited := r.awaitOperator(ctx, &result)
	if failed != nil && waited != nil {
		say(r.ErrOut, "error: %v\n", waited)
	}
	if failed != nil {
		return failed
	}
	return waited
}

// importResult is what became of each step.
type importResult struct {
	steps    []importStep
	outcomes []importOutcome
}

// sum counts what became of the steps and of the rows without one.
func (result *importResult) sum(plan *importPlan) importSum {
	sum := importSum{unchanged: plan.unchanged, skipped: plan.skipped}
	for i, outcome := range result.outcomes {
		switch {
		case outcome.state == stepFailed:
			sum.failed++
		case outcome.state == stepPending:
			sum.pending++
		case result.steps[i].operation == operationDelete:
			sum.deleted++
		case result.steps[i].operation == operationChange:
			sum.changed++
		default:
			sum.added++
		}
	}
	return sum
}

// report says what became of an import; in full where it was a dry run.
func (r *importRun) report(ctx context.Context, plan *importPlan, result *importResult) error {
	mode := dryRun(r.options.dryRun)
	if mode != dryRunNone {
		r.showDone(result)
	}
	sum := result.sum(plan)
	lost := r.showFailed(result)
	if mode == dryRunNone {
		if err := r.keepFailed(lost); err != nil {
			return withCode(exitPartly, "%s: %w", sum, err)
		}
	}
	if ctx.Err() != nil {
		return withCode(exitInterrupted, "interrupted: %s; run the same command again to go on", sum)
	}
	say(r.Out, "%s%s\n", sum, suffix(mode))
	switch {
	case sum.failed == 0:
		return nil
	case mode != dryRunNone || sum.added+sum.changed+sum.deleted == 0:
		return withCode(exitFailed, "%s: %s of %d failed", r.sheet.File, plural(sum.failed, "write", "writes"), len(result.steps))
	default:
		return withCode(exitPartly, "%s: %s of %d failed", r.sheet.File, plural(sum.failed, "write", "writes"), len(result.steps))
	}
}

// showDone writes a line for each step that is done.
func (r *importRun) showDone(result *importResult) {
	for i, step := range result.steps {
		if result.outcomes[i].state == stepDone {
			say(r.Out, "member.rollcall.dev/%s %s%s\n", step.member.Name, step.did(), suffix(dryRun(r.options.dryRun)))
		}
	}
}

// showFailed writes why steps failed, and returns their rows.
func (r *importRun) showFailed(result *importResult) []roster.Person {
	var lost []roster.Person
	failures := 0
	for i, step := range result.steps {
		if result.outcomes[i].state != stepFailed {
			continue
		}
		place := r.sheet.File
		if step.operation != operationDelete {
			lost = append(lost, *step.person)
			place = fmt.Sprintf("%s:%d", r.sheet.File, step.person.Row)
		}
		if failures++; failures <= failuresShown {
			say(r.ErrOut, "%s: %v\n", place, explained(step.member.Name, r.namespace, result.outcomes[i].err))
		}
	}
	if more := failures - failuresShown; more > 0 {
		say(r.ErrOut, "%s: and %d more\n", r.sheet.File, more)
	}
	return lost
}

// awaitOperator waits until the operator is done with what was written.
func (r *importRun) awaitOperator(ctx context.Context, result *importResult) error {
	awaited := map[string]settledFunc{}
	for i, step := range result.steps {
		switch {
		case result.outcomes[i].state != stepDone:
		case step.operation == operationDelete:
			awaited[step.member.Name] = untilAnother(step.member)
		default:
			awaited[step.member.Name] = untilReady(step.member.Generation)
		}
	}
	return r.waitAll(ctx, r.cluster, r.namespace, awaited, r.options.timeout)
}

// untilAnother waits until a Member is gone, whoever has its name then.
func untilAnother(member *v1alpha1.Member) settledFunc {
	return func(found *v1alpha1.Member) standing {
		if found == nil || found.UID != member.UID {
			return standing{}
		}
		return standing{missing: "it is not gone yet"}
	}
}

// importSum is how many rows became what.
type importSum struct {
	added, changed, unchanged, failed, deleted, skipped, pending int
}

// String is the line that an import ends with.
func (s importSum) String() string {
	parts := []string{fmt.Sprintf("%d added, %d changed, %d unchanged, %d failed", s.added, s.changed, s.unchanged, s.failed)}
	for _, part := range []struct {
		count int
		what  string
	}{{s.deleted, "deleted"}, {s.skipped, "skipped"}, {s.pending, "not yet"}} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.what))
		}
	}
	return strings.Join(parts, ", ")
}

// plural is a number with what it counts.
func plural(count int, one, several string) string {
	if count == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", count, several)
}
