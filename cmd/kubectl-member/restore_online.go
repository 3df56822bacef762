package main

import (
	"context"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// newRestoreOnlineCommand is `kubectl member restore-online`.
func newRestoreOnlineCommand(s *session) *cobra.Command {
	var chosen selection
	var options changeOptions
	command := &cobra.Command{
		Use:   "restore-online (NAME... | -l SELECTOR | --group GROUP)",
		Short: "Let members who were forced offline log in again",
		Long: `Let members who were forced offline log in again, with the password they have:
takes back spec.forceOffline, spec.forceOfflineUntil and spec.forceOfflineReason.`,
		Example: `  # Let one member log in again
  kubectl member restore-online ana

  # A whole skill group, and wait until they can
  kubectl member restore-online --group billing --wait`,
		ValidArgsFunction: completeMembers(s),
		RunE: func(command *cobra.Command, arguments []string) error {
			chosen.names = arguments
			return s.runChange(command, chosen, options, change{
				ask: "Restore %s online", act: restoreOnline, settled: func(after *v1alpha1.Member) settledFunc { return s.untilLoginAsAsked(after) },
			})
		},
	}
	addSelectionFlags(s, command, &chosen)
	options.addTo(command, "the members may log in, unless something else speaks against it", true)
	return command
}

// restoreOnline takes back all of a cut-off.
func restoreOnline(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode dryRun) (string, error) {
	none := map[string]any{"forceOffline": nil, "forceOfflineUntil": nil, "forceOfflineReason": nil}
	did, err := rewrite(ctx, cluster, member, none, mode, "restored online")
	if err == nil && !isActive(member) {
		did += ", but login stays denied while active is false"
	}
	return did, err
}
