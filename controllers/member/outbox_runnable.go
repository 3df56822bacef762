package member

import (
	"context"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/mail"
)

// How long the results of the last letters may take to be written down when the
// operator stops, and how long to wait before another look.
const (
	ledgerTimeout = 5 * time.Second
	ledgerPause   = 100 * time.Millisecond
)

// Outbox runs the outbox inside the manager, only on the leader, and
// carries its news into the queues of the controllers.
type Outbox struct {
	Outbox *mail.Outbox
	// ledger writes down what became of a Member's letter.
	ledger reconcile.Reconciler
	// reader reads Members from the cache.
	reader client.Reader

	mu       sync.Mutex
	onLetter []func(member string)
	onRoute  []func(namespace string)
}

// OutboxOptions are what an outbox can be told.
type OutboxOptions struct {
	// Concurrency is how many letters are under way at a time.
	Concurrency int
	// Grace is how long letters under way may take when the operator stops.
	Grace  time.Duration
	Dialer mail.Dialer
	Now    func() time.Time
	Jitter func() float64
	// Leads is whether this process is still the one that mails.
	Leads func(context.Context) (bool, error)
	// Observe is told how an attempt ended.
	Observe func(mail.Outcome)
}

// NewOutbox makes an outbox for a manager.
func NewOutbox(mgr manager.Manager, options OutboxOptions) *Outbox {
	runnable := &Outbox{reader: mgr.GetClient()}
	runnable.Outbox = mail.NewOutbox(mail.OutboxOptions{
		Concurrency: options.Concurrency,
		Source:      letterSource{cache: mgr.GetClient(), live: mgr.GetAPIReader(), now: options.Now, leads: options.Leads},
		Dialer:      options.Dialer,
		Now:         options.Now,
		Jitter:      options.Jitter,
		Grace:       options.Grace,
		OnDelivery:  runnable.letterNews,
		OnRoute:     runnable.RouteNews,
		Observe:     options.Observe,
	})
	return runnable
}

// letterNews is called by the outbox about a letter with a new result.
func (r *Outbox) letterNews(letter mail.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, tell := range r.onLetter {
		tell(letter.Member)
	}
}

// routeNews is called by the outbox about a contact centre's mail server.
func (r *Outbox) RouteNews(namespace string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, tell := range r.onRoute {
		tell(namespace)
	}
}

// members is the source of news for the controller of Members.
func (r *Outbox) members(members client.Reader) source.Source {
	return source.Func(func(ctx context.Context, queue kube.Queue) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.onLetter = append(r.onLetter, func(member string) {
			namespace, name, _ := strings.Cut(member, "/")
			kube.Enqueue(queue, namespace, name, mailRecordPriority)
		})
		r.onRoute = append(r.onRoute, func(namespace string) {
			// Something has changed at the mail server.
			enqueueMembers(ctx, members, queue, isUnmailed, client.InNamespace(namespace))
		})
		return nil
	})
}

// centers is the source of news for the controller of ContactCenters.
func (r *Outbox) Centers(name string) source.Source {
	return source.Func(func(_ context.Context, queue kube.Queue) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.onRoute = append(r.onRoute, func(namespace string) { kube.Enqueue(queue, namespace, name, 0) })
		return nil
	})
}

// Start sends letters until ctx ends, lets those under way finish, and has their
// results written down: by then the queue no longer does, and a result that is
// lost is a letter sent twice. It implements manager.Runnable.
func (r *Outbox) Start(ctx context.Context) error {
	r.Outbox.Run(ctx)
	writing, cancel := context.WithTimeout(context.WithoutCancel(ctx), ledgerTimeout)
	defer cancel()
	pause := time.NewTicker(ledgerPause)
	defer pause.Stop()
	// A result is settled when the cache shows it in the ledger, which takes more
	// than one look where the cache is behind.
	for {
		r.writeLedger(writing)
		left := len(r.Outbox.Unacknowledged())
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
func (r *Outbox) writeLedger(ctx context.Context) {
	for uid, member := range r.Outbox.Unacknowledged() {
		namespace, name, _ := strings.Cut(member, "/")
		key := client.ObjectKey{Namespace: namespace, Name: name}
		if _, err := r.ledger.Reconcile(ctx, reconcile.Request{NamespacedName: key}); err != nil {
			logf.FromContext(ctx).Error(err, "the result of a letter could not be written down", "namespace", namespace, "name", name)
		}
		var found v1alpha1.Member
		if err := r.reader.Get(ctx, key, &found); apierrors.IsNotFound(err) || (err == nil && string(found.UID) != uid) {
			r.Outbox.Forget(uid)
		}
	}
}
