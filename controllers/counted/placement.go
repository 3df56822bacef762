package counted

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// SetupDesktopProfile adds the controller of DesktopProfiles.
func SetupDesktopProfile(mgr manager.Manager, now func() time.Time) error {
	return kube.StatusController[v1alpha1.DesktopProfile, *v1alpha1.DesktopProfile]{
		Name: "desktopprofile", Now: now,
		UpdateStatus: func(ctx context.Context, profile *v1alpha1.DesktopProfile, now metav1.Time) error {
			members, err := kube.CountMembers(ctx, mgr.GetClient(), profile.Namespace, references.DesktopProfileIndex.Name, profile.Name)
			setDesktopProfileStatus(profile, members, now)
			return err
		},
		Watches: []source.Source{
			source.Kind(mgr.GetCache(), &v1alpha1.Member{}, kube.RecountOnMemberChange(references.DesktopProfileIndex.Values)),
		},
	}.Setup(mgr)
}

// setDesktopProfileStatus writes the status of a DesktopProfile with a number of Members.
func setDesktopProfileStatus(profile *v1alpha1.DesktopProfile, members int32, now metav1.Time) {
	status := &profile.Status
	status.ObservedGeneration, status.Members = profile.Generation, &members
	conditions.True(v1alpha1.ReasonReady, "The desktop profile is ready for members.").
		Set(&status.Conditions, v1alpha1.ReadyCondition, profile.Generation, now)
}

// SetupSite adds the controller of Sites.
func SetupSite(mgr manager.Manager, now func() time.Time) error {
	reader, cache := mgr.GetClient(), mgr.GetCache()
	names := siteNames(reader)
	return kube.StatusController[v1alpha1.Site, *v1alpha1.Site]{
		Name: "site", Now: now,
		UpdateStatus: func(ctx context.Context, site *v1alpha1.Site, now metav1.Time) error {
			observed, err := observeSite(ctx, reader, names, site)
			setSiteStatus(site, observed, now)
			return err
		},
		Watches: []source.Source{
			source.Kind(cache, &v1alpha1.Site{}, names.watch()),
			source.Kind(cache, &v1alpha1.Team{}, recountSiteOfTeam()),
			source.Kind(cache, &v1alpha1.Member{}, kube.RecountOnMemberChange(references.SiteIndex.Values)),
		},
	}.Setup(mgr)
}

// siteNames returns the display names of Sites, which are unique in a namespace.
func siteNames(reader client.Reader) displayNames[*v1alpha1.Site] {
	return displayNames[*v1alpha1.Site]{
		of: func(site *v1alpha1.Site) string { return site.Spec.DisplayName },
		among: func(ctx context.Context, site *v1alpha1.Site) ([]*v1alpha1.Site, error) {
			var list v1alpha1.SiteList
			return kube.List(ctx, reader, &list, &list.Items, site.Namespace)
		},
	}
}

// recountSiteOfTeam recounts the Site of a Team that is created, deleted or changed.
func recountSiteOfTeam() kube.Handler[*v1alpha1.Team] {
	return kube.WatchChanges(func(_ context.Context, team *v1alpha1.Team, queue kube.Queue) {
		kube.EnqueueRecount(queue, team.Namespace, team.Spec.Site)
	})
}

// siteObservation holds everything from which the status of a Site is derived.
type siteObservation struct {
	// members and teams count those at the site.
	members, teams int32
	// nameHolder is the other Site that holds the display name, or "" if this one does.
	nameHolder string
}

// observeSite makes the only reads of a reconcile.
func observeSite(ctx context.Context, reader client.Reader, names displayNames[*v1alpha1.Site], site *v1alpha1.Site) (siteObservation, error) {
	members, membersErr := kube.CountMembers(ctx, reader, site.Namespace, references.SiteIndex.Name, site.Name)
	teams, teamsErr := teamsAtSite(ctx, reader, site.Namespace, site.Name)
	nameHolder, namesErr := names.holder(ctx, site)
	observed := siteObservation{members: members, teams: int32(len(teams)), nameHolder: nameHolder} //nolint:gosec // memory bounds the number
	return observed, errors.Join(membersErr, teamsErr, namesErr)
}

// setSiteStatus derives the status of a Site from an observation.
func setSiteStatus(site *v1alpha1.Site, observed siteObservation, now metav1.Time) {
	status := &site.Status
	status.ObservedGeneration, status.Members, status.Teams = site.Generation, &observed.members, &observed.teams
	ready := conditions.True(v1alpha1.ReasonReady, "The site is ready for members and teams.")
	if observed.nameHolder != "" {
		ready = duplicateDisplayName("Site "+observed.nameHolder, site.Spec.DisplayName)
	}
	conditions.SetReadyAndStalled(&status.Conditions, ready, observed.nameHolder != "", site.Generation, now)
}

