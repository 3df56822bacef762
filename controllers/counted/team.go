package counted

import (
	"context"
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

// SetupTeam adds the controller of Teams.
func SetupTeam(mgr manager.Manager, now func() time.Time) error {
	reader, cache := mgr.GetClient(), mgr.GetCache()
	names := teamNames(reader)
	return kube.StatusController[v1alpha1.Team, *v1alpha1.Team]{
		Name: "team", Now: now,
		UpdateStatus: func(ctx context.Context, team *v1alpha1.Team, now time.Time) error {
			observed, err := observeTeam(ctx, reader, names, team, now)
			team.Status = teamStatus(observed)
			return err
		},
		Watches: []source.Source{
			source.Kind(cache, &v1alpha1.Team{}, names.watch()),
			source.Kind(cache, &v1alpha1.Site{}, recountTeamsAtSite(reader)),
			source.Kind(cache, &v1alpha1.Member{}, kube.RecountOnMemberChange(references.JoinedTeams)),
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
	err := reader.List(ctx, &list, client.InNamespace(namespace), client.MatchingFields{references.TeamSiteIndex.Name: site}, client.UnsafeDisableDeepCopy)
	return kube.Pointers(list.Items), err
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
	now  time.Time
	team *v1alpha1.Team
	// members counts those in the team.
	members int32
	// siteExists reports whether the Site of the team exists.
	siteExists bool
	// nameHolder is the other Team that holds the display name, or "" if this one does.
	nameHolder string
}

// observeTeam makes the only reads of a reconcile.
func observeTeam(ctx context.Context, reader client.Reader, names displayNames[*v1alpha1.Team], team *v1alpha1.Team, now time.Time) (teamObservation, error) {
	observed := teamObservation{now: now, team: team}
	var err error
	if observed.members, err = kube.CountMembers(ctx, reader, team.Namespace, references.TeamIndex.Name, team.Name); err != nil {
		return observed, err
	}
	if observed.siteExists, err = kube.Exists(ctx, reader, team.Namespace, team.Spec.Site, &v1alpha1.Site{}); err != nil {
		return observed, err
	}
	observed.nameHolder, err = names.holder(ctx, team)
	return observed, err
}

// teamStatus derives the status of a Team from an observation.
func teamStatus(observed teamObservation) v1alpha1.TeamStatus {
	team := observed.team
	status := *team.Status.DeepCopy()
	status.ObservedGeneration = team.Generation
	status.Members = &observed.members
	conditions.SetReadyAndStalled(&status.Conditions, teamReady(observed), observed.nameHolder != "", team.Generation, metav1.NewTime(observed.now).Rfc3339Copy())
	return status
}

// teamReady returns the verdict of Ready. A duplicate display name comes first, because
// only an administrator can resolve it.
func teamReady(observed teamObservation) conditions.Verdict {
	spec := &observed.team.Spec
	switch {
	case observed.nameHolder != "":
		return duplicateDisplayName(fmt.Sprintf("Team %s at Site %s", observed.nameHolder, spec.Site), spec.DisplayName)
	case !observed.siteExists:
		return conditions.False(v1alpha1.ReasonSiteNotFound, fmt.Sprintf(
			"No Site in this namespace is named %s, so the team has no members. Create the Site, or create the team again at another Site.", spec.Site))
	case spec.Type == v1alpha1.TeamCapacity:
		return conditions.True(v1alpha1.ReasonReady, "Calls go to the dial number. A Capacity team takes no members.")
	case !observed.team.IsActive():
		return conditions.True(v1alpha1.ReasonReady, "The team is not active because spec.active is false, so it has no members.")
	default:
		return conditions.True(v1alpha1.ReasonReady, "The team is ready for members at its site.")
	}
}
