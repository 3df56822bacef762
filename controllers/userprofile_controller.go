package controllers

import (
	"context"
	"errors"
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// UserProfileReconciler keeps the two Roles of a UserProfile as it says, and counts
// its Members. A reconcile is four steps, one way: observe, plan, apply, status.
type UserProfileReconciler struct {
	// Client reads from the cache and writes.
	Client client.Client
	// Live reads from the API server, where the cache may be behind.
	Live client.Reader
	// RoleBindings is whether the operator gives permissions at all.
	RoleBindings bool
	// Now is the clock.
	Now func() time.Time

	recounts *recounts
}

// addUserProfileController adds the controller of UserProfiles.
func addUserProfileController(mgr manager.Manager, roleBindings bool, now func() time.Time) error {
	reconciler := &UserProfileReconciler{
		Client: mgr.GetClient(), Live: mgr.GetAPIReader(), RoleBindings: roleBindings, Now: now,
		recounts: newRecounts(now),
	}
	controller := ctrl.NewControllerManagedBy(mgr).
		Named("userprofile").
		WithOptions(controllerOptions(1)).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.UserProfile{}, ownWatch[*v1alpha1.UserProfile]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Member{}, countedBy(ownProfile)))
	if roleBindings {
		controller.WatchesRawSource(source.Kind[client.Object](mgr.GetCache(), &rbacv1.Role{}, handler.EnqueueRequestsFromMapFunc(enqueueProfileOf)))
	}
	return controller.Complete(reconciler)
}

// Reconcile brings one UserProfile to what its spec asks for, and forgets one that
// is gone. Its Roles are the garbage collector's then, and give nobody anything: the
// Members lose their RoleBindings to them.
func (r *UserProfileReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	profile := &v1alpha1.UserProfile{}
	err := r.Client.Get(ctx, request.NamespacedName, profile)
	switch {
	case apierrors.IsNotFound(err):
		r.recounts.forget(request.NamespacedName)
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, err
	case profile.DeletionTimestamp != nil:
		return ctrl.Result{}, nil
	}
	// Roles do not wait until it is time to count again.
	wait := r.recounts.wait(profile)
	result, err := r.reconcile(ctx, profile, fromCache, wait)
	if apierrors.IsAlreadyExists(err) {
		// There is a Role that the cache does not have: somebody else's, or one that
		// it will have shortly.
		result, err = r.reconcile(ctx, profile, fromServer, wait)
	}
	return settle(ctx, result, err)
}

func (r *UserProfileReconciler) reconcile(ctx context.Context, profile *v1alpha1.UserProfile, source readSource, wait time.Duration) (ctrl.Result, error) {
	observed, roles, err := r.observe(ctx, profile, source)
	if err != nil {
		return ctrl.Result{}, err
	}
	if wait == 0 {
		count, err := countMembers(ctx, r.Client, profile.Namespace, indexUserProfile, profile.Name)
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
	after.Status = userProfileStatus(observed, done)
	if _, err := patchStatus(ctx, r.Client, profile, after); err != nil {
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
	name := profileNamedBy(object)
	if name == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: client.ObjectKey{Namespace: object.GetNamespace(), Name: name}}}
}

// profileNamedBy is the name of the UserProfile that a Role belongs to, or seems to.
func profileNamedBy(role client.Object) string {
	if owner := metav1.GetControllerOf(role); owner != nil && isUserProfile(owner) {
		return owner.Name
	}
	return role.GetLabels()[v1alpha1.UserProfileLabel]
}

// ownProfile is the name of the UserProfile that a Member has; those that exist by
// themselves are nobody's to count.
func ownProfile(member *v1alpha1.Member) []string {
	return slices.DeleteFunc(assigned(member.Status.UserProfile), v1alpha1.IsBuiltInProfile)
}
