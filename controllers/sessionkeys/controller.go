// Package sessionkeys creates the Secret with the session keys of the login gate. It
// creates the Secret if it does not exist, and adds a key if the Secret has none.
package sessionkeys

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/gate"
	"rollcall.dev/rollcall/internal/kube"
)

// errForeignSecret reports a Secret that has no session key and that Rollcall does not
// own.
var errForeignSecret = errors.New("the Secret has no session key and is not managed by Rollcall: delete it, and the operator creates a new one")

// reconciler reconciles the Secret with the session keys.
type reconciler struct {
	client.Client

	secrets client.Reader
	name    types.NamespacedName
	now     func() time.Time
	random  io.Reader
}

// Setup adds the controller of session keys to a manager. The controller watches only
// that Secret, also outside the namespaces that the manager watches.
func Setup(mgr manager.Manager, name types.NamespacedName, now func() time.Time, random io.Reader) error {
	secrets, err := cache.New(mgr.GetConfig(), cache.Options{
		Scheme: mgr.GetScheme(), HTTPClient: mgr.GetHTTPClient(), Mapper: mgr.GetRESTMapper(),
		ByObject: map[client.Object]cache.ByObject{&corev1.Secret{}: {
			Namespaces: map[string]cache.Config{name.Namespace: {FieldSelector: fields.OneTermEqualSelector(metav1.ObjectNameField, name.Name)}},
		}},
	})
	if err != nil {
		return err
	}
	if err := mgr.Add(secrets); err != nil {
		return err
	}
	keys := &reconciler{Client: mgr.GetClient(), secrets: secrets, name: name, now: now, random: random}
	return ctrl.NewControllerManagedBy(mgr).
		Named("sessionkeys").
		WithOptions(kube.ControllerOptions(1)).
		WatchesRawSource(source.Kind[client.Object](secrets, &corev1.Secret{}, &handler.EnqueueRequestForObject{})).
		// A missing Secret causes no event, so the first request is added here.
		WatchesRawSource(source.Func(func(_ context.Context, queue kube.Queue) error {
			queue.Add(reconcile.Request{NamespacedName: name})
			return nil
		})).
		Complete(keys)
}

// Reconcile creates the Secret or adds a key to it, if necessary.
func (r *reconciler) Reconcile(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
	secret, err := kube.Find[corev1.Secret](ctx, r.secrets, r.name)
	if err != nil || secret != nil && len(gate.SessionKeys(secret.Data)) > 0 {
		return reconcile.Result{}, err
	}
	key := make([]byte, gate.SessionKeyBytes)
	if _, err := io.ReadFull(r.random, key); err != nil {
		return reconcile.Result{}, fmt.Errorf("reading random bytes for a session key: %w", err)
	}
	entry := map[string][]byte{r.now().UTC().Format(gate.SessionKeyLayout): key}
	switch {
	case secret == nil:
		err = r.Create(ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: r.name.Namespace, Name: r.name.Name,
				Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue},
			},
			Data: entry,
		})
	case secret.Labels[v1alpha1.ManagedByLabel] != v1alpha1.ManagedByValue:
		err = errForeignSecret
	default:
		// Invalid entries stay: an administrator may have meant them as keys.
		refilled := secret.DeepCopy()
		if refilled.Data == nil {
			refilled.Data = map[string][]byte{}
		}
		maps.Copy(refilled.Data, entry)
		err = r.Update(ctx, refilled)
	}
	if err != nil {
		return reconcile.Result{}, fmt.Errorf("creating a session key for the login gate in Secret %s: %w", r.name, err)
	}
	return reconcile.Result{}, nil
}
