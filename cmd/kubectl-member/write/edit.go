package write

import (
	"context"
	"maps"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
)

// Apply edits one member. Changes of lists are bound to the version that was read, and read it
// again after a conflict.
func (plan EditPlan) Apply(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (string, error) {
	if !plan.ChangesLists() {
		return setFields(ctx, cluster, member, plan.Spec, mode, "edited")
	}
	first, changed := true, false
	err := apicall.Retry(ctx, apicall.IsTransient, func() (err error) {
		if !first {
			if err := reread(ctx, cluster, member); err != nil {
				return err
			}
		}
		first = false
		spec := maps.Clone(plan.Spec)
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

// reread reads a Member again. Another Member with its name counts as not found.
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

// EditPlan holds the changes of each member.
type EditPlan struct {
	// Spec holds the fields that do not depend on their old values.
	Spec map[string]any
	// Add and Remove change the skill groups of a member.
	Add    []v1alpha1.SkillGroupReference
	Remove []string
	// AddTeams and RemoveTeams change the teams of a member.
	AddTeams, RemoveTeams []string
}

// ChangesLists reports whether the change depends on the current skill groups or teams.
func (plan EditPlan) ChangesLists() bool {
	return len(plan.Add) > 0 || len(plan.Remove) > 0 || len(plan.AddTeams) > 0 || len(plan.RemoveTeams) > 0
}

// groups returns the skill groups after the change, and whether they differ.
func (plan EditPlan) groups(before []v1alpha1.SkillGroupReference) (after []v1alpha1.SkillGroupReference, differs bool) {
	after = slices.DeleteFunc(slices.Clone(before), func(group v1alpha1.SkillGroupReference) bool {
		return slices.Contains(plan.Remove, group.Name)
	})
	for _, group := range plan.Add {
		i := importplan.IndexOfGroup(after, group.Name)
		switch {
		case i < 0:
			after = append(after, importplan.WithDefaultPriorities([]v1alpha1.SkillGroupReference{group})...)
		case group.Priority != 0:
			after[i].Priority = group.Priority
		}
	}
	return after, !slices.Equal(before, after)
}

// teams returns the teams after the change for a patch, and whether they differ.
func (plan EditPlan) teams(before []string) (after any, differs bool) {
	teams := slices.DeleteFunc(slices.Clone(before), func(team string) bool { return slices.Contains(plan.RemoveTeams, team) })
	for _, team := range plan.AddTeams {
		if !slices.Contains(teams, team) {
			teams = append(teams, team)
		}
	}
	return importplan.TeamsPatch(teams), !slices.Equal(before, teams)
}
