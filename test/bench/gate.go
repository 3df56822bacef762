package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

// gateOptions are the flags of `bench gate`.
type gateOptions struct {
	members  int
	duration time.Duration
	cutoffs  int
	json     string
	timeout  time.Duration
}

// gateCommand makes the command that measures the login gate.
func gateCommand(s dependencies) *cobra.Command {
	o := gateOptions{}
	command := &cobra.Command{
		Use:   "gate",
		Short: "Measure the login gate, beside nginx's own auth_basic",
		Long: `Measures the login gate on this machine, in one run with nginx's own auth_basic
and with the same load generator: requests for each second that the server
computes, latency at 10,000 requests a second, memory, and how long after kubectl
patch returns a member who is forced offline is still let in.

The gate runs with the environment of config/gate and the permissions of its
ServiceAccount, against a control plane of its own. nginx has one worker. Both write a line a request. Goals that are missed do not change
the exit status: other work on the machine can be why.

With 50,000 members it takes about a quarter of an hour on two cores.`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			return o.check()
		},
		RunE: func(command *cobra.Command, _ []string) error {
			s.log = command.ErrOrStderr()
			measure := func(ctx context.Context) (*gateReport, error) { return measureGate(ctx, s, o) }
			return benchmark(command.Context(), o.timeout, o.json, command.OutOrStdout(), measure)
		},
	}
	flags := command.Flags()
	flags.IntVar(&o.members, "members", 50_000, "how many members there are")
	flags.DurationVar(&o.duration, "duration", 10*time.Second, "how long each measurement takes; a tenth of it is for warming up, on top")
	flags.IntVar(&o.cutoffs, "cutoffs", 200, "how many members are forced offline under load")
	flags.StringVar(&o.json, "json", "", "file for the figures as JSON too")
	flags.DurationVar(&o.timeout, "timeout", time.Hour, "how long all of it may take")
	return command
}

// check refuses what cannot be measured.
func (o gateOptions) check() error {
	switch {
	case o.cutoffs < 1:
		return fmt.Errorf("--cutoffs is %d: give at least 1", o.cutoffs)
	case o.members <= o.cutoffs:
		return fmt.Errorf("--members is %d: give more than --cutoffs, %d, since who is cut off does not come back", o.members, o.cutoffs)
	case o.members > maxMembers:
		return fmt.Errorf("--members is %d: give at most %d", o.members, maxMembers)
	case o.duration < 100*time.Millisecond:
		return fmt.Errorf("--duration is %s: give at least 100ms", o.duration)
	default:
		return nil
	}
}

// measureGate does all of `bench gate`, and takes down what it set up.
func measureGate(ctx context.Context, s dependencies, o gateOptions) (_ *gateReport, err error) {
	nginx, err := findNginx()
	if err != nil {
		return nil, err
	}
	w := &gateBench{installation: installation{dependencies: s}, gateOptions: o, nginxPath: nginx}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.open(ctx); err != nil {
		return nil, err
	}
	report := newGateReport(ctx, w)
	for _, measure := range []func(context.Context, *gateReport) error{w.measurePlain, w.measureTLS, w.measureNginx} {
		if err := measure(ctx, report); err != nil {
			return nil, err
		}
	}
	report.judge()
	return report, nil
}
