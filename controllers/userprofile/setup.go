package userprofile

import (
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/ownership"
	"rollcall.dev/rollcall/internal/references"
)

// Setup adds the controller of UserProfiles. roleBindings reports whether the operator
// grants permissions at the API server.
func Setup(mgr manager.Manager, roleBindings bool, now func() time.Time) error {
	reconciler := &reconciler{
		client: mgr.GetClient(), lookup: ownership.Lookup{Cache: mgr.GetClient(), Live: mgr.GetAPIReader()},
		roleBindings: roleBindings, now: now, recounts: kube.NewRecountLimiter(now),
	}
	controller := ctrl.NewControllerManagedBy(mgr).
		Named("userprofile").
		WithOptions(kube.ControllerOptions(1)).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.UserProfile{}, kube.WatchSelf[*v1alpha1.UserProfile]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Member{}, kube.RecountOnMemberChange(customProfile)))
	if roleBindings {
		controller.WatchesRawSource(source.Kind[client.Object](mgr.GetCache(), &rbacv1.Role{}, ownership.EnqueueOwner("UserProfile", v1alpha1.UserProfileLabel)))
	}
	return controller.Complete(reconciler)
}

// customProfile returns the name of the UserProfile of a Member. Built-in profiles are
// no objects, so they are left out.
func customProfile(member *v1alpha1.Member) []string {
	return slices.DeleteFunc(references.UserProfileIndex.Values(member), v1alpha1.IsBuiltInProfile)
}
