// Package userprofile holds the controller of UserProfiles. It keeps the two Roles of a
// UserProfile, one for administrators and one for Supervisors, and counts the Members
// that have the profile.
//
// A reconcile has four steps, in one direction: observe, plan, apply, status.
package userprofile

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/ownership"
)

// reconciler keeps the Roles and the status of UserProfiles up to date.
type reconciler struct {
	// client reads from the cache and writes.
	client client.Client
	// lookup reads Roles and their UserProfiles.
	lookup ownership.Lookup
	// roleBindings reports whether the operator grants permissions at the API server.
	roleBindings bool
	// now is the clock.
	now func() time.Time
	// recounts limits how often a profile's Members are counted.
	recounts *kube.RecountLimiter
}

// Reconcile implements reconcile.Reconciler. After a UserProfile is deleted, the garbage
// collector deletes its Roles, and its Members lose their RoleBindings to them.
func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	profile := &v1alpha1.UserProfile{}
	err := r.client.Get(ctx, request.NamespacedName, profile)
	switch {
	case apierrors.IsNotFound(err):
		r.recounts.Forget(request.NamespacedName)
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, err
	case profile.DeletionTimestamp != nil:
		return ctrl.Result{}, nil
	}
	// Roles are written at once, even if the next count must wait.
	recountDelay := r.recounts.Delay(profile)
	return ownership.Reconcile(ctx, func(ctx context.Context, source kube.ReadSource) (ctrl.Result, error) {
		return r.reconcile(ctx, profile, source, recountDelay)
	})
}

func (r *reconciler) reconcile(ctx context.Context, profile *v1alpha1.UserProfile, source kube.ReadSource, recountDelay time.Duration) (ctrl.Result, error) {
	observed, err := r.observe(ctx, profile, source, recountDelay == 0)
	if err != nil {
		return ctrl.Result{}, err
	}
	done := r.apply(ctx, observed)
	var failures []error
	for _, role := range done {
		failures = append(failures, role.err)
	}
	if err := ownership.Overtaken(failures...); err != nil {
		return ctrl.Result{}, err
	}
	after := profile.DeepCopy()
	after.Status = newStatus(observed, done)
	if _, err := kube.PatchStatus(ctx, r.client, profile, after); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: recheckDelay(recountDelay, done)}, errors.Join(failures...)
}
