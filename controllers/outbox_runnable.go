package controllers

import (
	"context"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
)

// How long the results of the last letters may take to be written down when the
// operator stops, and how long to wait before another look.
const (
	ledgerTimeout = 5 * time.Second
	ledgerPause   = 100 * time.Millisecond
)

// outboxRunnable runs the outbox inside the manager, only on the leader, and
// carries its news into the queues of the controllers.
type outboxRunnable struct {
	outbox *mail.Outbox
	// ledger writes down what became of a Member's letter.
	ledger reconcile.Reconciler
	// reader reads Members from the cache.
	reader client.Reader

	mu       sync.Mutex
	onLetter []func(member string)
	onRoute  []func(namespace string)
}

// letterNews is called by the outbox about a letter with a new result.
func (r *outboxRunnable) letterNews(letter mail.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, tell := range r.onLetter {
		tell(letter.Member)
	}
}

// routeNews is called by the outbox about a contact centre's mail server.
func (r *outboxRunnable) routeNews(namespace string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, tell := range r.onRoute {
		tell(namespace)
	}
}

// members is the source of news for the controller of Members.
func (r *outboxRunnable) members(members client.Reader) source.Source {
	return source.Func(func(ctx context.Context, queue requestQueue) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.onLetter = append(r.onLetter, func(member string) {
			namespace, name, _ := strings.Cut(member, "/")
			enqueue(queue, namespace, name, ledgerPriority)
		})
		r.onRoute = append(r.onRoute, func(namespace string) {
			// Something has changed at the mail server.
			enqueueMembers(ctx, members, queue, isUnmailed, client.InNamespace(namespace))
		})
		return nil
	})
}

// centers is the source of news for the controller of ContactCenters.
func (r *outboxRunnable) centers(name string) source.Source {
	return source.Func(func(_ context.Context, queue requestQueue) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.onRoute = append(r.onRoute, func(namespace string) { enqueue(queue, namespace, name, 0) })
		return nil
	})
}

// Start sends letters until ctx ends, lets those under way finish, and has their
// results written down: by then the queue no longer does, and a result that is
// lost is a letter sent twice. It implements manager.Runnable.
func (r *outboxRunnable) Start(ctx context.Context) error {
	r.outbox.Run(ctx)
	writing, cancel := context.WithTimeout(context.WithoutCancel(ctx), ledgerTimeout)
	defer cancel()
	pause := time.NewTicker(ledgerPause)
	defer pause.Stop()
	// A result is settled when the cache shows it in the ledger, which takes more
	// than one look where the cache is behind.
	for {
		r.writeLedger(writing)
		left := len(r.outbox.Unacknowledged())
		if left == 0 {
			return nil
		}
		select {
		case <-pause.C:
		case <-writing.Done():
			logf.FromContext(ctx).Info("results of letters are perhaps not written down; such a letter is sent again", "letters", left)
			return nil
		}
	}
}

// writeLedger has every result written down that is not yet, and drops those of
// Members that are gone.
func (r *outboxRunnable) writeLedger(ctx context.Context) {
	for uid, member := range r.outbox.Unacknowledged() {
		namespace, name, _ := strings.Cut(member, "/")
		key := client.ObjectKey{Namespace: namespace, Name: name}
		if _, err := r.ledger.Reconcile(ctx, reconcile.Request{NamespacedName: key}); err != nil {
			logf.FromContext(ctx).Error(err, "the result of a letter could not be written down", "namespace", namespace, "name", name)
		}
		var found v1alpha1.Member
		if err := r.reader.Get(ctx, key, &found); apierrors.IsNotFound(err) || (err == nil && string(found.UID) != uid) {
			r.outbox.Forget(uid)
		}
	}
}
