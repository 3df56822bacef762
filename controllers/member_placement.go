package controllers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// placement is where a Member really is, and with which desktop profile: what of
// that which is asked for exists and fits together.
type placement struct {
	// asked is whether anything is asked for.
	asked bool
	// desktopProfile and site have no name for none. teams are by name.
	desktopProfile, site v1alpha1.Assignment
	teams                []v1alpha1.Assignment
	// problems are what does not exist or does not fit, the gravest first.
	problems []placementProblem
}

// placementProblem is something that does not exist or does not fit.
type placementProblem struct {
	reason, message string
}

func (p *placement) fail(reason, format string, args ...any) {
	p.problems = append(p.problems, placementProblem{reason, fmt.Sprintf(format, args...)})
}

// place finds out what of a resolution exists and fits together.
func (r *MemberReconciler) place(ctx context.Context, namespace string, resolved resolution, profileFound bool) (placement, error) {
	placed := placement{
		asked: resolved.site.Name != "" || len(resolved.teams) > 0 || resolved.desktopProfile.Name != "" || resolved.userProfile.Name != "",
	}
	if !placed.asked {
		return placed, nil
	}
	if err := r.placeAtSite(ctx, namespace, resolved.site, &placed); err != nil {
		return placed, err
	}
	if err := r.placeInTeams(ctx, namespace, resolved, &placed); err != nil {
		return placed, err
	}
	if asked := resolved.userProfile; asked.Name != "" && !profileFound {
		placed.fail(v1alpha1.ReasonProfileNotFound, "no UserProfile is named %s (from %s), so the member has no permissions", asked.Name, asked.Source)
	}
	return placed, r.placeWithDesktopProfile(ctx, namespace, resolved.desktopProfile, &placed)
}

// placeAtSite finds out whether there is the site.
func (r *MemberReconciler) placeAtSite(ctx context.Context, namespace string, asked v1alpha1.Assignment, placed *placement) error {
	if asked.Name == "" {
		return nil
	}
	site, err := find[v1alpha1.Site](ctx, r.Client, client.ObjectKey{Namespace: namespace, Name: asked.Name})
	switch {
	case err != nil:
		return err
	case site == nil:
		placed.fail(v1alpha1.ReasonSiteNotFound, "no Site is named %s (from %s)", asked.Name, asked.Source)
	default:
		placed.site = asked
	}
	return nil
}

// placeWithDesktopProfile finds out whether there is the desktop profile.
func (r *MemberReconciler) placeWithDesktopProfile(ctx context.Context, namespace string, asked v1alpha1.Assignment, placed *placement) error {
	if asked.Name == "" {
		return nil
	}
	profile, err := find[v1alpha1.DesktopProfile](ctx, r.Client, client.ObjectKey{Namespace: namespace, Name: asked.Name})
	switch {
	case err != nil:
		return err
	case profile == nil:
		placed.fail(v1alpha1.ReasonProfileNotFound, "no DesktopProfile is named %s (from %s)", asked.Name, asked.Source)
	default:
		placed.desktopProfile = asked
	}
	return nil
}

// placeInTeams keeps the teams that the member can be in.
func (r *MemberReconciler) placeInTeams(ctx context.Context, namespace string, resolved resolution, placed *placement) error {
	for _, asked := range resolved.teams {
		team, err := find[v1alpha1.Team](ctx, r.Client, client.ObjectKey{Namespace: namespace, Name: asked.Name})
		switch {
		case err != nil:
			return err
		case team == nil:
			placed.fail(v1alpha1.ReasonTeamNotFound, "no Team is named %s (from %s)", asked.Name, asked.Source)
		case resolved.site.Name == "":
			placed.fail(v1alpha1.ReasonTeamNotAtSite, "Team %s is at Site %s and the member is at none: set spec.site", asked.Name, team.Spec.Site)
		case team.Spec.Site != resolved.site.Name:
			placed.fail(v1alpha1.ReasonTeamNotAtSite, "Team %s (from %s) is at Site %s and the member at %s, so it does not count",
				asked.Name, asked.Source, team.Spec.Site, resolved.site.Name)
		case placed.site.Name == "":
			// The Site is gone, which has been said.
		case team.Spec.Type == v1alpha1.TeamCapacity:
			placed.fail(v1alpha1.ReasonTeamTakesNoMembers, "Team %s is of the type Capacity, which takes no members", asked.Name)
		case !team.IsActive():
			placed.fail(v1alpha1.ReasonTeamTakesNoMembers, "Team %s is not active", asked.Name)
		default:
			placed.teams = append(placed.teams, asked)
		}
	}
	slices.SortFunc(placed.teams, func(a, b v1alpha1.Assignment) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// placementResolved is whether all that is asked for exists and fits together. It
// has no reason where nothing is.
func placementResolved(placed placement) verdict {
	switch {
	case !placed.asked:
		return verdict{}
	case len(placed.problems) == 0:
		return yes(v1alpha1.ReasonResolved, "site, teams and profiles are there and fit together")
	}
	messages := make([]string, 0, len(placed.problems))
	for _, problem := range placed.problems {
		messages = append(messages, problem.message)
	}
	return no(placed.problems[0].reason, strings.Join(messages, "; "))
}

// assignment is a pointer for the status; nil for none.
func assignment(assigned v1alpha1.Assignment) *v1alpha1.Assignment {
	if assigned.Name == "" {
		return nil
	}
	return &assigned
}

// maxTemplateUses is the bound of Member.status.templates.
const maxTemplateUses = 32

// placeStatus writes what counts for the Member into its status.
func placeStatus(status *v1alpha1.MemberStatus, o memberObservation) {
	status.License = licenseStatus(o)
	status.Role = nil
	if o.role != o.member.Spec.Role {
		status.Role = assignment(o.resolved.role)
	}
	status.UserProfile = assignment(o.userProfile)
	status.DesktopProfile = assignment(o.placement.desktopProfile)
	status.Site = assignment(o.placement.site)
	status.Teams = o.placement.teams
	status.Templates = o.resolved.uses[:min(len(o.resolved.uses), maxTemplateUses)]
}
