package main

import (
	"context"
	"maps"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// edits is what edit is asked for.
type edits struct {
	setGroups, addGroups, removeGroups []string
	setTeams, addTeams, removeTeams    []string
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
an empty value removes the field; then MemberTemplates and the contact centre's
defaults decide about licence, profiles, site and teams. --group chooses members, as
with other verbs; --add-group, --remove-group and --set-group change which skill
groups they are in. A member who names teams has no others from MemberTemplates.

The e-mail address cannot be changed, nor an agent ID that is set: delete the
member and add it again. To edit the manifest as text, use kubectl edit member.`,
		Example: `  # Change a nickname, remove the extension
  kubectl member edit ana --nickname Ani --extension ""

  # Put two members into a skill group, first in line
  kubectl member edit ana ben --add-group billing:1

  # Move everybody of a skill group to another one
  kubectl member edit --group billing --remove-group billing --add-group online-help

  # Give a Premium licence, and one more team
  kubectl member edit ana --license Premium --add-team online

  # Leave the site to the MemberTemplates again
  kubectl member edit ana --site ""

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
	addTextFlags(s, command)
	asked.addTo(s, command)
	options.addTo(command, "the members are Ready", true)
	return command
}

// act edits one member. Skill groups and teams that are added to those there are, are
// written for the version that they were read of, and read again if it is over.
func (plan editPlan) act(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode dryRun) (string, error) {
	if !plan.changesLists() {
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
		if teams, differs := plan.teams(member.Spec.Teams); differs {
			spec["teams"] = teams
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

// addTo adds the flags for what is no text.
func (asked *edits) addTo(s *session, command *cobra.Command) {
	flags := command.Flags()
	flags.StringSliceVar(&asked.addGroups, "add-group", nil, "Put into this skill group, as name or name:priority, or change the priority; may be repeated")
	flags.StringSliceVar(&asked.removeGroups, "remove-group", nil, "Take out of this skill group; may be repeated")
	flags.StringSliceVar(&asked.setGroups, "set-group", nil, "Be in just these skill groups, as name or name:priority; may be repeated; empty: in none")
	flags.StringSliceVar(&asked.setTeams, "team", nil, "Name just these teams; may be repeated; empty: MemberTemplates decide")
	flags.StringSliceVar(&asked.addTeams, "add-team", nil, "Name this team too; may be repeated")
	flags.StringSliceVar(&asked.removeTeams, "remove-team", nil, "Name this team no more; may be repeated")
	flags.BoolVar(&asked.active, "active", true, "Whether the member may log in at all; false keeps everything else")
	for _, flag := range []string{"add-group", "remove-group", "set-group"} {
		completeFlagWith(command, flag, completeGroups(s))
	}
	for _, flag := range []string{"team", "add-team", "remove-team"} {
		completeFlagWith(command, flag, completeTeams(s))
	}
}
