package main

import (
	"strings"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

func newGroupsCommand(s *cli.Session) *cobra.Command {
	var search, channel, selector string
	l := printer.NewGroupListing()
	command := &cobra.Command{
		Use:   "groups",
		Short: "List skill groups with their numbers of members",
		Long: `List skill groups, with how many members they have (MEMBERS) and how many of those
are allowed to log in (AVAILABLE). Filters are combined with AND. To list the members
of a group, use kubectl member list --group NAME.`,
		Example: `  # All skill groups
  kubectl member groups

  # Find a group by a part of its name or display name, with its selector
  kubectl member groups --search bill -o wide

  # The telephone group with the fewest available members first
  kubectl member groups --channel phone --sort-by available`,
		Args:              cli.NoArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(command *cobra.Command, _ []string) (err error) {
			if channel != "" {
				if channel, err = cli.Choose("channel", channel, query.ChannelWords...); err != nil {
					return err
				}
			}
			options, err := query.LabelOption(selector)
			if err != nil {
				return err
			}
			matches := func(g *v1alpha1.SkillGroup) bool {
				return (channel == "" || channel == string(g.Spec.Channel)) && query.Contains(search, g.Name, g.Spec.DisplayName)
			}
			return l.Run(command.Context(), s, matches, options)
		},
	}
	command.Flags().StringVar(&search, "search", "", "Only groups whose name or display name contains this, regardless of case")
	command.Flags().StringVar(&channel, "channel", "", "Only groups with this channel: "+strings.Join(query.ChannelWords, ", "))
	command.Flags().StringVarP(&selector, "selector", "l", "", "Only groups with these labels, as kubectl get -l")
	cli.CompleteFlag(command, "channel", query.ChannelWords...)
	l.AddFlags(command)
	return command
}
