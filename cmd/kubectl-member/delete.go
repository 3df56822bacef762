package main

import (
	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/await"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
	"rollcall.dev/rollcall/cmd/kubectl-member/write"
)

func newDeleteCommand(s *cli.Session) *cobra.Command {
	var chosen query.Selection
	var options write.Options
	command := &cobra.Command{
		Use:   "delete (NAME... | -l SELECTOR | --group GROUP)",
		Short: "Delete members with their login credentials",
		Long: `Delete members with their login credentials and permissions. Skill groups stay. To
deny login for a while and keep the password, use force-offline. To keep everything
but the login, use edit --active=false.

A member from Git comes back at the next synchronization: delete it there.`,
		Example: `  # Delete one member
  kubectl member delete ana

  # Delete all members with a label, and wait until they are deleted
  kubectl member delete -l example.com/team=online --wait

  # Show which members would be deleted
  kubectl member delete --group billing --dry-run=server`,
		ValidArgsFunction: query.CompleteMembers(s),
		RunE: func(command *cobra.Command, arguments []string) error {
			chosen.Names = arguments
			return write.Run(s, command, chosen, options, write.Change{
				Question: "Delete %s", Apply: write.Delete, Condition: await.Gone,
			})
		},
	}
	query.AddSelectionFlags(s, command, &chosen)
	options.AddFlags(command, "the members are deleted", true)
	return command
}
