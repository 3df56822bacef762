package main

import (
	"slices"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/await"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
	"rollcall.dev/rollcall/cmd/kubectl-member/write"
)

// edits holds the values of the flags of edit that are lists or booleans.
type edits struct {
	setGroups, addGroups, removeGroups []string
	setTeams, addTeams, removeTeams    []string
	active                             bool
}

func newEditCommand(s *cli.Session) *cobra.Command {
	var asked edits
	command := write.NewCommand(s, &cobra.Command{
		Use:   "edit (NAME... | -l SELECTOR | --group GROUP) --FIELD VALUE...",
		Short: "Change fields of members",
		Long: `Change fields of members: only those whose flags are given. An empty value removes
the field. Then MemberTemplates and the contact center's defaults decide about
license, profiles, site, and teams. --group selects members, as in other verbs.
--add-group, --remove-group, and --set-group change their skill groups. A member
with teams of its own gets none from MemberTemplates.

The e-mail address cannot be changed, nor an agent ID that is set: delete the
member, and add it again. To edit the manifest as text, use kubectl edit member.`,
		Example: `  # Change a nickname, remove the extension
  kubectl member edit ana --nickname Ani --extension ""

  # Add two members to a skill group, with the highest priority
  kubectl member edit ana ben --add-group billing:1

  # Move all members of a skill group to another one
  kubectl member edit --group billing --remove-group billing --add-group online-help

  # Assign a Premium license, and one more team
  kubectl member edit ana --license Premium --add-team online

  # Let MemberTemplates decide about the site again
  kubectl member edit ana --site ""

  # Deny login until further notice
  kubectl member edit ana --active=false`,
	}, "the members are Ready", func(command *cobra.Command) (write.Change, error) {
		if len(command.Flags().Args()) > 0 && command.Flag("group").Value.String() != "" {
			return write.Change{}, cli.UsageErrorf("--group selects members, and names are given already. To change skill groups, use --add-group, --remove-group, or --set-group")
		}
		plan, err := asked.plan(command)
		return write.Change{Question: "Edit %s", Apply: plan.Apply, Condition: await.Ready}, err
	})
	addTextFlags(s, command)
	asked.addTo(s, command)
	return command
}

func (asked *edits) addTo(s *cli.Session, command *cobra.Command) {
	flags := command.Flags()
	flags.StringSliceVar(&asked.addGroups, "add-group", nil, "Add to this skill group, as name or name:priority, or change the priority; may be repeated")
	flags.StringSliceVar(&asked.removeGroups, "remove-group", nil, "Remove from this skill group; may be repeated")
	flags.StringSliceVar(&asked.setGroups, "set-group", nil, "Replace all skill groups with these, as name or name:priority; may be repeated; empty removes all")
	flags.StringSliceVar(&asked.setTeams, "team", nil, "Replace all teams with these; may be repeated; empty lets MemberTemplates decide")
	flags.StringSliceVar(&asked.addTeams, "add-team", nil, "Add this team; may be repeated")
	flags.StringSliceVar(&asked.removeTeams, "remove-team", nil, "Remove this team; may be repeated")
	flags.BoolVar(&asked.active, "active", true, "Whether the member may log in; false keeps everything else")
	for _, flag := range []string{"add-group", "remove-group", "set-group"} {
		cli.CompleteFlagFunc(command, flag, query.CompleteNames(s, "SkillGroup"))
	}
	for _, flag := range []string{"team", "add-team", "remove-team"} {
		cli.CompleteFlagFunc(command, flag, query.CompleteNames(s, "Team"))
	}
}

func (asked edits) plan(command *cobra.Command) (plan write.EditPlan, err error) {
	if plan.Spec, err = givenTexts(command); err != nil {
		return plan, err
	}
	if command.Flags().Changed("active") {
		plan.Spec["active"] = asked.active
	}
	if err := asked.planGroups(command, &plan); err != nil {
		return plan, err
	}
	if err := asked.planTeams(command, &plan); err != nil {
		return plan, err
	}
	if len(plan.Spec) == 0 && !plan.ChangesLists() {
		return plan, cli.UsageErrorf("nothing to change: give a flag such as --nickname. Run: %s --help", command.CommandPath())
	}
	return plan, nil
}

func (asked edits) planGroups(command *cobra.Command, plan *write.EditPlan) (err error) {
	if plan.Add, err = parseGroups("add-group", asked.addGroups); err != nil {
		return err
	}
	plan.Remove = asked.removeGroups
	isSet := command.Flags().Changed("set-group")
	if isSet {
		groups, err := parseGroups("set-group", withoutEmpty(asked.setGroups))
		if err != nil {
			return err
		}
		plan.Spec["skillGroups"] = importplan.WithDefaultPriorities(groups)
	}
	var added []string
	for _, group := range plan.Add {
		added = append(added, group.Name)
	}
	return checkLists("group", "--set-group, which replaces all skill groups", isSet, added, plan.Remove)
}

func (asked edits) planTeams(command *cobra.Command, plan *write.EditPlan) (err error) {
	if plan.AddTeams, err = parseTeams("add-team", asked.addTeams); err != nil {
		return err
	}
	plan.RemoveTeams = asked.removeTeams
	isSet := command.Flags().Changed("team")
	if isSet {
		teams, err := parseTeams("team", withoutEmpty(asked.setTeams))
		if err != nil {
			return err
		}
		plan.Spec["teams"] = importplan.TeamsPatch(teams)
	}
	return checkLists("team", "--team, which replaces all teams", isSet, plan.AddTeams, plan.RemoveTeams)
}

// checkLists refuses contradicting flags for a list.
func checkLists(what, set string, isSet bool, added, removed []string) error {
	for _, name := range added {
		if slices.Contains(removed, name) {
			return cli.UsageErrorf("--add-%s and --remove-%s both name %s: use one of them", what, what, name)
		}
	}
	if isSet && len(added)+len(removed) > 0 {
		return cli.UsageErrorf("Use either %s, or --add-%s and --remove-%s", set, what, what)
	}
	return nil
}

// withoutEmpty returns the words that are not empty: a flag with an empty value has one empty word.
func withoutEmpty(words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == "" })
}
