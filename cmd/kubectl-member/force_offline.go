package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// cutOff is what force-offline is asked for.
type cutOff struct {
	until  string
	length time.Duration
	reason string
}

// newForceOfflineCommand is `kubectl member force-offline`.
func newForceOfflineCommand(s *session) *cobra.Command {
	var chosen selection
	var options changeOptions
	var asked cutOff
	command := &cobra.Command{
		Use:   "force-offline (NAME... | -l SELECTOR | --group GROUP) [--until TIME | --for DURATION]",
		Short: "Deny members login, at once",
		Long: `Deny members login, at once. Password and skill groups stay.

Without --until and --for login is denied until restore-online (spec.forceOffline);
with one of them it is allowed again by itself then (spec.forceOfflineUntil). What
an earlier force-offline has said of the time and the reason is replaced.`,
		Example: `  # Until restore-online
  kubectl member force-offline ana --reason "laptop lost"

  # For a shift, or until a time
  kubectl member force-offline ana ben --for 8h
  kubectl member force-offline ana --until 2030-01-01T08:00:00+01:00

  # A whole skill group, without being asked, and wait until it holds
  kubectl member force-offline --group billing --yes --wait`,
		ValidArgsFunction: completeMembers(s),
		RunE: func(command *cobra.Command, arguments []string) error {
			chosen.names = arguments
			until, err := asked.end(command, s.now())
			if err != nil {
				return err
			}
			return s.runChange(command, chosen, options, change{
				ask: "Force %s offline", act: forceOffline(until, asked.reason), settled: func(after *v1alpha1.Member) settledFunc { return s.untilLoginAsAsked(after) },
			})
		},
	}
	addSelectionFlags(s, command, &chosen)
	command.Flags().StringVar(&asked.until, "until", "", "Allow login again by itself at this time (RFC 3339), for example 2030-01-01T08:00:00Z")
	command.Flags().DurationVar(&asked.length, "for", 0, "Allow login again by itself after this time, for example 8h or 90m")
	command.Flags().StringVar(&asked.reason, "reason", "", "Why, for the people who look at the member's status; at most 256 characters")
	completeFlagWith(command, "for", cobra.NoFileCompletions)
	options.addTo(command, "login is denied", true)
	return command
}

// end is when a cut-off is to end, in whole seconds, as the API has them; zero:
// with restore-online.
func (asked cutOff) end(command *cobra.Command, now time.Time) (time.Time, error) {
	isUntil, isFor := command.Flags().Changed("until"), command.Flags().Changed("for")
	switch {
	case len([]rune(asked.reason)) > 256:
		return time.Time{}, usage("--reason has %d characters: 256 are allowed", len([]rune(asked.reason)))
	case isUntil && isFor:
		return time.Time{}, usage("--until and --for together: give one or the other")
	case isFor && asked.length <= 0:
		return time.Time{}, usage("--for %s: must be longer than nothing, for example 8h; to allow login again, use restore-online", asked.length)
	case isFor:
		// Rounded up, so that it is not shorter than asked for.
		return now.Add(asked.length + time.Second - 1).UTC().Truncate(time.Second), nil
	case !isUntil:
		return time.Time{}, nil
	}
	until, err := time.Parse(time.RFC3339, asked.until)
	if err != nil {
		return time.Time{}, usage("--until %q is no time: write it as in RFC 3339 with its zone, for example %s", asked.until, now.Add(time.Hour).UTC().Format(time.RFC3339))
	}
	until = until.UTC().Truncate(time.Second)
	if !until.After(now) {
		return time.Time{}, usage("--until %s has passed (it is %s): give a later time; to allow login again, use restore-online", asked.until, now.UTC().Format(time.RFC3339))
	}
	return until, nil
}

// forceOffline denies login until a time, or until further notice if it is zero.
// Denied is whoever has either of the two fields, so both are settled: one that
// was left from before would make the cut-off longer or end it.
func forceOffline(until time.Time, reason string) func(context.Context, client.Client, *v1alpha1.Member, dryRun) (string, error) {
	spec := map[string]any{"forceOffline": true, "forceOfflineUntil": nil, "forceOfflineReason": nil}
	did := "forced offline"
	if !until.IsZero() {
		at := until.Format(time.RFC3339)
		spec["forceOffline"], spec["forceOfflineUntil"] = nil, at
		did += " until " + at
	}
	if reason != "" {
		spec["forceOfflineReason"] = reason
	}
	return func(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode dryRun) (string, error) {
		return rewrite(ctx, cluster, member, spec, mode, did)
	}
}
