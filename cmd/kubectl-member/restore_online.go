package main

import (
	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/await"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
	"rollcall.dev/rollcall/cmd/kubectl-member/write"
)

func newRestoreOnlineCommand(s *cli.Session) *cobra.Command {
	var chosen query.Selection
	var options write.Options
	command := &cobra.Command{
		Use:   "restore-online (NAME... | -l SELECTOR | --group GROUP)",
		Short: "Let members log in again after force-offline",
		Long: `Let members log in again after force-offline, with the password they have. The command
removes spec.forceOffline, spec.forceOfflineUntil, and spec.forceOfflineReason.`,
		Example: `  # Let one member log in again
  kubectl member restore-online ana

  # A whole skill group, and wait for the operator
  kubectl member restore-online --group billing --wait`,
		ValidArgsFunction: query.CompleteMembers(s),
		RunE: func(command *cobra.Command, arguments []string) error {
			chosen.Names = arguments
			return write.Run(s, command, chosen, options, write.Change{
				Question: "Restore %s online", Apply: write.RestoreOnline, Condition: await.LoginAsSpecified(s.Now),
			})
		},
	}
	query.AddSelectionFlags(s, command, &chosen)
	options.AddFlags(command, "login is allowed, or denied for another reason", true)
	return command
}
