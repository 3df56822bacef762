package main

import (
	"time"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/await"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/write"
)

func newResetPasswordCommand(s *cli.Session) *cobra.Command {
	var value string
	command := write.NewCommand(s, &cobra.Command{
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
	}, "the new passwords are issued and, if the contact center sends mail, the mail server accepted the e-mails", func(command *cobra.Command) (write.Change, error) {
		switch {
		case !command.Flags().Changed("value"):
			value = s.Now().UTC().Format(time.RFC3339Nano)
		case value == "":
			return write.Change{}, cli.UsageErrorf("--value is empty, which resets nothing: give a value, or omit --value")
		case len([]rune(value)) > 64:
			return write.Change{}, cli.UsageErrorf("--value has %d characters: at most 64 are allowed", len([]rune(value)))
		}
		return write.Change{Question: "Reset the passwords of %s", Apply: write.ResetPassword(value), Condition: await.PasswordReset}, nil
	})
	command.Flags().StringVar(&value, "value", "", "The value for spec.passwordReset, at most 64 characters; by default the current time")
	return command
}

type cutOff struct {
	until  string
	length time.Duration
	reason string
}

func newForceOfflineCommand(s *cli.Session) *cobra.Command {
	var asked cutOff
	command := write.NewCommand(s, &cobra.Command{
		Use:   "force-offline (NAME... | -l SELECTOR | --group GROUP) [--until TIME | --for DURATION]",
		Short: "Deny members login immediately",
		Long: `Deny members login immediately. Password and skill groups stay.

Without --until and --for, login is denied until restore-online (spec.forceOffline).
With one of them, it is allowed again at that time (spec.forceOfflineUntil). The
command replaces the time and the reason of an earlier force-offline.`,
		Example: `  # Until restore-online
  kubectl member force-offline ana --reason "laptop lost"

  # For a shift, or until a time
  kubectl member force-offline ana ben --for 8h
  kubectl member force-offline ana --until 2030-01-01T08:00:00+01:00

  # A whole skill group, without a question, and wait for the operator
  kubectl member force-offline --group billing --yes --wait`,
	}, "login is denied", func(command *cobra.Command) (write.Change, error) {
		until, err := asked.end(command, s.Now())
		return write.Change{Question: "Force %s offline", Apply: write.ForceOffline(until, asked.reason), Condition: await.LoginAsSpecified(s.Now)}, err
	})
	command.Flags().StringVar(&asked.until, "until", "", "Allow login again at this time (RFC 3339), for example 2030-01-01T08:00:00Z")
	command.Flags().DurationVar(&asked.length, "for", 0, "Allow login again after this duration, for example 8h or 90m")
	command.Flags().StringVar(&asked.reason, "reason", "", "The reason, which the member's status shows; at most 256 characters")
	cli.CompleteFlagFunc(command, "for", cobra.NoFileCompletions)
	return command
}

// end returns when login is allowed again, in whole seconds as the API stores it. The zero time
// means until restore-online.
func (asked cutOff) end(command *cobra.Command, now time.Time) (time.Time, error) {
	isUntil, isFor := command.Flags().Changed("until"), command.Flags().Changed("for")
	switch {
	case len([]rune(asked.reason)) > 256:
		return time.Time{}, cli.UsageErrorf("--reason has %d characters: at most 256 are allowed", len([]rune(asked.reason)))
	case isUntil && isFor:
		return time.Time{}, cli.UsageErrorf("Use either --until or --for.")
	case isFor && asked.length <= 0:
		return time.Time{}, cli.UsageErrorf("--for %s: must be greater than zero, for example 8h. To allow login again, use restore-online", asked.length)
	case isFor:
		// Rounded up, so that login is not allowed too early.
		return now.Add(asked.length + time.Second - 1).UTC().Truncate(time.Second), nil
	case !isUntil:
		return time.Time{}, nil
	}
	until, err := time.Parse(time.RFC3339, asked.until)
	if err != nil {
		return time.Time{}, cli.UsageErrorf("--until %q is not a time in RFC 3339, for example %s", asked.until, now.Add(time.Hour).UTC().Format(time.RFC3339))
	}
	until = until.UTC().Truncate(time.Second)
	if !until.After(now) {
		return time.Time{}, cli.UsageErrorf("--until %s has passed (it is %s): give a later time. To allow login again, use restore-online", asked.until, now.UTC().Format(time.RFC3339))
	}
	return until, nil
}

func newRestoreOnlineCommand(s *cli.Session) *cobra.Command {
	return write.NewCommand(s, &cobra.Command{
		Use:   "restore-online (NAME... | -l SELECTOR | --group GROUP)",
		Short: "Let members log in again after force-offline",
		Long: `Let members log in again after force-offline, with the password they have. The command
removes spec.forceOffline, spec.forceOfflineUntil, and spec.forceOfflineReason.`,
		Example: `  # Let one member log in again
  kubectl member restore-online ana

  # A whole skill group, and wait for the operator
  kubectl member restore-online --group billing --wait`,
	}, "login is allowed, or denied for another reason", func(*cobra.Command) (write.Change, error) {
		return write.Change{Question: "Restore %s online", Apply: write.RestoreOnline, Condition: await.LoginAsSpecified(s.Now)}, nil
	})
}

func newDeleteCommand(s *cli.Session) *cobra.Command {
	return write.NewCommand(s, &cobra.Command{
		Use:   "delete (NAME... | -l SELECTOR | --group GROUP)",
		Short: "Delete members with their login credentials",
		Long: `Delete members with their login credentials and permissions. Skill groups stay. To
deny login for a while and keep the password, use force-offline. To keep everything
but the login, use edit --active=false.

A member from Git comes back at the next synchronization: delete it there.`,
		Example: `  # Delete one member
  kubectl member delete ana

  # Delete all members with a label, and wait until they are deleted
  kubectl member delete -l example.com/team=online --wait

  # Show which members would be deleted
  kubectl member delete --group billing --dry-run=server`,
	}, "the members are deleted", func(*cobra.Command) (write.Change, error) {
		return write.Change{Question: "Delete %s", Apply: write.Delete, Condition: await.Gone}, nil
	})
}
