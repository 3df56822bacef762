package member

import (
	"context"
	"errors"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/ownership"
)

// garbageCollection is how long the garbage collector may take for the Secret of a departed
// member. It takes milliseconds. But if a Member is deleted and created again while its watch is
// broken, it takes the new Member for a changed one, and never deletes the Secret.
const garbageCollection = time.Minute

// departures remembers since when Members are gone that left a Secret.
type departures struct {
	mu    sync.Mutex
	since map[client.ObjectKey]time.Time
}

// note returns since when a Member is gone: now, if it was not known to be.
func (d *departures) note(key client.ObjectKey, now time.Time) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	since, known := d.since[key]
	if known && !since.After(now) {
		return since
	}
	if d.since == nil {
		d.since = map[client.ObjectKey]time.Time{}
	}
	d.since[key] = now // also if the clock was set back
	return now
}

// forget drops a Member that left nothing, or exists again.
func (d *departures) forget(key client.ObjectKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.since, key)
}

// cleanUp removes what a departed member left: its permissions at once, and a Secret that the
// garbage collector did not delete after a while.
func (r *reconciler) cleanUp(ctx context.Context, key client.ObjectKey) (ctrl.Result, error) {
	departed := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
	revokeErr := r.revokeDeparted(ctx, departed)
	wait, err := r.deleteSecretOf(ctx, departed)
	return ctrl.Result{RequeueAfter: wait}, errors.Join(revokeErr, err)
}

// deleteSecretOf deletes the Secret of a departed member, or returns how long to wait before. A
// Secret without an owner stays: an administrator orphaned it on purpose.
func (r *reconciler) deleteSecretOf(ctx context.Context, departed *v1alpha1.Member) (wait time.Duration, err error) {
	key := client.ObjectKeyFromObject(departed)
	secret, err := kube.Find[corev1.Secret](ctx, r.Client, client.ObjectKey{Namespace: key.Namespace, Name: departed.CredentialsSecretName()})
	if err != nil {
		return 0, err
	}
	if secret == nil || secret.DeletionTimestamp != nil || ownership.Member(departed).Of(secret) != ownership.Predecessors {
		r.departures.forget(key)
		return 0, nil
	}
	now := r.Now()
	if wait := garbageCollection - now.Sub(r.departures.note(key, now)); wait > 0 {
		return wait, nil
	}
	exists, err := r.Lookup.Exists(ctx, key.Namespace, metav1.GetControllerOf(secret), &v1alpha1.Member{})
	switch {
	case err != nil:
		return 0, err
	case exists:
		return 0, kube.ErrStaleCache
	}
	if err := ownership.Delete(ctx, r.Client, secret); err != nil {
		return 0, err
	}
	r.departures.forget(key)
	logf.FromContext(ctx).Info("Secret of a departed member deleted: the garbage collector had left it", "secret", secret.Name)
	return 0, nil
}

// revokeDeparted deletes the RoleBinding of a Member that no longer exists. The garbage collector
// would do so too, but later.
func (r *reconciler) revokeDeparted(ctx context.Context, departed *v1alpha1.Member) error {
	if !r.RoleBindings {
		return nil
	}
	binding, err := kube.Find[rbacv1.RoleBinding](ctx, r.Client, client.ObjectKey{Namespace: departed.Namespace, Name: departed.RoleBindingName()})
	if err != nil || binding == nil || !ownership.Member(departed).Of(binding).IsLeftOver() || isRevoked(binding) {
		return err
	}
	// The cache may not have a Member that was just created.
	err = r.Lookup.Live.Get(ctx, client.ObjectKeyFromObject(departed), &v1alpha1.Member{})
	switch {
	case apierrors.IsNotFound(err):
		_, err := r.deleteBinding(ctx, binding)
		return err
	case err != nil:
		return err
	default:
		return kube.ErrStaleCache
	}
}