// SetupTeam adds the controller of Teams.
func SetupTeam(mgr manager.Manager, now func() time.Time) error {
	reader, cache := mgr.GetClient(), mgr.GetCache()
	names := teamNames(reader)
	return kube.StatusController[v1alpha1.Team, *v1alpha1.Team]{
		Name: "team", Now: now,
		UpdateStatus: func(ctx context.Context, team *v1alpha1.Team, now metav1.Time) error {
			observed, err := observeTeam(ctx, reader, names, team)
			setTeamStatus(team, observed, now)
			return err
		},
		Watches: []source.Source{
			source.Kind(cache, &v1alpha1.Team{}, names.watch()),
			source.Kind(cache, &v1alpha1.Site{}, recountTeamsAtSite(reader)),
			source.Kind(cache, &v1alpha1.Member{}, kube.RecountOnMemberChange(references.TeamIndex.Values)),
		},
	}.Setup(mgr)
}

// teamNames returns the display names of Teams, which are unique at a site.
func teamNames(reader client.Reader) displayNames[*v1alpha1.Team] {
	return displayNames[*v1alpha1.Team]{
		of: func(team *v1alpha1.Team) string { return team.Spec.DisplayName },
		among: func(ctx context.Context, team *v1alpha1.Team) ([]*v1alpha1.Team, error) {
			return teamsAtSite(ctx, reader, team.Namespace, team.Spec.Site)
		},
	}
}

// teamsAtSite returns the Teams that name a Site, which may not exist. Callers must not
// change them.
func teamsAtSite(ctx context.Context, reader client.Reader, namespace, site string) ([]*v1alpha1.Team, error) {
	var list v1alpha1.TeamList
	return kube.List(ctx, reader, &list, &list.Items, namespace, client.MatchingFields{references.TeamSiteIndex.Name: site})
}

// recountTeamsAtSite recounts the Teams that name a Site, which wait for it or lose it.
func recountTeamsAtSite(reader client.Reader) kube.Handler[*v1alpha1.Site] {
	return kube.WatchChanges(func(ctx context.Context, site *v1alpha1.Site, queue kube.Queue) {
		teams, err := teamsAtSite(ctx, reader, site.Namespace, site.Name)
		if err != nil {
			return // the cache stops with the operator
		}
		for _, team := range teams {
			kube.EnqueueRecount(queue, team.Namespace, team.Name)
		}
	})
}

// teamObservation holds everything from which the status of a Team is derived.
type teamObservation struct {
	// members counts those in the team.
	members int32
	// siteExists reports whether the Site of the team exists.
	siteExists bool
	// nameHolder is the other Team that holds the display name, or "" if this one does.
	nameHolder string
}

// observeTeam makes the only reads of a reconcile.
func observeTeam(ctx context.Context, reader client.Reader, names displayNames[*v1alpha1.Team], team *v1alpha1.Team) (teamObservation, error) {
	members, membersErr := kube.CountMembers(ctx, reader, team.Namespace, references.TeamIndex.Name, team.Name)
	siteExists, siteErr := kube.Exists[v1alpha1.Site](ctx, reader, team.Namespace, team.Spec.Site)
	nameHolder, namesErr := names.holder(ctx, team)
	return teamObservation{members, siteExists, nameHolder}, errors.Join(membersErr, siteErr, namesErr)
}

// setTeamStatus derives the status of a Team from an observation.
func setTeamStatus(team *v1alpha1.Team, observed teamObservation, now metav1.Time) {
	status := &team.Status
	status.ObservedGeneration, status.Members = team.Generation, &observed.members
	conditions.SetReadyAndStalled(&status.Conditions, teamReady(team, observed), observed.nameHolder != "", team.Generation, now)
}

// teamReady returns the verdict of Ready. A duplicate display name comes first, because
// only an administrator can resolve it.
func teamReady(team *v1alpha1.Team, observed teamObservation) conditions.Verdict {
	switch spec := &team.Spec; {
	case observed.nameHolder != "":
		return duplicateDisplayName(fmt.Sprintf("Team %s at Site %s", observed.nameHolder, spec.Site), spec.DisplayName)
	case !observed.siteExists:
		return conditions.False(v1alpha1.ReasonSiteNotFound, fmt.Sprintf(
			"No Site in this namespace is named %s, so the team has no members. Create the Site, or create the team again at another Site.", spec.Site))
	case spec.Type == v1alpha1.TeamCapacity:
		return conditions.True(v1alpha1.ReasonReady, "Calls go to the dial number. A Capacity team takes no members.")
	case !team.IsActive():
		return conditions.True(v1alpha1.ReasonReady, "The team is not active because spec.active is false, so it has no members.")
	default:
		return conditions.True(v1alpha1.ReasonReady, "The team is ready for members at its site.")
	}
}
