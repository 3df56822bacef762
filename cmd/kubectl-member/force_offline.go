package main

import (
	"time"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/await"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
	"rollcall.dev/rollcall/cmd/kubectl-member/write"
)

type cutOff struct {
	until  string
	length time.Duration
	reason string
}

func newForceOfflineCommand(s *cli.Session) *cobra.Command {
	var chosen query.Selection
	var options write.Options
	var asked cutOff
	command := &cobra.Command{
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
		ValidArgsFunction: query.CompleteMembers(s),
		RunE: func(command *cobra.Command, arguments []string) error {
			chosen.Names = arguments
			until, err := asked.end(command, s.Now())
			if err != nil {
				return err
			}
			return write.Run(s, command, chosen, options, write.Change{
				Question: "Force %s offline", Apply: write.ForceOffline(until, asked.reason), Condition: await.LoginAsSpecified(s.Now),
			})
		},
	}
	query.AddSelectionFlags(s, command, &chosen)
	command.Flags().StringVar(&asked.until, "until", "", "Allow login again at this time (RFC 3339), for example 2030-01-01T08:00:00Z")
	command.Flags().DurationVar(&asked.length, "for", 0, "Allow login again after this duration, for example 8h or 90m")
	command.Flags().StringVar(&asked.reason, "reason", "", "The reason, which the member's status shows; at most 256 characters")
	cli.CompleteFlagFunc(command, "for", cobra.NoFileCompletions)
	options.AddFlags(command, "login is denied", true)
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
