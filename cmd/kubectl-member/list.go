package main

import (
	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// newListCommand returns `kubectl member list`.
func newListCommand(s *cli.Session) *cobra.Command {
	var filter query.MemberFilter
	l := printer.NewMemberListing()
	command := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List members, and find them by what is known of them",
		Long: `List members, and find them by what is known of them. All filters must fit.

Members are read in pages of 500 and written as they come, in the order of their
names. The first page decides how wide the columns of a table are: a longer cell
that comes later moves the rest of its row. With --sort-by everything is read
before anything is written; numbers in a text sort as numbers, and the youngest
come first by age and by since (the last change of the login state).

Role, licence, site, team and profiles are those that count, from whomever they come:
kubectl member show says from whom.`,
		Example: `  # Who may not log in, and why
  kubectl member list --login denied -o wide

  # Find somebody by a part of the name, also that in the cluster, nickname, e-mail
  # address or agent ID
  kubectl member list --search ana

  # Whose password has not reached them
  kubectl member list --mail rejected

  # The supervisors of the group billing, by agent ID
  kubectl member list --role supervisor --group billing --sort-by agentID

  # Who holds a Premium licence at a site, by team
  kubectl member list --license premium --site paris --sort-by team

  # Who holds no licence
  kubectl member list --contact-center-enabled=false

  # For a spreadsheet or a script
  kubectl member list -o csv > members.csv`,
		Args:              cli.NoArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := filter.Normalize(); err != nil {
				return err
			}
			options, err := filter.ListOptions()
			if err != nil {
				return err
			}
			return l.Run(command.Context(), s, filter.Matches, options)
		},
	}
	filter.AddFlags(s, command)
	l.AddFlags(command)
	return command
}
