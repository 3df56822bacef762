// Package operator measures the operator, beside a bare client-go loop.
package operator

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

// mostFloor is how many Members the floor makes at most, and mostQueued how many wait
// while members are forced offline, unless a flag says otherwise.
const (
	mostFloor  = 10_000
	mostQueued = 10_000
)

// Options are the flags of `bench operator`. Those that are exported are for other
// benchmarks with an operator.
type Options struct {
	// Concurrency is how many workers the floor and the operator have, each, and
	// MailConcurrency how many letters are under way at a time.
	Concurrency     int
	MailConcurrency int
	// Floor is how many Members the floor makes, in two halves.
	Floor int

	members  int
	queued   int
	cutoffs  int
	hang     string
	group    bool
	profiles string
}

// Command makes the command that measures the operator.
func Command(i setup.Installation) *cobra.Command {
	o := Options{}
	command := &cobra.Command{
		Use:   "operator",
		Short: "Measure the operator, beside a bare client-go loop",
		Long: `Measures the operator on this machine, against a control plane of its own and a
mail server on loopback. It runs as a process, with the environment of
config/manager and the permissions of its ServiceAccount.

The floor: as many workers as --concurrency each take one Member after the other
through four writes: create the Member, create its Secret, patch its status twice.
Secret and statuses are those that the operator wrote for a Member made before, and
so are the clients: the administrator's for the Member, the operator's
ServiceAccount for the rest. There is a ContactCenter in the namespace, so that the
guards are asked about the same, but no operator watches it. One half of the floor
is measured before the operator, the other one after.

The operator: as many workers create Members as fast as they can, while the
operator, with as many workers of its own and --mail-concurrency letters at a time,
does the rest. The time is from the first create to all being Ready, mail included.
Members are in two of 50 skill groups, whose counts come on top.

Forced offline: new Members are made while the operator is stopped, so that all of
them are in its queue when it is started. Whenever it has looked at one of some that
are spread over the queue, a Ready member is forced offline, so that there are still
many in the queue at the last one. The time is from the answer to that patch until a
watch shows that login is Denied. Then again, with other Members and victims, while
the mail server hangs. The Members of both stay.

A restart is quiet when the operator has computed no more than 20 ms in a second.

The exit status is 1 if a count (writes, reads, mails) misses its goal. Times and
memory that miss theirs do not change it: other work on the machine can be why.`,
		PreRunE: func(*cobra.Command, []string) error {
			o.fill()
			return o.check()
		},
	}
	flags := command.Flags()
	flags.IntVar(&o.members, "members", 10_000, "how many Members there are")
	flags.IntVar(&o.Concurrency, "concurrency", 8, "workers that create Members, of the floor, and of the operator (its --member-concurrency), each")
	flags.IntVar(&o.MailConcurrency, "mail-concurrency", 8, "letters under way at a time (the operator's --mail-concurrency)")
	flags.IntVar(&o.Floor, "floor", 0, fmt.Sprintf("Members that the floor makes (default: as many as --members, but at most %d)", mostFloor))
	flags.IntVar(&o.queued, "queued", 0, fmt.Sprintf("new Members in the queue while members are forced offline (default: as many as --members, but at most %d)", mostQueued))
	flags.IntVar(&o.cutoffs, "cutoffs", 200, "members forced offline, each time; at most a fifth of --members")
	flags.StringVar(&o.hang, "hang", hangConnect, "how the mail server hangs: "+hangConnect+" (it accepts connections and says nothing) or "+hangData+" (it takes letters and says nothing)")
	flags.BoolVar(&o.group, "group", false, "have one more skill group, in which everybody is by its selector")
	flags.StringVar(&o.profiles, "profiles", "", "folder for profiles (go tool pprof): CPU of the operator and of the API server in the first 20 s of the load, memory of the operator after it and after the restart; taking them costs time and memory")
	return report.Command(command, 3*time.Hour, func(ctx context.Context, logger *log.Logger) (*operatorReport, error) {
		i.Logger = logger
		return measure(ctx, i, o)
	})
}

// The values of --hang.
const (
	hangConnect = "connect"
	hangData    = "data"
)

// fill sets what depends on other flags.
func (o *Options) fill() {
	if o.Floor == 0 {
		o.Floor = min(o.members, mostFloor)
	}
	if o.queued == 0 {
		o.queued = min(o.members, mostQueued)
	}
	o.cutoffs = min(o.cutoffs, o.members/5)
}

// check refuses what cannot be measured.
func (o Options) check() error {
	most := setup.MaxMembers - 1 - 2*o.queued
	switch {
	case o.members < 50 || o.members > most:
		return fmt.Errorf("--members is %d: give 50 to %d", o.members, most)
	case o.Concurrency < 1 || o.MailConcurrency < 1:
		return fmt.Errorf("--concurrency is %d and --mail-concurrency is %d: both must be at least 1", o.Concurrency, o.MailConcurrency)
	case o.cutoffs < 1:
		return fmt.Errorf("--cutoffs is %d: give at least 1", o.cutoffs)
	case o.Floor < 2:
		return fmt.Errorf("--floor is %d: give at least 2", o.Floor)
	case o.queued < probesFor(o.cutoffs):
		return fmt.Errorf("--queued is %d: give at least %d, so that the queue lasts for %d cut-offs", o.queued, probesFor(o.cutoffs), o.cutoffs)
	case o.hang != hangConnect && o.hang != hangData:
		return fmt.Errorf("--hang is %q: give %s or %s", o.hang, hangConnect, hangData)
	default:
		return nil
	}
}

// measure does all of `bench operator`, and takes down what it set up.
func measure(ctx context.Context, i setup.Installation, o Options) (_ *operatorReport, err error) {
	w := New(i, o)
	defer func() { err = errors.Join(err, w.Close(err != nil)) }() //nolint:contextcheck // a mail server waits for its own goroutines
	for _, step := range []func(context.Context) error{
		w.Open, w.MeasureFloor, w.measureLoad, w.measureGrowth, w.MeasureFloor,
		w.measureRestart, w.measureFullQueue, w.measureHang,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	w.report.Floor, w.report.Mails = w.Floor, w.letters.counts()
	w.report.judge()
	return w.report, nil
}
