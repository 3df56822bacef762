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
	"rollcall.dev/rollcall/cmd/kubectl-member/importer"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
	"rollcall.dev/rollcall/internal/roster"
)

func newTemplateCommand(s *cli.Session) *cobra.Command {
	var format, file string
	command := &cobra.Command{
		Use:   "template [-o csv|xlsx] [-f FILE]",
		Short: "Write a template for kubectl member import",
		Long: `Write the template of an import: a sheet with the columns and one example row to
replace. In an xlsx workbook, the columns for phone, agent ID, and extension hold
text, so that a spreadsheet program keeps + and leading zeros.

The command needs no cluster.`,
		Example: `  # An Excel workbook
  kubectl member template -f members.xlsx

  # The columns as csv
  kubectl member template`,
		Args: cli.NoArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			chosen, err := printer.FileFormat(command, format, file, string(roster.CSV), string(roster.XLSX))
			if err != nil {
				return err
			}
			return printer.WriteFile(s, file, chosen, func(w io.Writer) error { return roster.WriteTemplate(w, roster.Format(chosen)) })
		},
	}
	command.Flags().StringVarP(&format, "output", "o", string(roster.CSV), "The format: csv or xlsx; by default that of the file name")
	command.Flags().StringVarP(&file, "filename", "f", "", "The file to write; by default standard output")
	cli.CompleteFlag(command, "output", string(roster.CSV), string(roster.XLSX))
	return command
}

func newImportCommand(s *cli.Session) *cobra.Command {
	var o importer.Options
	command := &cobra.Command{
		Use:   "import FILE|-",
		Short: "Add and change many members from a csv file or an xlsx workbook",
		Long: `Add and change many members from a csv file or an xlsx workbook. For a template,
use kubectl member template. - reads standard input.

All rows are checked before anything is written. If a row has a fault, all faults
are listed as file:row:column, and nothing is written. A row belongs to the member
with its e-mail address, regardless of case and of the Member's name. Without such a
member it is a new member.

--mode add       adds new members, and keeps existing ones as they are
--mode upsert    also changes existing members: only fields with a column in the file.
                 An empty cell removes the field. E-mail address and agent ID stay.
--mode sync      also deletes imported members that are not in the file.
                 It shows them, and asks.

A csv file of the users of Webex Control Hub is detected by its header. Import reads
names, e-mail addresses, and the two services of Webex Contact Center, which become
licenses. An empty cell changes nothing, and lets MemberTemplates decide about a new
member. TRUE for both means Premium. New people with FALSE and no TRUE are left out,
because they use other services of Webex.

--services add         TRUE assigns a license, FALSE changes nothing
--services add-remove  FALSE also removes one; FALSE for both is spec.license: None
--all-users            also adds people without a service

Importing the same file again changes nothing and sends no e-mail. To continue an
interrupted import, run it again.`,
		Example: `  # From the template to new members
  kubectl member template -f members.xlsx
  kubectl member import members.xlsx --dry-run=server
  kubectl member import members.xlsx --wait

  # Change existing members to what the file says
  kubectl member import members.csv --mode upsert

  # From Webex Control Hub, with its licenses
  kubectl member import exported_users.csv --mode upsert --services add-remove

  # Manifests for Git
  kubectl member import members.csv -o yaml > members.yaml`,
		Args: oneFile,
		RunE: func(command *cobra.Command, arguments []string) error {
			o.File = arguments[0]
			if err := o.Check(command); err != nil {
				return err
			}
			return importer.Run(command.Context(), s, o)
		},
	}
	o.AddFlags(command)
	return command
}

// oneFile requires exactly one argument.
func oneFile(command *cobra.Command, arguments []string) error {
	switch {
	case len(arguments) == 1:
		return nil
	case command.Flags().Changed("dry-run"):
		return cli.UsageErrorf("give one file, or - for standard input, and write --dry-run=server with =. Run: kubectl member import --help")
	default:
		return cli.UsageErrorf("give one file, or - for standard input. Run: kubectl member import --help")
	}
}

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
	cli.CompleteFlag(command, "output", exportFormats...)
	filter.AddExportFlags(s, command, "")
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
	err = query.Each(ctx, cluster, query.Members, namespace, func(member *v1alpha1.Member) {
		if filter.Matches(member) {
			found.add(member, format)
		}
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
