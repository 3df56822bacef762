package write

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/await"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// Change is what a verb does to each of the members that it is for.
type Change struct {
	// Question is the question for several members, with %s for how many they are.
	Question string
	// Apply does it, makes the member what it is then, and says what was done.
	Apply func(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (did string, err error)
	// Condition is what --wait waits for with a member that was changed.
	Condition func(after *v1alpha1.Member) await.Condition
}

// result is what became of one member.
type result struct {
	member  v1alpha1.Member
	did     string
	problem error
}

// changeSelected changes the members of a selection, with a line for each.
func changeSelected(ctx context.Context, s *cli.Session, chosen query.Selection, options Options, c Change) error {
	cluster, namespace, err := s.Connect()
	if err != nil {
		return err
	}
	targets, err := query.Select(ctx, s, cluster, namespace, chosen)
	if err != nil {
		return err
	}
	if err := confirmTargets(ctx, s, namespace, targets, options, c.Question); err != nil {
		return err
	}
	return ChangeAll(ctx, s, cluster, namespace, targets, options, c)
}

// confirmTargets asks whether several members are really meant.
func confirmTargets(ctx context.Context, s *cli.Session, namespace string, targets []query.Target, options Options, ask string) error {
	var names []string
	for _, t := range targets {
		if t.Err == nil {
			names = append(names, t.Member.Name)
		}
	}
	if len(names) < 2 || options.yes || DryRun(options.DryRun) != DryRunNone {
		return nil
	}
	of := fmt.Sprintf("%d members of namespace %s", len(names), namespace)
	return s.Confirm(ctx, fmt.Sprintf(ask, of)+": "+humanize.Names(names)+"?")
}

// ChangeAll changes members, some at a time, says in order what became of each, and
// waits for the operator if that is asked for.
func ChangeAll(ctx context.Context, s *cli.Session, cluster client.WithWatch, namespace string, targets []query.Target, options Options, c Change) error {
	mode := DryRun(options.DryRun)
	all := tally{names: names(targets)}
	output := newResults(s, options, len(targets))
	all.tried = apicall.InOrder(ctx, len(targets), func(ctx context.Context, i int) result {
		r := result{member: targets[i].Member, problem: targets[i].Err}
		if r.problem == nil {
			r.did, r.problem = c.Apply(ctx, cluster, &r.member, mode)
		}
		return r
	}, func(_ int, r result) {
		if r.problem != nil {
			all.failed = append(all.failed, apicall.Explain(r.member.Name, namespace, r.problem))
			if len(targets) > 1 {
				cli.Say(s.ErrOut, "error: %v\n", all.failed[len(all.failed)-1])
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
	waited := waitForDone(ctx, s, cluster, namespace, all.done, options, c)
	failed := all.err()
	if failed != nil && waited != nil {
		cli.Say(s.ErrOut, "error: %v\n", waited)
	}
	if failed != nil {
		return failed
	}
	return waited
}

// waitForDone waits for the operator with those members that were changed.
func waitForDone(ctx context.Context, s *cli.Session, cluster client.WithWatch, namespace string, done []v1alpha1.Member, options Options, c Change) error {
	if !options.Wait || DryRun(options.DryRun) != DryRunNone || len(done) == 0 {
		return nil
	}
	awaited := make(map[string]await.Condition, len(done))
	for i := range done {
		awaited[done[i].Name] = c.Condition(&done[i])
	}
	return await.All(ctx, s, cluster, namespace, awaited, options.Timeout)
}

// tally is what became of all members.
type tally struct {
	names  []string
	tried  int
	done   []v1alpha1.Member
	failed []error
}

// names are those of the members, in order.
func names(targets []query.Target) []string {
	names := make([]string, len(targets))
	for i := range targets {
		names[i] = targets[i].Member.Name
	}
	return names
}

// interrupted says what is done and what is not; nil if all were tried.
func (t tally) interrupted() error {
	if t.tried == len(t.names) {
		return nil
	}
	return cli.Errorf(cli.ExitInterrupted, "interrupted: %d of %d members are done; not begun with %s", len(t.done), len(t.names), humanize.Names(t.names[t.tried:]))
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
		return cli.Errorf(cli.ExitFailed, "none of %d members is done", len(t.names))
	default:
		return cli.Errorf(cli.ExitPartly, "%d of %d members are done", len(t.done), len(t.names))
	}
}

// Run runs a verb that changes the members of a selection.
func Run(s *cli.Session, command *cobra.Command, chosen query.Selection, options Options, c Change) error {
	if err := options.Check(command); err != nil {
		return err
	}
	if err := chosen.Check(command.Name()); err != nil {
		return err
	}
	return changeSelected(command.Context(), s, chosen, options, c)
}
