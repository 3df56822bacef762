package main

import (
	"context"
	_ "embed"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// Bounds of completing names, for whoever waits at a prompt.
const (
	// completionTime is how long the cluster may take.
	completionTime = 2 * time.Second
	// completionNames is how many names are offered.
	completionNames = 100
)

// completeMembers completes names of members, each once.
func completeMembers(s *session) cobra.CompletionFunc {
	return completeNames(s, "Member")
}

// completeGroups completes names of skill groups.
func completeGroups(s *session) cobra.CompletionFunc {
	return completeNames(s, "SkillGroup")
}

// completeTeams completes names of teams.
func completeTeams(s *session) cobra.CompletionFunc {
	return completeNames(s, "Team")
}

// completeUserProfiles completes names of user profiles, also of those that exist by
// themselves.
func completeUserProfiles(s *session) cobra.CompletionFunc {
	complete := completeNames(s, "UserProfile")
	return func(command *cobra.Command, arguments []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		names, directive := complete(command, arguments, begun)
		for _, name := range builtInProfiles {
			if strings.HasPrefix(name, begun) {
				names = append(names, name)
			}
		}
		return names, directive
	}
}

// completeOneMember completes the one name that a verb takes.
func completeOneMember(s *session) cobra.CompletionFunc {
	complete := completeMembers(s)
	return func(command *cobra.Command, arguments []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(arguments) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(command, arguments, begun)
	}
}

// completeConnection completes connection flags: namespaces as the cluster has them, the
// others as the kubeconfig has.
func completeConnection(s *session, command *cobra.Command) {
	completeFlagWith(command, "namespace", completeObjects(s, corev1.SchemeGroupVersion.WithKind("Namespace")))
	completeFlagWith(command, "context", completeConfig(s, func(c *api.Config) []string { return slices.Sorted(maps.Keys(c.Contexts)) }))
	completeFlagWith(command, "cluster", completeConfig(s, func(c *api.Config) []string { return slices.Sorted(maps.Keys(c.Clusters)) }))
	completeFlagWith(command, "user", completeConfig(s, func(c *api.Config) []string { return slices.Sorted(maps.Keys(c.AuthInfos)) }))
}

// completeConfig completes names from the kubeconfig.
func completeConfig(s *session, names func(*api.Config) []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		config, err := s.flags.ToRawKubeConfigLoader().RawConfig()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		others := func(name string) bool { return !strings.HasPrefix(name, begun) }
		return slices.DeleteFunc(names(&config), others), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeNames completes names of one of Rollcall's kinds.
func completeNames(s *session, kindName string) cobra.CompletionFunc {
	return completeObjects(s, v1alpha1.GroupVersion.WithKind(kindName))
}

// completeObjects completes names of a kind. What cannot be found out in time is
// not offered: a prompt is no place for errors.
func completeObjects(s *session, kind schema.GroupVersionKind) cobra.CompletionFunc {
	return func(command *cobra.Command, arguments []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		cluster, namespace, err := s.connect()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, stop := context.WithTimeout(command.Context(), completionTime)
		defer stop()
		return namesLike(ctx, cluster, kind, namespace, begun, arguments), cobra.ShellCompDirectiveNoFileComp
	}
}

// namesLike are names that begin so, but for those that are taken.
func namesLike(ctx context.Context, cluster client.Reader, kind schema.GroupVersionKind, namespace, begun string, taken []string) []cobra.Completion {
	var names []cobra.Completion
	enough := errors.New("enough names")
	// Names found before an error are offered all the same.
	_ = pagesOf(ctx, cluster, nameResource(kind, "names"), namespace, 2*pageSize, func(page []metav1.PartialObjectMetadata) error { //nolint:errcheck // as said above
		for i := range page {
			name := page[i].Name
			if strings.HasPrefix(name, begun) && !slices.Contains(taken, name) {
				names = append(names, name)
			}
			if len(names) == completionNames || name > begun && !strings.HasPrefix(name, begun) {
				return enough
			}
		}
		return nil
	})
	return names
}

// completeFlag completes a flag with words.
func completeFlag(command *cobra.Command, flag string, values ...string) {
	completeFlagWith(command, flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// completeFlagWith completes a flag with a function. A flag that does not exist
// is a mistake in the program.
func completeFlagWith(command *cobra.Command, flag string, complete cobra.CompletionFunc) {
	if err := command.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err)
	}
}

// newCompletionCommand is `kubectl member completion`.
func newCompletionCommand(s *session) *cobra.Command {
	command := &cobra.Command{
		Use:   "completion",
		Short: "Write what a shell needs to complete words",
		Long: `Write what a shell needs to complete words.

kubectl completes the words of a plug-in where it finds a program of the name
kubectl_complete-member on the PATH: kubectl member completion kubectl writes it.
The others are for whoever runs kubectl-member itself.`,
		Example: `  # For kubectl member, where kubectl's own completion is set up
  kubectl member completion kubectl > ~/.local/bin/kubectl_complete-member
  chmod +x ~/.local/bin/kubectl_complete-member

  # For kubectl-member in bash
  source <(kubectl-member completion bash)`,
		Args: knownVerb,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	for _, shell := range []struct {
		name  string
		write func(root *cobra.Command) error
	}{
		{"bash", func(root *cobra.Command) error { return root.GenBashCompletionV2(s.Out, true) }},
		{"zsh", func(root *cobra.Command) error { return root.GenZshCompletion(s.Out) }},
		{"fish", func(root *cobra.Command) error { return root.GenFishCompletion(s.Out, true) }},
		{"powershell", func(root *cobra.Command) error { return root.GenPowerShellCompletionWithDesc(s.Out) }},
		{"kubectl", func(*cobra.Command) error {
			say(s.Out, "%s", kubectlCompletion)
			return nil
		}},
	} {
		command.AddCommand(&cobra.Command{
			Use:               shell.name,
			Short:             "Write what " + shell.name + " needs",
			Example:           "  kubectl member completion " + shell.name,
			Args:              noArguments,
			ValidArgsFunction: cobra.NoFileCompletions,
			RunE:              func(command *cobra.Command, _ []string) error { return shell.write(command.Root()) },
		})
	}
	return command
}

// kubectlCompletion is the program that kubectl runs to complete kubectl member.
//
//go:embed kubectl_complete-member
var kubectlCompletion string
