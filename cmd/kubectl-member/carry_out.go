package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// change is what a verb does to each of the members that it is for.
type change struct {
	// ask is the question for several members, with %s for how many they are.
	ask string
	// act does it, makes the member what it is then, and says what was done.
	act func(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode dryRun) (did string, err error)
	// settled is what --wait waits for with a member that was changed.
	settled func(after *v1alpha1.Member) settledFunc
}

// result is what became of one member.
type result struct {
	member  v1alpha1.Member
	did     string
	problem error
}

// changeSelected changes the members of a selection, with a line for each.
func (s *session) changeSelected(ctx context.Context, chosen selection, options changeOptions, c change) error {
	cluster, namespace, err := s.connect()
	if err != nil {
		return err
	}
	targets, err := s.selected(ctx, cluster, namespace, chosen)
	if err != nil {
		return err
	}
	if err := s.confirmTargets(ctx, namespace, targets, options, c.ask); err != nil {
		return err
	}
	return s.carryOut(ctx, cluster, namespace, targets, options, c)
}

// confirmTargets asks whether several members are really meant.
func (s *session) confirmTargets(ctx context.Context, namespace string, targets []target, options changeOptions, ask string) error {
	var names []string
	for _, t := range targets {
		if t.problem == nil {
			names = append(names, t.member.Name)
		}
	}
	if len(names) < 2 || options.yes || dryRun(options.dryRun) != dryRunNone {
		return nil
	}
	of := fmt.Sprintf("%d members of namespace %s", len(names), namespace)
	return s.confirm(ctx, fmt.Sprintf(ask, of)+": "+someNames(names)+"?")
}

// carryOut changes members, some at a time, says in order what became of each, and
// waits for the operator if that is asked for.
func (s *session) carryOut(ctx context.Context, cluster client.WithWatch, namespace string, targets []target, options changeOptions, c change) error {
	mode := dryRun(options.dryRun)
	all := tally{names: names(targets)}
	output := s.newResults(options, len(targets))
	all.tried = inOrder(ctx, len(targets), func(ctx context.Context, i int) result {
		r := result{member: targets[i].member, problem: targets[i].problem}
		if r.problem == nil {
			r.did, r.problem = c.act(ctx, cluster, &r.member, mode)
		}
		return r
	}, func(_ int, r result) {
		if r.problem != nil {
			all.failed = append(all.failed, explained(r.member.Name, namespace, r.problem))
			if len(targets) > 1 {
				say(s.ErrOut, "error: %v\n", all.failed[len(all.failed)-1])
			}
			return
		}
		all.done = append(all.done, r.member)
		output.add(r)
	})
	if err := output.close(); err != nil {
		return err
	}
	if err := all.interrupted(); ctx.Err() != nil && err != nil {
		return err
	}
	waited := s.waitForDone(ctx, cluster, namespace, all.done, options, c)
	failed := all.err()
	if failed != nil && waited != nil {
		say(s.ErrOut, "error: %v\n", waited)
	}
	if failed != nil {
		return failed
	}
	return waited
}

// waitForDone waits for the operator with those members that were changed.
func (s *session) waitForDone(ctx context.Context, cluster client.WithWatch, namespace string, done []v1alpha1.Member, options changeOptions, c change) error {
	if !options.wait || dryRun(options.dryRun) != dryRunNone || len(done) == 0 {
		return nil
	}
	awaited := make(map[string]settledFunc, len(done))
	for i := range done {
		awaited[done[i].Name] = c.settled(&done[i])
	}
	return s.waitAll(ctx, cluster, namespace, awaited, options.timeout)
}

// tally is what became of all members.
type tally struct {
	names  []string
	tried  int
	done   []v1alpha1.Member
	failed []error
}

// names are those of the members, in order.
func names(targets []target) []string {
	names := make([]string, len(targets))
	for i := range targets {
		names[i] = targets[i].member.Name
	}
	return names
}

// interrupted says what is done and what is not; nil if all were tried.
func (t tally) interrupted() error {
	if t.tried == len(t.names) {
		return nil
	}
	return withCode(exitInterrupted, "interrupted: %d of %d members are done; not begun with %s", len(t.done), len(t.names), someNames(t.names[t.tried:]))
}

// err is the error of the whole; nil if nothing failed. Several members have each
// had a line of their own before.
func (t tally) err() error {
	switch {
	case len(t.failed) == 0:
		return nil
	case len(t.names) == 1:
		return t.failed[0]
	case len(t.done) == 0:
		return withCode(exitFailed, "none of %d members is done", len(t.names))
	default:
		return withCode(exitPartly, "%d of %d members are done", len(t.done), len(t.names))
	}
}

// runChange runs a verb that changes the members of a selection.
func (s *session) runChange(command *cobra.Command, chosen selection, options changeOptions, c change) error {
	if err := options.check(command); err != nil {
		return err
	}
	if err := chosen.check(command.Name()); err != nil {
		return err
	}
	return s.changeSelected(command.Context(), chosen, options, c)
}
