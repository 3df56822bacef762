package kube

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// StatusReconciler looks after a kind whose objects are only looked at and
// counted. They own nothing, so there is nothing to plan or apply: a reconcile
// observes, and puts what it found into status.
type StatusReconciler[T any, P interface {
	*T
	client.Object
	DeepCopy() *T
}] struct {
	Client   client.Client
	Recounts *Recounts
	// describe makes the only reads of a reconcile and writes the new status into
	// after, a copy of the object.
	Observe func(ctx context.Context, after P) error
}

// Reconcile brings the status of one object up to date, and forgets one that is
// gone.
func (r StatusReconciler[T, P]) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	object := P(new(T))
	err := r.Client.Get(ctx, request.NamespacedName, object)
	switch {
	case apierrors.IsNotFound(err):
		r.Recounts.Forget(request.NamespacedName)
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, err
	case object.GetDeletionTimestamp() != nil:
		return ctrl.Result{}, nil
	}
	if wait := r.Recounts.Wait(object); wait > 0 {
		return ctrl.Result{RequeueAfter: wait}, nil
	}
	after := P(object.DeepCopy())
	if err := r.Observe(ctx, after); err != nil {
		return HandleError(ctx, ctrl.Result{}, err)
	}
	_, err = PatchStatus(ctx, r.Client, object, after)
	return HandleError(ctx, ctrl.Result{}, err)
}

// CountMembers counts the Members that have a value in an index.
func CountMembers(ctx context.Context, reader client.Reader, namespace, index, value string) (int32, error) {
	var members v1alpha1.MemberList
	if err := reader.List(ctx, &members, client.InNamespace(namespace),
		client.MatchingFields{index: value}, client.UnsafeDisableDeepCopy); err != nil {
		return 0, err
	}
	return int32(len(members.Items)), nil //nolint:gosec // as many as fit into memory
}
