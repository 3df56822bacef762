package counted

import (
	"context"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// SetupDesktopProfile adds the controller of DesktopProfiles.
func SetupDesktopProfile(mgr manager.Manager, now func() time.Time) error {
	shown := references.DesktopProfileIndex.Values
	return ctrl.NewControllerManagedBy(mgr).
		Named("desktopprofile").
		WithOptions(kube.ControllerOptions(1)).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.DesktopProfile{}, kube.WatchSelf[*v1alpha1.DesktopProfile]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Member{}, kube.CountedBy(shown))).
		Complete(kube.StatusReconciler[v1alpha1.DesktopProfile, *v1alpha1.DesktopProfile]{
			Client: mgr.GetClient(), Recounts: kube.NewRecounts(now), Observe: desktopProfileObserver{mgr.GetClient(), now}.describe,
		})
}

// desktopProfileObserver looks at DesktopProfiles.
type desktopProfileObserver struct {
	reader client.Reader
	now    func() time.Time
}

// describe brings the status of a DesktopProfile up to date.
func (o desktopProfileObserver) describe(ctx context.Context, profile *v1alpha1.DesktopProfile) error {
	observed := desktopProfileObservation{now: o.now(), profile: profile}
	var err error
	if observed.members, err = kube.CountMembers(ctx, o.reader, profile.Namespace, references.DesktopProfileIndex.Name, profile.Name); err != nil {
		return err
	}
	profile.Status = desktopProfileStatus(observed)
	return nil
}
