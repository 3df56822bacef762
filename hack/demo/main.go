// Command demo runs Rollcall on one machine: a Kubernetes control plane, a mail server
// that saves e-mails, the operator and the login gate with the permissions of their
// service accounts, the sample contact center, and a small site behind the gate. It runs
// until Ctrl-C. With --tour, it demonstrates the actions on members and ends.
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
	flag.StringVar(&options.dir, "dir", "", "folder for all files of the demo (default: a new temporary folder)")
	flag.BoolVar(&options.tour, "tour", false, "demonstrate reset, force offline, restore, the login gate, roles, import, licenses, and delete, then end; "+
		"the exit status is 0 only if every step succeeds")
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
		fmt.Fprintln(os.Stderr, "demo: interrupted before the end")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
