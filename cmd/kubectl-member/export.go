package main

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
	"rollcall.dev/rollcall/internal/roster"
)

var exportFormats = []string{string(roster.CSV), string(roster.XLSX), printer.FormatYAML, printer.FormatControlHub}

func newExportCommand(s *cli.Session) *cobra.Command {
	var format, file string
	var filter query.MemberFilter
	command := &cobra.Command{
		Use:   "export [-o csv|xlsx|yaml|controlhub] [-f FILE]",
		Short: "Write members as a sheet to import, or as manifests for Git",
		Long: `Write members as a sheet with the columns of an import, or as manifests for Git.
Importing an export changes nothing.

The Super Admin is left out: ContactCenter.spec.superAdmin describes it. Manifests
leave out values that the operator and the API server fill in, and daily actions:
forcing offline and password resets.

All formats contain what the members' own specs say. For values from MemberTemplates
and defaults, use kubectl member list -o csv.

-o controlhub writes a csv file for Webex Control Hub: names, e-mail addresses, and
the license as the two services of Webex Contact Center. Before you upload it, rename
the columns of the services as in a file that Control Hub has exported, with your
subscription.`,
		Example: `  # A workbook to edit, and to import again
  kubectl member export -f members.xlsx
  kubectl member import members.xlsx --mode upsert

  # The supervisors of the group billing
  kubectl member export --role supervisor --group billing

  # For Webex Control Hub
  kubectl member export -o controlhub -f users.csv

  # Manifests for Git
  kubectl member export -f members.yaml`,
		Args: cli.NoArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			chosen, err := printer.FileFormat(command, format, file, exportFormats...)
			if err != nil {
				return err
			}
			if err := filter.Normalize(); err != nil {
				return err
			}
			return export(command.Context(), s, chosen, file, filter)
		},
	}
	flags := command.Flags()
	flags.StringVarP(&format, "output", "o", string(roster.CSV), "The format: "+strings.Join(exportFormats, ", ")+"; by default that of the file name")
	flags.StringVarP(&file, "filename", "f", "", "The file to write; by default standard output")
	flags.StringVarP(&filter.Selector, "selector", "l", "", "Only members with these labels, as kubectl get -l")
	flags.StringVar(&filter.Role, "role", "", "Only members with this effective role")
	flags.StringVar(&filter.Group, "group", "", "Only members in this skill group")
	cli.CompleteFlag(command, "output", exportFormats...)
	cli.CompleteFlag(command, "role", query.RoleWords...)
	cli.CompleteFlagFunc(command, "group", query.CompleteGroups(s))
	filter.AssignedFilter.AddFlags(s, command)
	return command
}

func export(ctx context.Context, s *cli.Session, format, file string, filter query.MemberFilter) error {
	options, err := filter.ListOptions()
	if err != nil {
		return err
	}
	cluster, namespace, err := s.Connect()
	if err != nil {
		return err
	}
	var found exported
	err = query.EachMemberPage(ctx, cluster, namespace, query.PageSize, func(page []v1alpha1.Member) error {
		for i := range page {
			if filter.Matches(&page[i]) {
				found.add(&page[i], format)
			}
		}
		return nil
	}, options...)
	if err != nil {
		return apicall.Explain("", namespace, err)
	}
	if err := printer.WriteFile(s, file, format, func(w io.Writer) error { return found.write(w, format) }); err != nil {
		return err
	}
	if found.superAdmin {
		cli.Say(s.ErrOut, "note: the Super Admin is left out: ContactCenter.spec.superAdmin describes it\n")
	}
	if found.offline > 0 && format == printer.FormatYAML {
		cli.Say(s.ErrOut, "note: %s forced offline, which manifests leave out: use kubectl member force-offline, not Git\n", humanize.Plural(found.offline, "member is", "members are"))
	}
	return nil
}

// exported holds what an export writes, and nothing else of each Member.
type exported struct {
	people     []roster.Person
	manifests  []*v1alpha1.Member
	superAdmin bool
	// offline counts the members that are forced offline, which manifests leave out.
	offline int
}

func (e *exported) add(member *v1alpha1.Member, format string) {
	if member.Name == v1alpha1.SuperAdminMemberName {
		e.superAdmin = true
		return
	}
	if memberinfo.IsForcedOffline(member) {
		e.offline++
	}
	if format == printer.FormatYAML {
		made := importplan.Manifest(member)
		importplan.WithoutDefaults(&made.Spec)
		e.manifests = append(e.manifests, made)
		return
	}
	e.people = append(e.people, importplan.PersonOf(member))
}

func (e *exported) write(w io.Writer, format string) error {
	switch format {
	case printer.FormatYAML:
		return printer.WriteManifests(w, e.manifests)
	case printer.FormatControlHub:
		return roster.WriteControlHub(w, e.people)
	}
	return roster.Write(w, roster.Format(format), e.people)
}
