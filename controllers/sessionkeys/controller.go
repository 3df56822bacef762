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

// errSessionKeysForeign is a Secret that has the name of the one with the session
// keys, is somebody else's, and has no key.
var errSessionKeysForeign = errors.New("is not Rollcall's and has no session key: delete it, and it is made anew")

// reconciler makes the Secret with the session keys of the login gate where
// there is none, or none with a key in it.
type reconciler struct {
	client.Client

	secrets client.Reader
	name    types.NamespacedName
	now     func() time.Time
	random  io.Reader
}

// Setup puts the maker of session keys into a manager. It watches
// that one Secret, wherever the manager's contact centres are.
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
	maker := &reconciler{Client: mgr.GetClient(), secrets: secrets, name: name, now: now, random: random}
	return ctrl.NewControllerManagedBy(mgr).
		Named("sessionkeys").
		WithOptions(kube.ControllerOptions(1)).
		WatchesRawSource(source.Kind[client.Object](secrets, &corev1.Secret{}, &handler.EnqueueRequestForObject{})).
		// Where there is no Secret, nothing else would have it looked for.
		WatchesRawSource(source.Func(func(_ context.Context, queue kube.Queue) error {
			queue.Add(reconcile.Request{NamespacedName: name})
			return nil
		})).
		Complete(maker)
}

// Reconcile makes the Secret, if need be.
func (m *reconciler) Reconcile(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
	secret, err := kube.Find[corev1.Secret](ctx, m.secrets, m.name)
	if err != nil || secret != nil && len(gate.SessionKeys(secret.Data)) > 0 {
		return reconcile.Result{}, err
	}
	key := make([]byte, gate.SessionKeyBytes)
	if _, err := io.ReadFull(m.random, key); err != nil {
		return reconcile.Result{}, fmt.Errorf("reading random bytes for a session key: %w", err)
	}
	entry := map[string][]byte{m.now().UTC().Format(gate.SessionKeyLayout): key}
	switch {
	case secret == nil:
		err = m.Create(ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: m.name.Namespace, Name: m.name.Name,
				Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue},
			},
			Data: entry,
		})
	case secret.Labels[v1alpha1.ManagedByLabel] != v1alpha1.ManagedByValue:
		err = errSessionKeysForeign
	default:
		// What is no key stays: somebody may have meant it for one.
		refilled := secret.DeepCopy()
		if refilled.Data == nil {
			refilled.Data = map[string][]byte{}
		}
		maps.Copy(refilled.Data, entry)
		err = m.Update(ctx, refilled)
	}
	if err != nil {
		return reconcile.Result{}, fmt.Errorf("the Secret %s with the session keys of the login gate: %w", m.name, err)
	}
	return reconcile.Result{}, nil
}
