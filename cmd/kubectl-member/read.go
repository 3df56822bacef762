package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/describe"
	"rollcall.dev/rollcall/cmd/kubectl-member/licensereport"
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

func newLicensesCommand(s *cli.Session) *cobra.Command {
	var o licensereport.Options
	command := &cobra.Command{
		Use:     "licenses",
		Aliases: []string{"licences"}, //nolint:misspell // the British spelling stays an alias
		Short:   "Show seats, and the members who hold one or wait for one",
		Long: `Show how many seats the contact center has of each license (SEATS), how many are held
(USED) and free (FREE), and how many members wait for one (WAITING). Then list the
members who wait for a seat and those who hold one.

Waiting members get free seats automatically, in the order of the list. A member who
holds one license and waits for another is in both lists. If seats were removed, USED
is larger than SEATS: members keep their seats.`,
		Example: `  # Seats, and the members who wait for one or hold one
  kubectl member licenses

  # Only the numbers
  kubectl member licenses --seats

  # Waiting members, with e-mail address, role, and login
  kubectl member licenses --waiting -o wide

  # Assign a license, and remove one
  kubectl member edit ana --license Premium
  kubectl member edit ben --license None`,
		Args:              cli.NoArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := o.Normalize(); err != nil {
				return err
			}
			if !o.Seats && !o.Holders && !o.Waiting {
				o.Seats, o.Holders, o.Waiting = true, true, true
			}
			return licensereport.Show(command.Context(), s, o)
		},
	}
	o.Output.AddFlags(command)
	flags := command.Flags()
	flags.BoolVar(&o.Seats, "seats", false, "Show only the numbers of seats")
	flags.BoolVar(&o.Holders, "holders", false, "Show only the members who hold a seat")
	flags.BoolVar(&o.Waiting, "waiting", false, "Show only the members who wait for a seat")
	return command
}

// asScreen is the default output format of show.
const asScreen = "screen"

func newShowCommand(s *cli.Session) *cobra.Command {
	format := asScreen
	command := &cobra.Command{
		Use:   "show NAME",
		Short: "Show whether a member can log in, why not, and what to do",
		Long: `Show whether a member can log in, why not, and what to do. NAME is the name of the
Member, or the e-mail address in the Member's spec.

The managed fields tell which program wrote a field last. They name programs, not
users. The users are in the API server's audit log: see docs/audit.md. The password is
never shown.`,
		Example: `  # Can ana log in? If not, why, and what to do next
  kubectl member show ana

  # The same, by e-mail address
  kubectl member show ana@example.com

  # The whole Member
  kubectl member show ana -o yaml`,
		Args:              oneMember,
		ValidArgsFunction: query.CompleteOneMember(s),
		RunE: func(command *cobra.Command, arguments []string) (err error) {
			if format, err = cli.Choose("output", format, asScreen, printer.FormatYAML, printer.FormatJSON); err != nil {
				return err
			}
			return show(command.Context(), s, arguments[0], format)
		},
	}
	command.Flags().StringVarP(&format, "output", "o", asScreen, "Output format: screen, yaml or json")
	cli.CompleteFlag(command, "output", asScreen, printer.FormatYAML, printer.FormatJSON)
	return command
}

// oneMember requires exactly one argument.
func oneMember(command *cobra.Command, arguments []string) error {
	if len(arguments) == 1 && arguments[0] != "" {
		return nil
	}
	return cli.UsageErrorf("%s takes the name of one member. Run: kubectl member list", command.CommandPath())
}

func show(ctx context.Context, s *cli.Session, name, format string) error {
	cluster, namespace, err := s.Connect()
	if err != nil {
		return err
	}
	member, err := find(ctx, cluster, namespace, name)
	if err != nil {
		return err
	}
	if format != asScreen {
		return printer.WriteManifest(s.Out, format, member)
	}
	return describe.Member(ctx, s, cluster, member)
}

// find reads a Member by its name or e-mail address.
func find(ctx context.Context, cluster client.Client, namespace, name string) (*v1alpha1.Member, error) {
	if strings.Contains(name, "@") {
		var list v1alpha1.MemberList
		if err := cluster.List(ctx, &list, client.InNamespace(namespace), client.MatchingFields{"spec.email": name}, client.Limit(2)); err != nil {
			return nil, apicall.Explain("", namespace, err)
		}
		switch len(list.Items) {
		case 0:
			return nil, fmt.Errorf("no member in namespace %s has the e-mail address %s. To ignore case, run: kubectl member list --search %s", namespace, name, name)
		case 1:
			return &list.Items[0], nil
		default:
			return nil, fmt.Errorf("several members have the e-mail address %s: give a name. Run: kubectl member list --email %s", name, name)
		}
	}
	member := &v1alpha1.Member{}
	err := cluster.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, member)
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("there is no member %s in namespace %s. To search, run: kubectl member list --search %s", name, namespace, name)
	}
	return member, apicall.Explain(name, namespace, err)
}
