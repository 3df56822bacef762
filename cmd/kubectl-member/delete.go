package main

import (
	"context"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// newDeleteCommand is `kubectl member delete`.
func newDeleteCommand(s *session) *cobra.Command {
	var chosen selection
	var options changeOptions
	command := &cobra.Command{
		Use:   "delete (NAME... | -l SELECTOR | --group GROUP)",
		Short: "Delete members, with their login credentials",
		Long: `Delete members. Their login credentials and permissions go with them; skill
groups stay. To keep somebody from logging in for a while, and keep the password,
use force-offline; to keep everything but the login, use edit --active=false.

A member who is in Git comes back at the next synchronisation: delete there.`,
		Example: `  # Delete one member
  kubectl member delete ana

  # Delete everybody with a label that you have given, and wait until they are gone
  kubectl member delete -l example.com/team=online --wait

  # See who would be deleted
  kubectl member delete --group billing --dry-run=server`,
		ValidArgsFunction: completeMembers(s),
		RunE: func(command *cobra.Command, arguments []string) error {
			chosen.names = arguments
			return s.runChange(command, chosen, options, change{
				ask: "Delete %s", act: deleteMember, settled: untilGone,
			})
		},
	}
	addSelectionFlags(s, command, &chosen)
	options.addTo(command, "the members are gone", true)
	return command
}

// deleteMember deletes a Member, and not another one of its name.
func deleteMember(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode dryRun) (string, error) {
	if mode == dryRunClient {
		return "deleted", nil
	}
	options := []client.DeleteOption{client.Preconditions{UID: &member.UID}}
	if mode == dryRunServer {
		options = append(options, client.DryRunAll)
	}
	return "deleted", retried(ctx, isBusy, func() error {
		return cluster.Delete(ctx, &v1alpha1.Member{ObjectMeta: member.ObjectMeta}, options...)
	})
}

// untilGone waits until a Member is gone. Another one may have its name by then.
func untilGone(deleted *v1alpha1.Member) settledFunc {
	return func(member *v1alpha1.Member) standing {
		switch {
		case member == nil || member.UID != deleted.UID:
			return standing{}
		case len(member.Finalizers) > 0:
			return standing{missing: "it is being deleted, and waits for the finalizers " + someNames(member.Finalizers)}
		default:
			return standing{missing: "it is not gone yet"}
		}
	}
}
