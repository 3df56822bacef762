package write

import (
	"context"
	"fmt"
	"time"

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

// atATime is how many members are changed at the same time.
const atATime = 8

// Options are the flags of all verbs that change members.
type Options struct {
	DryRun  DryRun
	Output  string
	Yes     bool
	Wait    bool
	Timeout time.Duration
}

// AddFlags adds the flags, but --yes, which says what it does not ask.
func (o *Options) AddFlags(command *cobra.Command, waitsFor string) {
	flags := command.Flags()
	flags.StringVarP(&o.Output, "output", "o", "", "Output format instead of a line for each member: name, yaml, json")
	cli.CompleteFlag(command, "output", printer.FormatName, printer.FormatYAML, printer.FormatJSON)
	o.AddSharedFlags(command, waitsFor, time.Minute)
}

// AddSharedFlags adds the flags that import has too.
func (o *Options) AddSharedFlags(command *cobra.Command, waitsFor string, patience time.Duration) {
	flags := command.Flags()
	flags.StringVar((*string)(&o.DryRun), "dry-run", string(DryRunNone), `Must be "none", "server", or "client", after an equals sign. client, the default without a value, only prints what would be requested. server makes the API server check the change without saving it`)
	flags.Lookup("dry-run").NoOptDefVal = string(DryRunClient)
	flags.BoolVar(&o.Wait, "wait", false, "Wait until "+waitsFor)
	flags.DurationVar(&o.Timeout, "timeout", patience, "How long to --wait, for example 30s or 5m")
	cli.CompleteFlag(command, "dry-run", string(DryRunNone), string(DryRunClient), string(DryRunServer))
}

// Check refuses invalid flags before anything is read.
func (o *Options) Check(command *cobra.Command) error {
	switch o.DryRun {
	case DryRunNone, DryRunClient, DryRunServer:
	default:
		return cli.UsageErrorf(`invalid --dry-run value %q: must be "none", "server", or "client"`, o.DryRun)
	}
	switch o.Output {
	case "", printer.FormatName, printer.FormatYAML, printer.FormatJSON:
	default:
		return cli.UsageErrorf("invalid --output value %q: must be name, yaml, or json", o.Output)
	}
	switch {
	case command.Flags().Changed("timeout") && !o.Wait:
		return cli.UsageErrorf("--timeout needs --wait: add --wait, or omit --timeout")
	case o.Wait && o.Timeout <= 0:
		return cli.UsageErrorf("--timeout %s: must be greater than zero, for example 1m", o.Timeout)
	}
	return nil
}

// Await waits for the operator with the changed members if requested. failed is the error of members
// that were not changed.
func (o *Options) Await(ctx context.Context, s *cli.Session, cluster client.WithWatch, namespace string, conditions map[string]await.Condition, failed error) error {
	if !o.Wait || o.DryRun != DryRunNone || len(conditions) == 0 {
		return failed
	}
	waited := await.All(ctx, s, cluster, namespace, conditions, o.Timeout)
	if failed == nil {
		return waited
	}
	if waited != nil {
		cli.Say(s.ErrOut, "error: %v\n", waited)
	}
	return failed
}

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

// NewCommand completes the command of a verb that changes the members of a selection, with a line
// for each. plan returns what it does, or an error for a wrong command line.
func NewCommand(s *cli.Session, command *cobra.Command, waitsFor string, plan func(*cobra.Command) (Change, error)) *cobra.Command {
	var chosen query.Selection
	var options Options
	command.ValidArgsFunction = query.CompleteNames(s, "Member")
	command.RunE = func(command *cobra.Command, arguments []string) error {
		chosen.Names = arguments
		change, err := plan(command)
		if err != nil {
			return err
		}
		return run(command, s, chosen, options, change)
	}
	query.AddSelectionFlags(s, command, &chosen)
	options.AddFlags(command, waitsFor)
	command.Flags().BoolVarP(&options.Yes, "yes", "y", false, "Do not ask before several members are changed")
	return command
}

func run(command *cobra.Command, s *cli.Session, chosen query.Selection, options Options, c Change) error {
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
	if len(names) < 2 || options.Yes || options.DryRun != DryRunNone {
		return nil
	}
	of := fmt.Sprintf("%d members of namespace %s", len(names), namespace)
	return s.Confirm(ctx, fmt.Sprintf(ask, of)+": "+humanize.Names(names)+"?")
}

// ChangeAll changes members, several at a time, reports each in order, and waits for the operator
// if requested.
func ChangeAll(ctx context.Context, s *cli.Session, cluster client.WithWatch, namespace string, targets []query.Target, options Options, c Change) error {
	all := tally{targets: targets}
	output := results{Session: s, options: options, single: len(targets) == 1}
	if options.Output == printer.FormatJSON || options.Output == printer.FormatYAML {
		output.list = printer.NewList(options.Output, s.Out)
	}
	writer := Writer(cluster, options.DryRun)
	all.tried = apicall.InOrder(ctx, atATime, len(targets), func(ctx context.Context, i int) result {
		r := result{member: targets[i].Member, err: targets[i].Err}
		if r.err == nil {
			r.did, r.err = c.Apply(ctx, writer, &r.member, options.DryRun)
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
	if all.tried < len(targets) && ctx.Err() != nil {
		return all.interrupted()
	}
	conditions := make(map[string]await.Condition, len(all.done))
	for i := range all.done {
		conditions[all.done[i].Name] = c.Condition(&all.done[i])
	}
	return options.Await(ctx, s, cluster, namespace, conditions, all.err())
}

// tally holds the results of all members.
type tally struct {
	targets []query.Target
	tried   int
	done    []v1alpha1.Member
	failed  []error
}

// interrupted returns an error that says what is done and what is not.
func (t tally) interrupted() error {
	var names []string
	for _, target := range t.targets[t.tried:] {
		names = append(names, target.Member.Name)
	}
	return cli.Errorf(cli.ExitInterrupted, "interrupted: %d of %d members updated, not started: %s", len(t.done), len(t.targets), humanize.Names(names))
}

// err returns the error of the whole run, or nil if no member failed. Errors of several members
// were printed before.
func (t tally) err() error {
	switch {
	case len(t.failed) == 0:
		return nil
	case len(t.targets) == 1:
		return t.failed[0]
	case len(t.done) == 0:
		return cli.Errorf(cli.ExitFailed, "none of %d members updated", len(t.targets))
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

func (r *results) add(done result) {
	switch {
	case r.options.Output == "":
		cli.Say(r.Out, "member.rollcall.dev/%s %s%s\n", done.member.Name, done.did, r.options.DryRun.Suffix())
	case r.options.Output == printer.FormatName:
		cli.Say(r.Out, "member.rollcall.dev/%s\n", done.member.Name)
	case r.problem != nil:
	case r.single:
		r.problem = printer.WriteManifest(r.Out, r.options.Output, &done.member)
	default:
		var cells []string
		if cells, r.problem = printer.Manifest(&done.member, query.Members.Kind); r.problem == nil {
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
