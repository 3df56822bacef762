package main

import (
	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

func newListCommand(s *cli.Session) *cobra.Command {
	var filter query.MemberFilter
	l := printer.NewMemberListing()
	command := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List and find members",
		Long: `List and find members. Filters are combined with AND.

Members are read in pages of 500 and written as they come, sorted by name. The first
page decides the widths of the columns of a table: a longer cell on a later page moves
the rest of its row. With --sort-by, everything is read before anything is written.
Numbers in texts sort as numbers. age and since (the last change of the login state)
sort the latest first.

Role, license, site, team, and profiles are effective values. For their sources, use
kubectl member show.`,
		Example: `  # Members who cannot log in, and why
  kubectl member list --login denied -o wide

  # Find a member by a part of the name, Member name, nickname, e-mail address, or
  # agent ID
  kubectl member list --search ana

  # Members whose password e-mail was rejected
  kubectl member list --mail rejected

  # The supervisors of the group billing, by agent ID
  kubectl member list --role supervisor --group billing --sort-by agentID

  # Members at a site with a Premium license, by team
  kubectl member list --license premium --site paris --sort-by team

  # Members without a license
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
