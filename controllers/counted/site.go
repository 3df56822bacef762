package counted

import (
	"context"
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

// SetupSite adds the controller of Sites.
func SetupSite(mgr manager.Manager, now func() time.Time) error {
	reader, cache := mgr.GetClient(), mgr.GetCache()
	names := siteNames(reader)
	return kube.StatusController[v1alpha1.Site, *v1alpha1.Site]{
		Name: "site", Now: now,
		UpdateStatus: func(ctx context.Context, site *v1alpha1.Site, now time.Time) error {
			observed, err := observeSite(ctx, reader, names, site, now)
			site.Status = siteStatus(observed)
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
			err := reader.List(ctx, &list, client.InNamespace(site.Namespace), client.UnsafeDisableDeepCopy)
			return kube.Pointers(list.Items), err
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
	now  time.Time
	site *v1alpha1.Site
	// members and teams count those at the site.
	members, teams int32
	// nameHolder is the other Site that holds the display name, or "" if this one does.
	nameHolder string
}

// observeSite makes the only reads of a reconcile.
func observeSite(ctx context.Context, reader client.Reader, names displayNames[*v1alpha1.Site], site *v1alpha1.Site, now time.Time) (siteObservation, error) {
	observed := siteObservation{now: now, site: site}
	var err error
	if observed.members, err = kube.CountMembers(ctx, reader, site.Namespace, references.SiteIndex.Name, site.Name); err != nil {
		return observed, err
	}
	teams, err := teamsAtSite(ctx, reader, site.Namespace, site.Name)
	if err != nil {
		return observed, err
	}
	observed.teams = int32(len(teams)) //nolint:gosec // memory bounds the number
	observed.nameHolder, err = names.holder(ctx, site)
	return observed, err
}

// siteStatus derives the status of a Site from an observation.
func siteStatus(observed siteObservation) v1alpha1.SiteStatus {
	site := observed.site
	status := *site.Status.DeepCopy()
	status.ObservedGeneration = site.Generation
	status.Members, status.Teams = &observed.members, &observed.teams
	ready := conditions.True(v1alpha1.ReasonReady, "The site is ready for members and teams.")
	if observed.nameHolder != "" {
		ready = duplicateDisplayName("Site "+observed.nameHolder, site.Spec.DisplayName)
	}
	conditions.SetReadyAndStalled(&status.Conditions, ready, observed.nameHolder != "", site.Generation, metav1.NewTime(observed.now).Rfc3339Copy())
	return status
}
