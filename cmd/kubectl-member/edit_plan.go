package main

import (
	"slices"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// editPlan is what is to be done to each member.
type editPlan struct {
	// spec are the fields that do not depend on those there are.
	spec map[string]any
	// add and remove change the skill groups there are.
	add    []v1alpha1.SkillGroupReference
	remove []string
	// addTeams and removeTeams change the teams there are.
	addTeams, removeTeams []string
}

// plan reads the flags.
func (asked edits) plan(command *cobra.Command) (plan editPlan, err error) {
	if plan.spec, err = givenTexts(command); err != nil {
		return plan, err
	}
	if command.Flags().Changed("active") {
		plan.spec["active"] = asked.active
	}
	if err := asked.planGroups(command, &plan); err != nil {
		return plan, err
	}
	if err := asked.planTeams(command, &plan); err != nil {
		return plan, err
	}
	if len(plan.spec) == 0 && !plan.changesLists() {
		return plan, usage("nothing to change: give a flag such as --nickname, see %s --help", command.CommandPath())
	}
	return plan, nil
}

// planGroups reads the flags for skill groups.
func (asked edits) planGroups(command *cobra.Command, plan *editPlan) (err error) {
	if plan.add, err = parseGroups("add-group", asked.addGroups); err != nil {
		return err
	}
	plan.remove = asked.removeGroups
	isSet := command.Flags().Changed("set-group")
	if isSet {
		groups, err := parseGroups("set-group", withoutEmpty(asked.setGroups))
		if err != nil {
			return err
		}
		plan.spec["skillGroups"] = withDefaultPriorities(groups)
	}
	for _, group := range plan.add {
		if slices.Contains(plan.remove, group.Name) {
			return usage("--add-group and --remove-group both name %s: give one or the other", group.Name)
		}
	}
	if isSet && (len(plan.add) > 0 || len(plan.remove) > 0) {
		return usage("--set-group together with --add-group or --remove-group: --set-group alone names all skill groups")
	}
	return nil
}

// planTeams reads the flags for teams.
func (asked edits) planTeams(command *cobra.Command, plan *editPlan) (err error) {
	if plan.addTeams, err = parseTeams("add-team", asked.addTeams); err != nil {
		return err
	}
	plan.removeTeams = asked.removeTeams
	isSet := command.Flags().Changed("team")
	if isSet {
		teams, err := parseTeams("team", withoutEmpty(asked.setTeams))
		if err != nil {
			return err
		}
		plan.spec["teams"] = orNoTeams(teams)
	}
	for _, team := range plan.addTeams {
		if slices.Contains(plan.removeTeams, team) {
			return usage("--add-team and --remove-team both name %s: give one or the other", team)
		}
	}
	if isSet && (len(plan.addTeams) > 0 || len(plan.removeTeams) > 0) {
		return usage("--team together with --add-team or --remove-team: --team alone names all teams")
	}
	return nil
}

// withoutEmpty are the words that say something: a flag with an empty value has one
// that does not.
func withoutEmpty(words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == "" })
}

// orNoTeams is what a patch writes of teams: nil for none, which removes the field.
func orNoTeams(teams []string) any {
	if len(teams) == 0 {
		return nil
	}
	return teams
}

// changesLists is whether the skill groups or teams there are have to be known.
func (plan editPlan) changesLists() bool {
	return len(plan.add) > 0 || len(plan.remove) > 0 || len(plan.addTeams) > 0 || len(plan.removeTeams) > 0
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

// teams are what a patch writes of the teams after the change, and whether they are
// others than before.
func (plan editPlan) teams(before []string) (after any, differs bool) {
	teams := slices.DeleteFunc(slices.Clone(before), func(team string) bool { return slices.Contains(plan.removeTeams, team) })
	for _, team := range plan.addTeams {
		if !slices.Contains(teams, team) {
			teams = append(teams, team)
		}
	}
	return orNoTeams(teams), !slices.Equal(before, teams)
}
