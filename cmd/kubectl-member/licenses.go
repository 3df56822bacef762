package main

import (
	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/licensereport"
)

// newLicensesCommand returns `kubectl member licenses`.
func newLicensesCommand(s *cli.Session) *cobra.Command {
	var o licensereport.Options
	command := &cobra.Command{
		Use:     "licenses",
		Aliases: []string{"licences"},
		Short:   "Show how many seats there are, who holds one and who waits for one",
		Long: `Show how many seats the contact centre has of each licence (SEATS), how many members
hold one (USED), how many are free (FREE), and how many members wait for one
(WAITING); then who waits, and who holds one.

Who waits gets the next free seat by itself: of each licence, those first in the list
go first. A member who holds one licence and waits for another is in both lists. Where
seats were taken away, USED is larger than SEATS: nobody loses a seat by that.`,
		Example: `  # Seats, who waits and who holds
  kubectl member licenses

  # The numbers alone
  kubectl member licenses --seats

  # Who waits, with e-mail address, role and login
  kubectl member licenses --waiting -o wide

  # Give somebody a licence, and take one
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
	flags.BoolVar(&o.Seats, "seats", false, "Show the numbers of seats, and nothing else unless asked for")
	flags.BoolVar(&o.Holders, "holders", false, "Show who holds a seat, and nothing else unless asked for")
	flags.BoolVar(&o.Waiting, "waiting", false, "Show who waits for a seat, and nothing else unless asked for")
	return command
}
