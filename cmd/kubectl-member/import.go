package main

import (
	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/importer"
)

// newImportCommand returns `kubectl member import`.
func newImportCommand(s *cli.Session) *cobra.Command {
	var o importer.Options
	command := &cobra.Command{
		Use:   "import FILE|-",
		Short: "Add and change many members from a csv file or an xlsx workbook",
		Long: `Add and change many members from a csv file or an xlsx workbook, of which
kubectl member template writes a template; - reads standard input.

All rows are checked before anything is written. If one is at fault, all faults are
listed as file:row:column, and nothing is written. A row is about the member with
its e-mail address, in any case and under any name; without one it is a new member.

--mode add       adds new members, and leaves those who exist as they are
--mode upsert    also changes those who exist: only fields whose column the file has.
                 An empty cell removes the field; e-mail address and agent ID stay.
--mode sync      also deletes members whom an import has made and the file lacks.
                 It shows them, and asks.

A csv file of the users of Webex Control Hub is known by its header. Of it, names,
e-mail addresses and the two services of Webex Contact Center are read, which are
licences here: an empty cell says nothing, and leaves a new member's to the
MemberTemplates; TRUE for both is Premium. New people with FALSE and no TRUE there
are left out: they use other services of Webex.

--services add         TRUE gives a licence, FALSE changes nothing
--services add-remove  FALSE also takes one; FALSE for both is spec.license: None
--all-users            adds also those who have no service there

Importing the same file again changes nothing and mails nobody, so an import that
was interrupted goes on where it was.`,
		Example: `  # From the template to new members
  kubectl member template -f members.xlsx
  kubectl member import members.xlsx --dry-run=server
  kubectl member import members.xlsx --wait

  # Change what the file says otherwise
  kubectl member import members.csv --mode upsert

  # From Webex Control Hub, with the licences as they are there
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
		return cli.UsageErrorf("name one file, or - for standard input, and write --dry-run=server with =: see kubectl member import --help")
	default:
		return cli.UsageErrorf("name one file, or - for standard input: see kubectl member import --help")
	}
}
