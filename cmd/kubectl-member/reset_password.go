package main

import (
	"time"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/await"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
	"rollcall.dev/rollcall/cmd/kubectl-member/write"
)

// newResetPasswordCommand returns `kubectl member reset-password`.
func newResetPasswordCommand(s *cli.Session) *cobra.Command {
	var chosen query.Selection
	var options write.Options
	var value string
	command := &cobra.Command{
		Use:   "reset-password (NAME... | -l SELECTOR | --group GROUP)",
		Short: "Give members new passwords, and mail them",
		Long: `Give members new passwords, and mail them. The old ones are invalid then.

Writes spec.passwordReset. With a --value of your own, such as the number of a
ticket, the same command can be run again and resets nothing twice; without, each
run resets once more. Who may not log in gets the letter when that is over.`,
		Example: `  # Reset one password
  kubectl member reset-password ana

  # Reset those of a skill group, and wait until the mail server took the letters
  kubectl member reset-password --group billing --wait --timeout 5m

  # Once for a ticket, however often it is run
  kubectl member reset-password ana --value TICKET-4711`,
		ValidArgsFunction: query.CompleteMembers(s),
		RunE: func(command *cobra.Command, arguments []string) error {
			chosen.Names = arguments
			switch {
			case !command.Flags().Changed("value"):
				value = s.Now().UTC().Format(time.RFC3339Nano)
			case value == "":
				return cli.UsageErrorf("--value is empty, which resets nothing: give a value, or leave --value out")
			case len([]rune(value)) > 64:
				return cli.UsageErrorf("--value has %d characters: 64 are allowed", len([]rune(value)))
			}
			return write.Run(s, command, chosen, options, write.Change{
				Question: "Reset the passwords of %s", Apply: write.ResetPassword(value), Condition: await.PasswordReset,
			})
		},
	}
	query.AddSelectionFlags(s, command, &chosen)
	command.Flags().StringVar(&value, "value", "", "What to write to spec.passwordReset, at most 64 characters; by default the time")
	options.AddFlags(command, "the new passwords are issued and, if the contact centre mails, the mail server took the letters", true)
	return command
}
