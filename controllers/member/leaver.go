package member

import (
	"context"
	"errors"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/ownership"
)

// leaverPatience is how long the garbage collector has for a leaver's Secret. It
// takes milliseconds; but while it does not see Members, it takes one that is deleted
// and added again for one that was changed, and then it never comes.
const leaverPatience = time.Minute

// leavers remembers since when Members are known to be gone that have left a Secret.
type leavers struct {
	mu    sync.Mutex
	since map[client.ObjectKey]time.Time
}

// note returns since when a Member is gone, which is now if it is news.
func (l *leavers) note(key client.ObjectKey, now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	since, known := l.since[key]
	if known && !since.After(now) {
		return since
	}
	if l.since == nil {
		l.since = map[client.ObjectKey]time.Time{}
	}
	l.since[key] = now // also if the clock was put back since
	return now
}

// forget drops a Member that has left nothing, or is there again.
func (l *leavers) forget(key client.ObjectKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.since, key)
}

// clearAfter takes away what a Member that no longer exists has left: permissions at
// once, and a Secret that the garbage collector has left after a while.
func (r *reconciler) clearAfter(ctx context.Context, key client.ObjectKey) (ctrl.Result, error) {
	leaver := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
	revokeErr := r.revokeOfLeaver(ctx, leaver)
	wait, err := r.clearSecretOf(ctx, leaver)
	return ctrl.Result{RequeueAfter: wait}, errors.Join(revokeErr, err)
}

// clearSecretOf deletes the Secret that a Member has left, or returns how long to wait
// with it. One that has no owner was left on purpose.
func (r *reconciler) clearSecretOf(ctx context.Context, leaver *v1alpha1.Member) (wait time.Duration, err error) {
	key := client.ObjectKeyFromObject(leaver)
	secret, err := kube.Find[corev1.Secret](ctx, r.Client, client.ObjectKey{Namespace: key.Namespace, Name: leaver.CredentialsSecretName()})
	if err != nil {
		return 0, err
	}
	if secret == nil || !isLeft(secret, key.Name) {
		r.leavers.forget(key)
		return 0, nil
	}
	now := r.Now()
	if wait := leaverPatience - now.Sub(r.leavers.note(key, now)); wait > 0 {
		return wait, nil
	}
	alive, err := r.memberExists(ctx, key.Namespace, metav1.GetControllerOf(secret))
	switch {
	case err != nil:
		return 0, err
	case alive:
		return 0, kube.ErrStaleCache
	}
	if err := r.Client.Delete(ctx, secret, client.Preconditions{UID: &secret.UID}); client.IgnoreNotFound(err) != nil {
		return 0, err
	}
	r.leavers.forget(key)
	logf.FromContext(ctx).Info("Secret of a leaver deleted, which the garbage collector had left", "secret", secret.Name)
	return 0, nil
}

// isLeft is whether a Secret belongs to a Member of this name, and nobody has asked
// for its deletion yet.
func isLeft(secret *corev1.Secret, member string) bool {
	owner := metav1.GetControllerOf(secret)
	return ownership.IsLabelled(secret, member) && owner != nil && ownership.IsMember(owner) && owner.Name == member && secret.DeletionTimestamp == nil
}
