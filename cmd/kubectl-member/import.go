package main

import (
	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/importer"
)

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
