package main

import (
	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/licensereport"
)

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
