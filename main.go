// Command rollcall manages the members of a contact center from Kubernetes manifests.
// Without a subcommand it runs the manager.
package main

import (
	"fmt"
	"os"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"

	"rollcall.dev/rollcall/cmd/gate"
	"rollcall.dev/rollcall/cmd/manager"
)

func main() {
	root := manager.Command("rollcall", time.Now)
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(manager.Command("manager", time.Now), gate.Command(time.Now))
	if err := root.ExecuteContext(ctrl.SetupSignalHandler()); err != nil {
		fmt.Fprintf(os.Stderr, "rollcall: %v\n", err)
		os.Exit(1)
	}
}
