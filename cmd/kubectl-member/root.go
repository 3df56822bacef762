package main

import (
	"context"
	"strings"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// run runs a command line and returns the exit code.
func run(ctx context.Context, s *cli.Session, arguments []string) int {
	// Errors carry everything that the user must know of what libraries log.
	ctrllog.SetLogger(logr.Discard())
	command := newRootCommand(s) //nolint:contextcheck // each verb takes the context that cobra gives it
	command.SetArgs(arguments)
	err := command.ExecuteContext(ctx)
	if err != nil && err.Error() != "" {
		cli.Say(s.ErrOut, "error: %v\n", err)
	}
	return cli.ExitCode(ctx, err)
}

// newRootCommand returns `kubectl member` with all its verbs.
func newRootCommand(s *cli.Session) *cobra.Command {
	command := &cobra.Command{
		Use:   "kubectl-member",
		Short: "List, add, change, import, and export the members of a contact center",
		Long: `List, add, change, import, and export the members of a contact center that
Rollcall runs. A contact center is a namespace: select it with --namespace.

Exit codes: 0 done, 1 failed, 2 wrong command line, 3 done for some members only,
4 declined, 5 saved but not carried out by the operator in time, 130 interrupted.`,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl member"},
		Args:          knownVerb,
		RunE:          func(command *cobra.Command, _ []string) error { return command.Help() },
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	command.SetIn(s.In)
	command.SetOut(s.Out)
	command.SetErr(s.ErrOut)
	command.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		// An unknown verb makes all of its flags unknown too: report the verb.
		if unknown := knownVerb(command, command.Flags().Args()); command.HasSubCommands() && unknown != nil {
			return unknown
		}
		return cli.UsageErrorf("%w. Run: %s --help", err, command.CommandPath())
	})
	s.ConnectionFlags = command.PersistentFlags()
	s.ConfigFlags.AddFlags(s.ConnectionFlags)
	query.CompleteConnection(s, command)
	command.AddCommand(verbs(s)...)
	return command
}

// knownVerb refuses an unknown verb and suggests verbs with a similar spelling.
func knownVerb(command *cobra.Command, arguments []string) error {
	const slips = 2
	if len(arguments) == 0 {
		return nil
	}
	suggestion := ""
	command.SuggestionsMinimumDistance = slips
	if alike := command.SuggestionsFor(arguments[0]); len(alike) > 0 {
		suggestion = "did you mean " + strings.Join(alike, " or ") + "? "
	}
	return cli.UsageErrorf("%s has no command %q: %srun %s --help", command.CommandPath(), arguments[0], suggestion, command.CommandPath())
}

// verbs returns the commands of kubectl member, in the order of their help.
func verbs(s *cli.Session) []*cobra.Command {
	return []*cobra.Command{
		newListCommand(s),
		newGroupsCommand(s),
		newLicensesCommand(s),
		newShowCommand(s),
		newAddCommand(s),
		newEditCommand(s),
		newResetPasswordCommand(s),
		newForceOfflineCommand(s),
		newRestoreOnlineCommand(s),
		newDeleteCommand(s),
		newTemplateCommand(s),
		newImportCommand(s),
		newExportCommand(s),
		newCompletionCommand(s),
	}
}
