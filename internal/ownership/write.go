package ownership

import (
	"context"
	"maps"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
)

// Mark labels an object and makes the owner its controller. It copies no label of the owner:
// Argo CD would take the object for one of its own and prune it.
func Mark(owner client.Object, label string, object client.Object, scheme *runtime.Scheme) error {
	labels := maps.Clone(object.GetLabels())
	if labels == nil {
		labels = map[string]string{}
	}
	labels[v1alpha1.ManagedByLabel] = v1alpha1.ManagedByValue
	labels[label] = owner.GetName()
	object.SetLabels(labels)
	return controllerutil.SetControllerReference(owner, object, scheme)
}

// Delete deletes this object, and no other that has its name by now. An object that is gone is
// no error.
func Delete(ctx context.Context, writer client.Writer, object client.Object) error {
	uid := object.GetUID()
	return client.IgnoreNotFound(writer.Delete(ctx, object, client.Preconditions{UID: &uid}))
}

// EnqueueOwner requests a reconcile of the owner of a kind that an object has, or seems to have
// by a label.
func EnqueueOwner(kind, label string) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(_ context.Context, object client.Object) []ctrl.Request {
		name := OwnerName(object, kind, label)
		if name == "" {
			return nil
		}
		return []ctrl.Request{{NamespacedName: client.ObjectKey{Namespace: object.GetNamespace(), Name: name}}}
	})
}

// Reconcile reconciles from the cache, and again from the API server if an object to create
// exists already: it is foreign, or the cache does not have it yet.
func Reconcile(ctx context.Context, reconcile func(context.Context, kube.ReadSource) (ctrl.Result, error)) (ctrl.Result, error) {
	result, err := reconcile(ctx, kube.FromCache)
	if apierrors.IsAlreadyExists(err) {
		result, err = reconcile(ctx, kube.FromServer)
	}
	return kube.HandleError(ctx, result, err)
}

// Overtaken returns the first error that means that another client wrote first, so that the
// results of these writes say nothing that a status could show; nil if there is none.
func Overtaken(errs ...error) error {
	for _, err := range errs {
		switch {
		case apierrors.IsAlreadyExists(err), apierrors.IsConflict(err):
			return err
		case apierrors.IsNotFound(err):
			return kube.ErrStaleCache // another client deleted the object
		}
	}
	return nil
}
