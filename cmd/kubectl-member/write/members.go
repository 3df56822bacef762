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
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// Change is what a verb does to each of its members.
type Change struct {
	// Question asks about several members, with %s for how many there are.
	Question string
	Apply    Action
	// Condition returns what --wait waits for with a changed member.
	Condition func(after *v1alpha1.Member) await.Condition
}

type result struct {
	member v1alpha1.Member
	did    string
	err    error
}

// Run runs a verb that changes the members of a selection, with a line for each.
func Run(s *cli.Session, command *cobra.Command, chosen query.Selection, options Options, c Change) error {
	if err := options.Check(command); err != nil {
		return err
	}
	if err := chosen.Check(command.Name()); err != nil {
		return err
	}
	ctx := command.Context()
	cluster, namespace, err := s.Connect()
	if err != nil {
		return err
	}
	targets, err := query.Select(ctx, cluster, namespace, chosen)
	if err != nil {
		return err
	}
	if err := confirmTargets(ctx, s, namespace, targets, options, c.Question); err != nil {
		return err
	}
	return ChangeAll(ctx, s, cluster, namespace, targets, options, c)
}

// confirmTargets asks before several members are changed.
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

// ChangeAll changes members, several at a time, reports each in order, and waits for the operator
// if requested.
func ChangeAll(ctx context.Context, s *cli.Session, cluster client.WithWatch, namespace string, targets []query.Target, options Options, c Change) error {
	mode := DryRun(options.DryRun)
	all := tally{names: names(targets)}
	output := newResults(s, options, len(targets))
	all.tried = apicall.InOrder(ctx, len(targets), func(ctx context.Context, i int) result {
		r := result{member: targets[i].Member, err: targets[i].Err}
		if r.err == nil {
			r.did, r.err = c.Apply(ctx, cluster, &r.member, mode)
		}
		return r
	}, func(_ int, r result) {
		if r.err != nil {
			all.failed = append(all.failed, apicall.Explain(r.member.Name, namespace, r.err))
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

// waitForDone waits for the operator with the changed members.
func waitForDone(ctx context.Context, s *cli.Session, cluster client.WithWatch, namespace string, done []v1alpha1.Member, options Options, c Change) error {
	if !options.Wait || DryRun(options.DryRun) != DryRunNone || len(done) == 0 {
		return nil
	}
	conditions := make(map[string]await.Condition, len(done))
	for i := range done {
		conditions[done[i].Name] = c.Condition(&done[i])
	}
	return await.All(ctx, s, cluster, namespace, conditions, options.Timeout)
}

// tally holds the results of all members.
type tally struct {
	names  []string
	tried  int
	done   []v1alpha1.Member
	failed []error
}

func names(targets []query.Target) []string {
	names := make([]string, len(targets))
	for i := range targets {
		names[i] = targets[i].Member.Name
	}
	return names
}

// interrupted returns what is done and what is not, or nil if all members were tried.
func (t tally) interrupted() error {
	if t.tried == len(t.names) {
		return nil
	}
	return cli.Errorf(cli.ExitInterrupted, "interrupted: %d of %d members updated, not started: %s", len(t.done), len(t.names), humanize.Names(t.names[t.tried:]))
}

// err returns the error of the whole run, or nil if no member failed. Errors of several members
// were printed before.
func (t tally) err() error {
	switch {
	case len(t.failed) == 0:
		return nil
	case len(t.names) == 1:
		return t.failed[0]
	case len(t.done) == 0:
		return cli.Errorf(cli.ExitFailed, "none of %d members updated", len(t.names))
	default:
		return cli.Errorf(cli.ExitPartly, "%s updated, %d failed", humanize.Plural(len(t.done), "member", "members"), len(t.failed))
	}
}

// results writes what was done, as --output requests.
type results struct {
	*cli.Session

	options Options
	list    printer.RowWriter
	single  bool
	problem error
}

// newResults returns the writer of results for a number of members.
func newResults(s *cli.Session, options Options, count int) *results {
	r := &results{Session: s, options: options, single: count == 1}
	if options.Output == printer.FormatJSON || options.Output == printer.FormatYAML {
		r.list = printer.NewList(options.Output, s.Out)
	}
	return r
}

func (r *results) add(done result) {
	switch {
	case r.options.Output == "":
		cli.Say(r.Out, "member.rollcall.dev/%s %s%s\n", done.member.Name, done.did, Suffix(DryRun(r.options.DryRun)))
	case r.options.Output == printer.FormatName:
		cli.Say(r.Out, "member.rollcall.dev/%s\n", done.member.Name)
	case r.problem != nil:
	case r.single:
		r.problem = printer.WriteManifest(r.Out, r.options.Output, &done.member)
	default:
		var cells []string
		if cells, r.problem = printer.Members().Manifest(&done.member); r.problem == nil {
			r.problem = r.list.WriteRows([][]string{cells})
		}
	}
}

func (r *results) close() error {
	if r.list != nil && !r.single && r.problem == nil {
		r.problem = r.list.Close()
	}
	if r.problem != nil {
		return fmt.Errorf("writing the output: %w", r.problem)
	}
	return nil
}

// Suffix marks lines of a dry run, as kubectl does.
func Suffix(mode DryRun) string {
	switch mode {
	case DryRunClient:
		return " (dry run)"
	case DryRunServer:
		return " (server dry run)"
	case DryRunNone:
		return ""
	default:
		return ""
	}
}
