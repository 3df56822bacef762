// Command bench measures Rollcall on this machine, against its goals. `bench operator`
// measures the operator, beside a bare client-go loop that makes the same writes,
// `bench plugin` kubectl member, beside the same, and `bench gate` the login gate,
// beside nginx's own auth_basic.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	ctrl "sigs.k8s.io/controller-runtime"

	"rollcall.dev/rollcall/test/bench/gate"
	"rollcall.dev/rollcall/test/bench/operator"
	"rollcall.dev/rollcall/test/bench/plugin"
	"rollcall.dev/rollcall/test/bench/setup"
)

func main() {
	ctrl.SetLogger(logr.Discard())
	// Threads that sleep between requests, of which there are two at most, keep their
	// place in the scheduler; the rest of the load generator needs its own.
	runtime.GOMAXPROCS(runtime.NumCPU() + 2)
	command := &cobra.Command{
		Use:           "bench",
		Short:         "Measure Rollcall on this machine, against its goals",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	command.CompletionOptions.DisableDefaultCmd = true
	i := setup.Installation{Now: time.Now, Random: rand.Reader}
	command.AddCommand(gate.Command(i), operator.Command(i), plugin.Command(i))

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command.ExecuteContext(ctx)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case err != nil && interrupted && errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "bench: interrupted before it was done")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
