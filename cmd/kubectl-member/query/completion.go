// Package query finds Members and other objects: selections, filters, pages, and
// shell completion.
package query

import (
	"context"
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
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
)

// Limits of completion, because a user waits at a prompt.
const (
	// completionTime is how long the cluster may take.
	completionTime = 2 * time.Second
	// completionNames is how many names are offered.
	completionNames = 100
)

// completeUserProfiles completes names of user profiles, including built-in ones.
func completeUserProfiles(s *cli.Session) cobra.CompletionFunc {
	complete := CompleteNames(s, "UserProfile")
	return func(command *cobra.Command, arguments []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		names, directive := complete(command, arguments, begun)
		for _, name := range importplan.BuiltInProfiles {
			if strings.HasPrefix(name, begun) {
				names = append(names, name)
			}
		}
		return names, directive
	}
}

// CompleteOneMember completes the only argument of a verb.
func CompleteOneMember(s *cli.Session) cobra.CompletionFunc {
	complete := CompleteNames(s, "Member")
	return func(command *cobra.Command, arguments []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(arguments) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(command, arguments, begun)
	}
}

// CompleteConnection completes connection flags: namespaces from the cluster, the others from the
// kubeconfig.
func CompleteConnection(s *cli.Session, command *cobra.Command) {
	cli.CompleteFlagFunc(command, "namespace", completeObjects(s, corev1.SchemeGroupVersion.WithKind("Namespace")))
	cli.CompleteFlagFunc(command, "context", completeConfig(s, func(c *api.Config) []string { return slices.Sorted(maps.Keys(c.Contexts)) }))
	cli.CompleteFlagFunc(command, "cluster", completeConfig(s, func(c *api.Config) []string { return slices.Sorted(maps.Keys(c.Clusters)) }))
	cli.CompleteFlagFunc(command, "user", completeConfig(s, func(c *api.Config) []string { return slices.Sorted(maps.Keys(c.AuthInfos)) }))
}

func completeConfig(s *cli.Session, names func(*api.Config) []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		config, err := s.ConfigFlags.ToRawKubeConfigLoader().RawConfig()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		others := func(name string) bool { return !strings.HasPrefix(name, begun) }
		return slices.DeleteFunc(names(&config), others), cobra.ShellCompDirectiveNoFileComp
	}
}

// CompleteNames completes names of one of Rollcall's resource kinds.
func CompleteNames(s *cli.Session, kindName string) cobra.CompletionFunc {
	return completeObjects(s, v1alpha1.GroupVersion.WithKind(kindName))
}

// completeObjects completes names of a kind. It offers nothing on errors: a prompt cannot show
// them.
func completeObjects(s *cli.Session, kind schema.GroupVersionKind) cobra.CompletionFunc {
	return func(command *cobra.Command, arguments []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		cluster, namespace, err := s.Connect()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, stop := context.WithTimeout(command.Context(), completionTime)
		defer stop()
		return namesLike(ctx, cluster, kind, namespace, begun, arguments), cobra.ShellCompDirectiveNoFileComp
	}
}

// namesLike returns names with a prefix, without those that are taken.
func namesLike(ctx context.Context, cluster client.Reader, kind schema.GroupVersionKind, namespace, begun string, taken []string) []cobra.Completion {
	var names []cobra.Completion
	enough := errors.New("enough names")
	// Names found before an error are still offered.
	_ = EachPage(ctx, cluster, Names(kind, "names"), namespace, func(page []*metav1.PartialObjectMetadata) error { //nolint:errcheck // as said above
		for _, object := range page {
			name := object.Name
			if strings.HasPrefix(name, begun) && !slices.Contains(taken, name) {
				names = append(names, name)
			}
			if len(names) == completionNames || name > begun && !strings.HasPrefix(name, begun) {
				return enough
			}
		}
		return nil
	}, client.Limit(2*PageSize))
	return names
}
