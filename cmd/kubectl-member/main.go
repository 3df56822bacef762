// Command kubectl-member is the kubectl plug-in `kubectl member`: it lists, shows,
// adds, changes, imports and exports the members of a contact center.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	code := run(ctx, cli.NewSession(streams, time.Now), os.Args[1:])
	stop()
	os.Exit(code)
}
