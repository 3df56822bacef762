package main

import (
	"context"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
)

// run runs a command line and returns the exit code.
func run(ctx context.Context, s *session, arguments []string) int {
	// Libraries have nothing to say to the user that an error does not.
	ctrllog.SetLogger(logr.Discard())
	command := newRootCommand(s) //nolint:contextcheck // each verb takes the context that cobra gives it
	command.SetArgs(arguments)
	err := command.ExecuteContext(ctx)
	if err != nil && err.Error() != "" {
		say(s.ErrOut, "error: %v\n", err)
	}
	return exitCode(ctx, err)
}

// newRootCommand is `kubectl member` with all its verbs.
func newRootCommand(s *session) *cobra.Command {
	command := &cobra.Command{
		Use:   "kubectl-member",
		Short: "List, add, change, import and export the members of a contact centre",
		Long: `List, add, change, import and export the members of a contact centre that
Rollcall runs. A contact centre is a namespace: choose it with --namespace.

Exit codes: 0 done, 1 failed, 2 wrong command line, 3 done for some members and
not for others, 4 declined, 5 asked for but not done by the operator in time,
130 interrupted.`,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl member"},
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	command.SetIn(s.In)
	command.SetOut(s.Out)
	command.SetErr(s.ErrOut)
	command.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return usage("%w: see %s --help", err, command.CommandPath())
	})
	s.flags.AddFlags(command.PersistentFlags())
	command.AddCommand(verbs(s)...)
	return command
}

// verbs are the commands of kubectl member, in the order of their help.
func verbs(s *session) []*cobra.Command {
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
