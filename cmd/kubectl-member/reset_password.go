package main

import (
	"time"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/await"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
	"rollcall.dev/rollcall/cmd/kubectl-member/write"
)

func newResetPasswordCommand(s *cli.Session) *cobra.Command {
	var chosen query.Selection
	var options write.Options
	var value string
	command := &cobra.Command{
		Use:   "reset-password (NAME... | -l SELECTOR | --group GROUP)",
		Short: "Issue and mail new passwords",
		Long: `Issue and mail new passwords. The old ones become invalid.

The command writes spec.passwordReset. With a --value of your own, such as a ticket
number, you can repeat the command, and it resets nothing twice. Without --value, each
run resets again. A member whose login is denied gets the e-mail when login is allowed
again.`,
		Example: `  # Reset one password
  kubectl member reset-password ana

  # Reset those of a skill group, and wait until the mail server accepted the e-mails
  kubectl member reset-password --group billing --wait --timeout 5m

  # Once for a ticket, even if it runs again
  kubectl member reset-password ana --value TICKET-4711`,
		ValidArgsFunction: query.CompleteMembers(s),
		RunE: func(command *cobra.Command, arguments []string) error {
			chosen.Names = arguments
			switch {
			case !command.Flags().Changed("value"):
				value = s.Now().UTC().Format(time.RFC3339Nano)
			case value == "":
				return cli.UsageErrorf("--value is empty, which resets nothing: give a value, or omit --value")
			case len([]rune(value)) > 64:
				return cli.UsageErrorf("--value has %d characters: at most 64 are allowed", len([]rune(value)))
			}
			return write.Run(s, command, chosen, options, write.Change{
				Question: "Reset the passwords of %s", Apply: write.ResetPassword(value), Condition: await.PasswordReset,
			})
		},
	}
	query.AddSelectionFlags(s, command, &chosen)
	command.Flags().StringVar(&value, "value", "", "The value for spec.passwordReset, at most 64 characters; by default the current time")
	options.AddFlags(command, "the new passwords are issued and, if the contact center sends mail, the mail server accepted the e-mails", true)
	return command
}
