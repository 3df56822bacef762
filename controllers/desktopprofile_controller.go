package controllers

import (
	"context"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// addDesktopProfileController adds the controller of DesktopProfiles.
func addDesktopProfileController(mgr manager.Manager, now func() time.Time) error {
	shown := func(m *v1alpha1.Member) []string { return assigned(m.Status.DesktopProfile) }
	return ctrl.NewControllerManagedBy(mgr).
		Named("desktopprofile").
		WithOptions(controllerOptions(1)).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.DesktopProfile{}, ownWatch[*v1alpha1.DesktopProfile]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Member{}, countedBy(shown))).
		Complete(countingReconciler[v1alpha1.DesktopProfile, *v1alpha1.DesktopProfile]{
			client: mgr.GetClient(), recounts: newRecounts(now), describe: desktopProfileObserver{mgr.GetClient(), now}.describe,
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
	if observed.members, err = countMembers(ctx, o.reader, profile.Namespace, indexDesktopProfile, profile.Name); err != nil {
		return err
	}
	profile.Status = desktopProfileStatus(observed)
	return nil
}
