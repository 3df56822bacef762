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

// SetupSite adds the controller of Sites.
func SetupSite(mgr manager.Manager, now func() time.Time) error {
	observer := siteObserver{reader: mgr.GetClient(), now: now, names: siteNames(mgr.GetClient())}
	return ctrl.NewControllerManagedBy(mgr).
		Named("site").
		WithOptions(kube.ControllerOptions(1)).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Site{}, kube.WatchSelf[*v1alpha1.Site]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Site{}, observer.names.watch())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Team{}, countedBySites())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Member{}, kube.CountedBy(references.SiteIndex.Values))).
		Complete(kube.StatusReconciler[v1alpha1.Site, *v1alpha1.Site]{
			Client: mgr.GetClient(), Recounts: kube.NewRecounts(now), Observe: observer.describe,
		})
}

// siteNames are the display names of Sites, which are unique in a namespace.
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

// countedBySites has the Site of a Team counted.
func countedBySites() handler.TypedEventHandler[*v1alpha1.Team, reconcile.Request] {
	return kube.WatchChanges(func(_ context.Context, team *v1alpha1.Team, queue kube.Queue) {
		kube.EnqueueRecount(queue, team.Namespace, team.Spec.Site)
	})
}
