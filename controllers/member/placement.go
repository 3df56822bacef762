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

// observePlacement returns the part of a resolution that exists and fits together.
func (r *reconciler) observePlacement(ctx context.Context, namespace string, resolved assignment.Resolution, profileFound bool) (memberplan.Placement, error) {
	placement := memberplan.Placement{
		Requested: resolved.Site.Name != "" || len(resolved.Teams) > 0 || resolved.DesktopProfile.Name != "" || resolved.UserProfile.Name != "",
	}
	if !placement.Requested {
		return placement, nil
	}
	if err := r.addSite(ctx, namespace, resolved.Site, &placement); err != nil {
		return placement, err
	}
	if err := r.addTeams(ctx, namespace, resolved, &placement); err != nil {
		return placement, err
	}
	if requested := resolved.UserProfile; requested.Name != "" && !profileFound {
		placement.Fail(v1alpha1.ReasonProfileNotFound, "No UserProfile is named %s (from %s), so the member has no permissions.", requested.Name, requested.Source)
	}
	return placement, r.addDesktopProfile(ctx, namespace, resolved.DesktopProfile, &placement)
}

// addSite adds the site if it exists.
func (r *reconciler) addSite(ctx context.Context, namespace string, requested v1alpha1.Assignment, placement *memberplan.Placement) error {
	if requested.Name == "" {
		return nil
	}
	site, err := kube.Find[v1alpha1.Site](ctx, r.Client, client.ObjectKey{Namespace: namespace, Name: requested.Name})
	switch {
	case err != nil:
		return err
	case site == nil:
		placement.Fail(v1alpha1.ReasonSiteNotFound, "No Site is named %s (from %s).", requested.Name, requested.Source)
	default:
		placement.Site = requested
	}
	return nil
}

// addDesktopProfile adds the desktop profile if it exists.
func (r *reconciler) addDesktopProfile(ctx context.Context, namespace string, requested v1alpha1.Assignment, placement *memberplan.Placement) error {
	if requested.Name == "" {
		return nil
	}
	profile, err := kube.Find[v1alpha1.DesktopProfile](ctx, r.Client, client.ObjectKey{Namespace: namespace, Name: requested.Name})
	switch {
	case err != nil:
		return err
	case profile == nil:
		placement.Fail(v1alpha1.ReasonProfileNotFound, "No DesktopProfile is named %s (from %s).", requested.Name, requested.Source)
	default:
		placement.DesktopProfile = requested
	}
	return nil
}

// addTeams adds the teams that the member can be in.
func (r *reconciler) addTeams(ctx context.Context, namespace string, resolved assignment.Resolution, placement *memberplan.Placement) error {
	for _, requested := range resolved.Teams {
		team, err := kube.Find[v1alpha1.Team](ctx, r.Client, client.ObjectKey{Namespace: namespace, Name: requested.Name})
		switch {
		case err != nil:
			return err
		case team == nil:
			placement.Fail(v1alpha1.ReasonTeamNotFound, "No Team is named %s (from %s).", requested.Name, requested.Source)
		case resolved.Site.Name == "":
			placement.Fail(v1alpha1.ReasonTeamNotAtSite, "Team %s is at Site %s, and the member is at none. Set spec.site.", requested.Name, team.Spec.Site)
		case team.Spec.Site != resolved.Site.Name:
			placement.Fail(v1alpha1.ReasonTeamNotAtSite, "Team %s (from %s) is at Site %s, and the member at %s, so the member is not in the team.",
				requested.Name, requested.Source, team.Spec.Site, resolved.Site.Name)
		case placement.Site.Name == "":
			// addSite has reported that the Site does not exist.
		case team.Spec.Type == v1alpha1.TeamCapacity:
			placement.Fail(v1alpha1.ReasonTeamTakesNoMembers, "Team %s has the type Capacity, which takes no members.", requested.Name)
		case !team.IsActive():
			placement.Fail(v1alpha1.ReasonTeamTakesNoMembers, "Team %s is not active.", requested.Name)
		default:
			placement.Teams = append(placement.Teams, requested)
		}
	}
	slices.SortFunc(placement.Teams, func(a, b v1alpha1.Assignment) int { return strings.Compare(a.Name, b.Name) })
	return nil
}
