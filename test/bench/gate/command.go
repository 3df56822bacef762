// Package gate measures the login gate, beside nginx's own auth_basic.
package gate

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/test/bench/report"
	"rollcall.dev/rollcall/test/bench/setup"
)

// options are the flags of `bench gate`.
type options struct {
	members  int
	duration time.Duration
	cutoffs  int
}

// Command makes the command that measures the login gate.
func Command(i setup.Installation) *cobra.Command {
	o := options{}
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
		PreRunE: func(*cobra.Command, []string) error { return o.check() },
	}
	flags := command.Flags()
	flags.IntVar(&o.members, "members", 50_000, "how many members there are")
	flags.DurationVar(&o.duration, "duration", 10*time.Second, "how long each measurement takes; a tenth of it is for warming up, on top")
	flags.IntVar(&o.cutoffs, "cutoffs", 200, "how many members are forced offline under load")
	return report.Command(command, time.Hour, func(ctx context.Context, logger *log.Logger) (*gateReport, error) {
		i.Logger = logger
		return measure(ctx, i, o)
	})
}

// check refuses what cannot be measured.
func (o options) check() error {
	switch {
	case o.cutoffs < 1:
		return fmt.Errorf("--cutoffs is %d: give at least 1", o.cutoffs)
	case o.members <= o.cutoffs:
		return fmt.Errorf("--members is %d: give more than --cutoffs, %d, since who is cut off does not come back", o.members, o.cutoffs)
	case o.members > setup.MaxMembers:
		return fmt.Errorf("--members is %d: give at most %d", o.members, setup.MaxMembers)
	case o.duration < 100*time.Millisecond:
		return fmt.Errorf("--duration is %s: give at least 100ms", o.duration)
	default:
		return nil
	}
}

// measure does all of `bench gate`, and takes down what it set up.
func measure(ctx context.Context, i setup.Installation, o options) (_ *gateReport, err error) {
	w := &gateBench{Installation: i, options: o}
	if w.nginxPath, err = findNginx(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	w.report = newReport(ctx, w)
	for _, step := range []func(context.Context) error{w.open, w.measurePlain, w.measureTLS, w.measureNginx} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	w.report.judge()
	return w.report, nil
}
