package userprofile

import (
	"context"
	"errors"
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/profilerole"
	"rollcall.dev/rollcall/internal/references"
)

// reconciler keeps the two Roles of a UserProfile as it says, and counts
// its Members. A reconcile is four steps, one way: observe, plan, apply, status.
type reconciler struct {
	// Client reads from the cache and writes.
	Client client.Client
	// Live reads from the API server, where the cache may be behind.
	Live client.Reader
	// RoleBindings is whether the operator gives permissions at all.
	RoleBindings bool
	// Now is the clock.
	Now func() time.Time

	recounts *kube.Recounts
}

// Setup adds the controller of UserProfiles.
func Setup(mgr manager.Manager, roleBindings bool, now func() time.Time) error {
	reconciler := &reconciler{
		Client: mgr.GetClient(), Live: mgr.GetAPIReader(), RoleBindings: roleBindings, Now: now,
		recounts: kube.NewRecounts(now),
	}
	controller := ctrl.NewControllerManagedBy(mgr).
		Named("userprofile").
		WithOptions(kube.ControllerOptions(1)).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.UserProfile{}, kube.WatchSelf[*v1alpha1.UserProfile]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Member{}, kube.CountedBy(ownProfile)))
	if roleBindings {
		controller.WatchesRawSource(source.Kind[client.Object](mgr.GetCache(), &rbacv1.Role{}, handler.EnqueueRequestsFromMapFunc(enqueueProfileOf)))
	}
	return controller.Complete(reconciler)
}

// Reconcile brings one UserProfile to what its spec asks for, and forgets one that
// is gone. Its Roles are the garbage collector's then, and give nobody anything: the
// Members lose their RoleBindings to them.
func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	profile := &v1alpha1.UserProfile{}
	err := r.Client.Get(ctx, request.NamespacedName, profile)
	switch {
	case apierrors.IsNotFound(err):
		r.recounts.Forget(request.NamespacedName)
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, err
	case profile.DeletionTimestamp != nil:
		return ctrl.Result{}, nil
	}
	// Roles do not wait until it is time to count again.
	wait := r.recounts.Wait(profile)
	result, err := r.reconcile(ctx, profile, kube.FromCache, wait)
	if apierrors.IsAlreadyExists(err) {
		// There is a Role that the cache does not have: somebody else's, or one that
		// it will have shortly.
		result, err = r.reconcile(ctx, profile, kube.FromServer, wait)
	}
	return kube.HandleError(ctx, result, err)
}

func (r *reconciler) reconcile(ctx context.Context, profile *v1alpha1.UserProfile, source kube.ReadSource, wait time.Duration) (ctrl.Result, error) {
	observed, roles, err := r.observe(ctx, profile, source)
	if err != nil {
		return ctrl.Result{}, err
	}
	if wait == 0 {
		count, err := kube.CountMembers(ctx, r.Client, profile.Namespace, references.UserProfileIndex.Name, profile.Name)
		if err != nil {
			return ctrl.Result{}, err
		}
		observed.members = &count
	}
	done := r.apply(ctx, observed, planRoles(observed), roles)
	if err := overtakenBy(done); err != nil {
		return ctrl.Result{}, err
	}
	after := profile.DeepCopy()
	after.Status = newStatus(observed, done)
	if _, err := kube.PatchStatus(ctx, r.Client, profile, after); err != nil {
		return ctrl.Result{}, err
	}
	var failures []error
	for _, role := range done {
		failures = append(failures, role.err)
	}
	return ctrl.Result{RequeueAfter: nextProfileLook(wait, done)}, errors.Join(failures...)
}

// enqueueProfileOf adds the UserProfile that a Role belongs to.
func enqueueProfileOf(_ context.Context, object client.Object) []reconcile.Request {
	name := profilerole.ProfileNamedBy(object)
	if name == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: client.ObjectKey{Namespace: object.GetNamespace(), Name: name}}}
}

// ownProfile is the name of the UserProfile that a Member has; those that exist by
// themselves are nobody's to count.
func ownProfile(member *v1alpha1.Member) []string {
	return slices.DeleteFunc(references.UserProfileIndex.Values(member), v1alpha1.IsBuiltInProfile)
}
