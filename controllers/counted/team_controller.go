package counted

import (
	"context"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// SetupTeam adds the controller of Teams.
func SetupTeam(mgr manager.Manager, now func() time.Time) error {
	observer := teamObserver{reader: mgr.GetClient(), now: now, names: teamNames(mgr.GetClient())}
	return ctrl.NewControllerManagedBy(mgr).
		Named("team").
		WithOptions(kube.ControllerOptions(1)).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Team{}, kube.WatchSelf[*v1alpha1.Team]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Team{}, observer.names.watch())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Site{}, awaitedByTeams(mgr.GetClient()))).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Member{}, kube.CountedBy(references.JoinedTeams))).
		Complete(kube.StatusReconciler[v1alpha1.Team, *v1alpha1.Team]{
			Client: mgr.GetClient(), Recounts: kube.NewRecounts(now), Observe: observer.describe,
		})
}

// teamNames are the display names of Teams, which are unique at a site.
func teamNames(reader client.Reader) displayNames[*v1alpha1.Team] {
	return displayNames[*v1alpha1.Team]{
		of: func(team *v1alpha1.Team) string { return team.Spec.DisplayName },
		among: func(ctx context.Context, team *v1alpha1.Team) ([]*v1alpha1.Team, error) {
			return teamsAt(ctx, reader, team.Namespace, team.Spec.Site)
		},
	}
}

// teamsAt are the Teams of a site, whether there is such a Site or not. They are not
// to be changed.
func teamsAt(ctx context.Context, reader client.Reader, namespace, site string) ([]*v1alpha1.Team, error) {
	var list v1alpha1.TeamList
	err := reader.List(ctx, &list, client.InNamespace(namespace), client.MatchingFields{references.TeamSiteIndex.Name: site}, client.UnsafeDisableDeepCopy)
	return kube.Pointers(list.Items), err
}

// awaitedByTeams has the Teams of a Site looked at, which wait for it or lose it.
func awaitedByTeams(teams client.Reader) handler.TypedEventHandler[*v1alpha1.Site, reconcile.Request] {
	return kube.WatchChanges(func(ctx context.Context, site *v1alpha1.Site, queue kube.Queue) {
		waiting, err := teamsAt(ctx, teams, site.Namespace, site.Name)
		if err != nil {
			return // the cache stops with the operator
		}
		for _, team := range waiting {
			kube.EnqueueRecount(queue, team.Namespace, team.Name)
		}
	})
}
