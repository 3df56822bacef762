package main

import (
	"context"
	"maps"
	"slices"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// edits is what edit is asked for.
type edits struct {
	setGroups, addGroups, removeGroups []string
	active                             bool
}

// newEditCommand is `kubectl member edit`.
func newEditCommand(s *session) *cobra.Command {
	var chosen selection
	var options changeOptions
	var asked edits
	command := &cobra.Command{
		Use:   "edit (NAME... | -l SELECTOR | --group GROUP) --FIELD VALUE...",
		Short: "Change fields of members",
		Long: `Change fields of members: those whose flags are given, and no others. A flag with
an empty value removes the field. --group chooses members, as with other verbs;
--add-group, --remove-group and --set-group change which skill groups they are in.

The e-mail address cannot be changed, nor an agent ID that is set: delete the
member and add it again. To edit the manifest as text, use kubectl edit member.`,
		Example: `  # Change a nickname, remove the extension
  kubectl member edit ana --nickname Ani --extension ""

  # Put two members into a skill group, first in line
  kubectl member edit ana ben --add-group billing:1

  # Move everybody of a skill group to another one
  kubectl member edit --group sales --remove-group sales --add-group billing

  # Keep somebody from logging in for longer
  kubectl member edit ana --active=false`,
		ValidArgsFunction: completeMembers(s),
		RunE: func(command *cobra.Command, arguments []string) error {
			chosen.names = arguments
			if len(arguments) > 0 && chosen.group != "" {
				return usage("--group chooses members, and there are names already: to change which skill groups they are in, use --add-group, --remove-group or --set-group")
			}
			plan, err := asked.plan(command)
			if err != nil {
				return err
			}
			return s.runChange(command, chosen, options, change{
				ask: "Edit %s", act: plan.act,
				settled: func(after *v1alpha1.Member) settledFunc { return untilReady(after.Generation) },
			})
		},
	}
	addSelectionFlags(s, command, &chosen)
	addTextFlags(command)
	flags := command.Flags()
	flags.StringSliceVar(&asked.addGroups, "add-group", nil, "Put into this skill group, as name or name:priority, or change the priority; may be repeated")
	flags.StringSliceVar(&asked.removeGroups, "remove-group", nil, "Take out of this skill group; may be repeated")
	flags.StringSliceVar(&asked.setGroups, "set-group", nil, "Be in just these skill groups, as name or name:priority; may be repeated; empty: in none")
	flags.BoolVar(&asked.active, "active", true, "Whether the member may log in at all; false keeps everything else")
	for _, flag := range []string{"add-group", "remove-group", "set-group"} {
		completeFlagWith(command, flag, completeGroups(s))
	}
	options.addTo(command, "the members are Ready", true)
	return command
}

// editPlan is what is to be done to each member.
type editPlan struct {
	// spec are the fields that do not depend on those there are.
	spec map[string]any
	// add and remove change the skill groups there are.
	add    []v1alpha1.SkillGroupReference
	remove []string
}

// plan reads the flags.
func (asked edits) plan(command *cobra.Command) (plan editPlan, err error) {
	if plan.spec, err = givenTexts(command); err != nil {
		return plan, err
	}
	if plan.add, err = parseGroups("add-group", asked.addGroups); err != nil {
		return plan, err
	}
	if command.Flags().Changed("active") {
		plan.spec["active"] = asked.active
	}
	plan.remove = asked.removeGroups
	isSet := command.Flags().Changed("set-group")
	if isSet {
		words := slices.DeleteFunc(slices.Clone(asked.setGroups), func(word string) bool { return word == "" })
		groups, err := parseGroups("set-group", words)
		if err != nil {
			return plan, err
		}
		plan.spec["skillGroups"] = withDefaultPriorities(groups)
	}
	for _, group := range plan.add {
		if slices.Contains(plan.remove, group.Name) {
			return plan, usage("--add-group and --remove-group both name %s: give one or the other", group.Name)
		}
	}
	switch {
	case isSet && plan.changesGroups():
		return plan, usage("--set-group together with --add-group or --remove-group: --set-group alone names all skill groups")
	case len(plan.spec) == 0 && !plan.changesGroups():
		return plan, usage("nothing to change: give a flag such as --nickname, see %s --help", command.CommandPath())
	}
	return plan, nil
}

// changesGroups is whether the skill groups there are have to be known.
func (plan editPlan) changesGroups() bool { return len(plan.add) > 0 || len(plan.remove) > 0 }

// act edits one member. Skill groups that are added to those there are, are
// written for the version that they were read of, and read again if it is over.
func (plan editPlan) act(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode dryRun) (string, error) {
	if !plan.changesGroups() {
		return rewrite(ctx, cluster, member, plan.spec, mode, "edited")
	}
	first, changed := true, false
	err := retried(ctx, isPassing, func() (err error) {
		if !first {
			if err := reread(ctx, cluster, member); err != nil {
				return err
			}
		}
		first = false
		spec := maps.Clone(plan.spec)
		groups, differs := plan.groups(member.Spec.SkillGroups)
		if differs {
			spec["skillGroups"] = groups
		}
		if len(spec) == 0 {
			return nil
		}
		changed, err = patchVersion(ctx, cluster, member, spec, member.ResourceVersion, mode)
		return err
	})
	if err == nil && !changed {
		return unchanged, nil
	}
	return "edited", err
}

// reread reads a Member again. That another one has its name is a conflict that
// does not pass.
func reread(ctx context.Context, cluster client.Client, member *v1alpha1.Member) error {
	fresh := &v1alpha1.Member{}
	if err := cluster.Get(ctx, client.ObjectKeyFromObject(member), fresh); err != nil {
		return err
	}
	if fresh.UID != member.UID {
		return apierrors.NewNotFound(v1alpha1.GroupVersion.WithResource("members").GroupResource(), member.Name)
	}
	*member = *fresh
	return nil
}

// groups are the skill groups after the change, and whether they are others than
// before.
func (plan editPlan) groups(before []v1alpha1.SkillGroupReference) (after []v1alpha1.SkillGroupReference, differs bool) {
	after = slices.DeleteFunc(slices.Clone(before), func(group v1alpha1.SkillGroupReference) bool {
		return slices.Contains(plan.remove, group.Name)
	})
	for _, group := range plan.add {
		i := indexOfGroup(after, group.Name)
		switch {
		case i < 0:
			after = append(after, withDefaultPriorities([]v1alpha1.SkillGroupReference{group})...)
		case group.Priority != 0:
			after[i].Priority = group.Priority
		}
	}
	return after, !slices.Equal(before, after)
}
