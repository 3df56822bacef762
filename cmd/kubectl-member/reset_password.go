package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// newResetPasswordCommand is `kubectl member reset-password`.
func newResetPasswordCommand(s *session) *cobra.Command {
	var chosen selection
	var options changeOptions
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
		ValidArgsFunction: completeMembers(s),
		RunE: func(command *cobra.Command, arguments []string) error {
			chosen.names = arguments
			switch {
			case !command.Flags().Changed("value"):
				value = s.now().UTC().Format(time.RFC3339Nano)
			case value == "":
				return usage("--value is empty, which resets nothing: give a value, or leave --value out")
			case len([]rune(value)) > 64:
				return usage("--value has %d characters: 64 are allowed", len([]rune(value)))
			}
			return s.runChange(command, chosen, options, change{
				ask: "Reset the passwords of %s", act: resetPassword(value), settled: untilReset,
			})
		},
	}
	addSelectionFlags(s, command, &chosen)
	command.Flags().StringVar(&value, "value", "", "What to write to spec.passwordReset, at most 64 characters; by default the time")
	options.addTo(command, "the new passwords are issued and, if the contact centre mails, the mail server took the letters", true)
	return command
}

// resetPassword asks for a new password by a value. One that was handled last
// would reset nothing, so nothing is written.
func resetPassword(value string) func(context.Context, client.Client, *v1alpha1.Member, dryRun) (string, error) {
	return func(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode dryRun) (string, error) {
		if held := member.Status.Credentials; held != nil && held.PasswordReset == value {
			return unchanged, nil
		}
		return rewrite(ctx, cluster, member, map[string]any{"passwordReset": value}, mode, "password reset requested")
	}
}

// untilReset waits until the value of spec.passwordReset is handled: the password
// is issued, and mailed if it is to be mailed now.
func untilReset(after *v1alpha1.Member) settledFunc {
	generation := after.Generation
	return func(member *v1alpha1.Member) standing {
		if missing := behind(member, generation); missing != "" {
			return standing{missing: missing}
		}
		held := member.Status.Credentials
		if wanted := member.Spec.PasswordReset; wanted != "" && (held == nil || held.PasswordReset != wanted) {
			return standing{missing: "there is no new password: " + readyMessage(member)}
		}
		mailed := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.PasswordMailedCondition)
		switch {
		case mailed == nil:
			return standing{missing: "the new password is not mailed: " + readyMessage(member)}
		case mailed.Status == metav1.ConditionTrue, mailed.Reason == v1alpha1.ReasonMailNotConfigured, mailed.Reason == v1alpha1.ReasonHeld:
			return standing{}
		default:
			return standing{missing: "the new password is not mailed: " + readyMessage(member)}
		}
	}
}
