package query

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
)

// atATime is how many members are read at the same time.
const atATime = 8

// Selection says which members a verb changes: those named, or those that match the label selector
// and are in the skill group. It cannot select all members.
type Selection struct {
	Names           []string
	selector, Group string
}

// AddSelectionFlags adds --selector and --group to a verb that also takes names.
func AddSelectionFlags(s *cli.Session, command *cobra.Command, chosen *Selection) {
	command.Flags().StringVarP(&chosen.selector, "selector", "l", "", "Members with these labels, for example team=night,site in (paris,lyon)")
	command.Flags().StringVar(&chosen.Group, "group", "", "Members in this skill group")
	cli.CompleteFlagFunc(command, "group", CompleteNames(s, "SkillGroup"))
}

// Target is a selected member.
type Target struct {
	Member v1alpha1.Member
	// Err is why the member could not be read. Then only its name is known.
	Err error
}

// Check refuses an invalid selection before anything is read.
func (chosen Selection) Check(verb string) error {
	selects := chosen.selector != "" || chosen.Group != ""
	switch {
	case len(chosen.Names) > 0 && selects:
		return cli.UsageErrorf("Use either names, or --selector and --group")
	case len(chosen.Names) == 0 && !selects:
		return cli.UsageErrorf("no member selected: give names, --selector, or --group. Run: kubectl member %s --help", verb)
	case slices.Contains(chosen.Names, ""):
		return cli.UsageErrorf("a name is empty: give the name of a member. Run: kubectl member list")
	}
	if _, err := labels.Parse(chosen.selector); err != nil {
		return cli.UsageErrorf("--selector %s: %w", chosen.selector, err)
	}
	return nil
}

// Select finds the members of a selection: named members in the order of the names, each once, and
// others sorted by name. A member that cannot be read has its error. An empty selection is an
// error.
func Select(ctx context.Context, cluster client.WithWatch, namespace string, chosen Selection) ([]Target, error) {
	if len(chosen.Names) > 0 {
		return named(ctx, cluster, namespace, chosen.Names), nil
	}
	options, err := LabelOption(chosen.selector)
	if err != nil {
		return nil, err
	}
	var found []Target
	err = Each(ctx, cluster, Members, namespace, func(member *v1alpha1.Member) {
		if chosen.Group == "" || memberinfo.IsInGroup(member, chosen.Group) {
			found = append(found, Target{Member: *member})
		}
	}, options...)
	if err != nil {
		return nil, apicall.Explain("", namespace, err)
	}
	if len(found) == 0 {
		return nil, emptySelection(ctx, cluster, namespace, chosen)
	}
	return found, nil
}

func named(ctx context.Context, cluster client.Client, namespace string, names []string) []Target {
	var distinct []string
	for _, name := range names {
		if !slices.Contains(distinct, name) {
			distinct = append(distinct, name)
		}
	}
	found := make([]Target, len(distinct))
	read := apicall.InOrder(ctx, atATime, len(distinct), func(ctx context.Context, i int) Target {
		found := Target{}
		key := client.ObjectKey{Namespace: namespace, Name: distinct[i]}
		found.Err = apicall.Retry(ctx, apicall.IsBusy, func() error { return cluster.Get(ctx, key, &found.Member) })
		return found
	}, func(i int, got Target) { found[i] = got })
	for i := range found {
		if i >= read {
			found[i].Err = ctx.Err()
		}
		found[i].Member.Namespace, found[i].Member.Name = namespace, distinct[i]
	}
	return found
}

// emptySelection returns the error for a selection without members.
func emptySelection(ctx context.Context, cluster client.Client, namespace string, chosen Selection) error {
	by := ""
	if chosen.selector != "" {
		by = fmt.Sprintf(" with labels %s", chosen.selector)
	}
	if chosen.Group != "" {
		err := cluster.Get(ctx, client.ObjectKey{Namespace: namespace, Name: chosen.Group}, &v1alpha1.SkillGroup{})
		if apierrors.IsNotFound(err) {
			return fmt.Errorf("there is no skill group %s in namespace %s. Run: kubectl member groups", chosen.Group, namespace)
		}
		by += fmt.Sprintf(" in skill group %s", chosen.Group)
	}
	return fmt.Errorf("there is no member%s in namespace %s. Run: kubectl member list", by, namespace)
}
