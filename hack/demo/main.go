// Command demo shows Rollcall on this machine alone: a Kubernetes control plane,
// a mail server that keeps what it gets, the operator and the login gate with the
// permissions of their own service accounts, the sample contact centre, and a small
// site behind the gate. It stays up until Ctrl-C; with --tour it walks through what
// members go through, and ends.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

func main() {
	options := options{}
	flag.StringVar(&options.dir, "dir", "", "folder for everything that the demo makes (default: a new temporary folder)")
	flag.BoolVar(&options.tour, "tour", false, "walk through reset, force offline, restore, the login gate, roles, import, licences and delete, and end; "+
		"the exit status is 0 only if every step did what it says")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "demo: unknown argument %q: see --help\n", flag.Arg(0))
		os.Exit(2)
	}
	ctrl.SetLogger(logr.Discard())

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, options, &console{out: os.Stdout})
	stop()
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "demo: interrupted before it was done")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
