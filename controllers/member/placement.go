package member

import (
	"context"
	"slices"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/memberplan"
)

// place finds out what of a resolution exists and fits together.
func (r *reconciler) place(ctx context.Context, namespace string, resolved assignment.Resolution, profileFound bool) (memberplan.Placement, error) {
	placed := memberplan.Placement{
		Requested: resolved.Site.Name != "" || len(resolved.Teams) > 0 || resolved.DesktopProfile.Name != "" || resolved.UserProfile.Name != "",
	}
	if !placed.Requested {
		return placed, nil
	}
	if err := r.placeAtSite(ctx, namespace, resolved.Site, &placed); err != nil {
		return placed, err
	}
	if err := r.placeInTeams(ctx, namespace, resolved, &placed); err != nil {
		return placed, err
	}
	if asked := resolved.UserProfile; asked.Name != "" && !profileFound {
		placed.Fail(v1alpha1.ReasonProfileNotFound, "no UserProfile is named %s (from %s), so the member has no permissions", asked.Name, asked.Source)
	}
	return placed, r.placeWithDesktopProfile(ctx, namespace, resolved.DesktopProfile, &placed)
}

// placeAtSite finds out whether there is the site.
func (r *reconciler) placeAtSite(ctx context.Context, namespace string, asked v1alpha1.Assignment, placed *memberplan.Placement) error {
	if asked.Name == "" {
		return nil
	}
	site, err := kube.Find[v1alpha1.Site](ctx, r.Client, client.ObjectKey{Namespace: namespace, Name: asked.Name})
	switch {
	case err != nil:
		return err
	case site == nil:
		placed.Fail(v1alpha1.ReasonSiteNotFound, "no Site is named %s (from %s)", asked.Name, asked.Source)
	default:
		placed.Site = asked
	}
	return nil
}

// placeWithDesktopProfile finds out whether there is the desktop profile.
func (r *reconciler) placeWithDesktopProfile(ctx context.Context, namespace string, asked v1alpha1.Assignment, placed *memberplan.Placement) error {
	if asked.Name == "" {
		return nil
	}
	profile, err := kube.Find[v1alpha1.DesktopProfile](ctx, r.Client, client.ObjectKey{Namespace: namespace, Name: asked.Name})
	switch {
	case err != nil:
		return err
	case profile == nil:
		placed.Fail(v1alpha1.ReasonProfileNotFound, "no DesktopProfile is named %s (from %s)", asked.Name, asked.Source)
	default:
		placed.DesktopProfile = asked
	}
	return nil
}

// placeInTeams keeps the teams that the member can be in.
func (r *reconciler) placeInTeams(ctx context.Context, namespace string, resolved assignment.Resolution, placed *memberplan.Placement) error {
	for _, asked := range resolved.Teams {
		team, err := kube.Find[v1alpha1.Team](ctx, r.Client, client.ObjectKey{Namespace: namespace, Name: asked.Name})
		switch {
		case err != nil:
			return err
		case team == nil:
			placed.Fail(v1alpha1.ReasonTeamNotFound, "no Team is named %s (from %s)", asked.Name, asked.Source)
		case resolved.Site.Name == "":
			placed.Fail(v1alpha1.ReasonTeamNotAtSite, "Team %s is at Site %s and the member is at none: set spec.site", asked.Name, team.Spec.Site)
		case team.Spec.Site != resolved.Site.Name:
			placed.Fail(v1alpha1.ReasonTeamNotAtSite, "Team %s (from %s) is at Site %s and the member at %s, so it does not count",
				asked.Name, asked.Source, team.Spec.Site, resolved.Site.Name)
		case placed.Site.Name == "":
			// The Site is gone, which has been said.
		case team.Spec.Type == v1alpha1.TeamCapacity:
			placed.Fail(v1alpha1.ReasonTeamTakesNoMembers, "Team %s is of the type Capacity, which takes no members", asked.Name)
		case !team.IsActive():
			placed.Fail(v1alpha1.ReasonTeamTakesNoMembers, "Team %s is not active", asked.Name)
		default:
			placed.Teams = append(placed.Teams, asked)
		}
	}
	slices.SortFunc(placed.Teams, func(a, b v1alpha1.Assignment) int { return strings.Compare(a.Name, b.Name) })
	return nil
}
