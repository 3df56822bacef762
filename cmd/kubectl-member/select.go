package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// selection is which members a verb is for: those named, or those that match the
// label selector and are in the skill group. There is no way to say all of them.
type selection struct {
	names           []string
	selector, group string
}

// addSelectionFlags adds --selector and --group to a verb that also takes names.
func addSelectionFlags(s *session, command *cobra.Command, chosen *selection) {
	command.Flags().StringVarP(&chosen.selector, "selector", "l", "", "Members with these labels, for example team=night,site in (paris,lyon)")
	command.Flags().StringVar(&chosen.group, "group", "", "Members who are in this skill group, whoever put them there")
	completeFlagWith(command, "group", completeGroups(s))
}

// target is a member that was chosen.
type target struct {
	member v1alpha1.Member
	// problem is why the member cannot be had; then only its name is known.
	problem error
}

// check refuses a selection that makes no sense, before anything is read.
func (chosen selection) check(verb string) error {
	selects := chosen.selector != "" || chosen.group != ""
	switch {
	case len(chosen.names) > 0 && selects:
		return usage("names and --selector or --group together: give one or the other")
	case len(chosen.names) == 0 && !selects:
		return usage("no member named: give names, --selector or --group; see kubectl member %s --help", verb)
	case slices.Contains(chosen.names, ""):
		return usage("an empty name: give the name of a member; see kubectl member list")
	}
	if _, err := labels.Parse(chosen.selector); err != nil {
		return usage("--selector %s: %w", chosen.selector, err)
	}
	return nil
}

// selected finds the members of a selection: those named in the order in which
// they are named, each once, others by name. Members who cannot be had are among
// them, with the problem; that there is nobody at all is an error.
func (s *session) selected(ctx context.Context, cluster client.WithWatch, namespace string, chosen selection) ([]target, error) {
	if len(chosen.names) > 0 {
		return named(ctx, cluster, namespace, chosen.names), nil
	}
	wanted, err := labels.Parse(chosen.selector)
	if err != nil {
		return nil, usage("--selector %s: %w", chosen.selector, err)
	}
	var found []target
	err = eachPage(ctx, cluster, namespace, pageSize, func(page []v1alpha1.Member) error {
		for _, member := range page {
			if chosen.group == "" || isInGroup(&member, chosen.group) {
				found = append(found, target{member: member})
			}
		}
		return nil
	}, client.MatchingLabelsSelector{Selector: wanted})
	if err != nil {
		return nil, explained("", namespace, err)
	}
	if len(found) == 0 {
		return nil, nobody(ctx, cluster, namespace, chosen)
	}
	return found, nil
}

// named reads members by name.
func named(ctx context.Context, cluster client.Client, namespace string, names []string) []target {
	var distinct []string
	for _, name := range names {
		if !slices.Contains(distinct, name) {
			distinct = append(distinct, name)
		}
	}
	found := make([]target, len(distinct))
	read := inOrder(ctx, len(distinct), func(ctx context.Context, i int) target {
		found := target{}
		key := client.ObjectKey{Namespace: namespace, Name: distinct[i]}
		found.problem = retried(ctx, isBusy, func() error { return cluster.Get(ctx, key, &found.member) })
		return found
	}, func(i int, got target) { found[i] = got })
	for i := range found {
		if i >= read {
			found[i].problem = ctx.Err()
		}
		found[i].member.Namespace, found[i].member.Name = namespace, distinct[i]
	}
	return found
}

// isInGroup is whether a member really is in a skill group.
func isInGroup(member *v1alpha1.Member, group string) bool {
	return slices.ContainsFunc(member.Status.SkillGroups, func(membership v1alpha1.SkillGroupMembership) bool {
		return membership.Name == group
	})
}

// nobody says that nobody was selected, and by what.
func nobody(ctx context.Context, cluster client.Client, namespace string, chosen selection) error {
	by := ""
	if chosen.selector != "" {
		by = fmt.Sprintf(" with labels %s", chosen.selector)
	}
	if chosen.group != "" {
		err := cluster.Get(ctx, client.ObjectKey{Namespace: namespace, Name: chosen.group}, &v1alpha1.SkillGroup{})
		if apierrors.IsNotFound(err) {
			return fmt.Errorf("there is no skill group %s in namespace %s: see kubectl member groups", chosen.group, namespace)
		}
		by += fmt.Sprintf(" in skill group %s", chosen.group)
	}
	return fmt.Errorf("there is no member%s in namespace %s: see kubectl member list", by, namespace)
}
