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

// Results of e-mails are recorded when the operator stops: for how long at most, and at which
// interval.
const (
	recordTimeout  = 5 * time.Second
	recordInterval = 100 * time.Millisecond
)

// Outbox runs the outbox in the manager, on the leader only. It notifies the controllers of
// changes.
type Outbox struct {
	Outbox *mail.Outbox
	// reconciler records the result of an e-mail in the Member's status.
	reconciler reconcile.Reconciler
	// reader reads Members from the cache.
	reader client.Reader

	mu         sync.Mutex
	onDelivery []func(member string)
	onRoute    []func(namespace string)
}

// OutboxOptions are the options of NewOutbox.
type OutboxOptions struct {
	// Concurrency is the number of e-mails that are sent at the same time.
	Concurrency int
	// Grace is how long e-mails in flight may take when the operator stops.
	Grace  time.Duration
	Dialer mail.Dialer
	Now    func() time.Time
	Jitter func() float64
	// Leads reports whether this process is still the leader, which alone sends e-mails.
	Leads func(context.Context) (bool, error)
	// Observe receives the outcome of each attempt.
	Observe func(mail.Outcome)
}

// NewOutbox creates an outbox for a manager.
func NewOutbox(mgr manager.Manager, options OutboxOptions) *Outbox {
	runnable := &Outbox{reader: mgr.GetClient()}
	runnable.Outbox = mail.NewOutbox(mail.OutboxOptions{
		Concurrency: options.Concurrency,
		Source:      deliverySource{cache: mgr.GetClient(), live: mgr.GetAPIReader(), now: options.Now, leads: options.Leads},
		Dialer:      options.Dialer,
		Now:         options.Now,
		Jitter:      options.Jitter,
		Grace:       options.Grace,
		OnDelivery:  runnable.deliveryNews,
		OnRoute:     runnable.RouteNews,
		Observe:     options.Observe,
	})
	return runnable
}

// deliveryNews tells the controllers that a delivery has a new result.
func (r *Outbox) deliveryNews(delivery mail.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, notify := range r.onDelivery {
		notify(delivery.Member)
	}
}

// RouteNews tells the controllers that something changed at the mail server of a contact center.
func (r *Outbox) RouteNews(namespace string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, notify := range r.onRoute {
		notify(namespace)
	}
}

// members returns the source that requeues a Member whose e-mail has a result, and the Members whose
// e-mails wait for a mail server that changes.
func (r *Outbox) members(members client.Reader) source.Source {
	return source.Func(func(ctx context.Context, queue kube.Queue) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.onDelivery = append(r.onDelivery, func(member string) {
			namespace, name, _ := strings.Cut(member, "/")
			kube.Enqueue(queue, namespace, name, mailRecordPriority)
		})
		r.onRoute = append(r.onRoute, func(namespace string) {
			enqueueMembers(ctx, members, queue, unmailed, namespace)
		})
		return nil
	})
}

// Centers returns the source that requeues the ContactCenter of a namespace, which has the given name,
// when its mail server changes.
func (r *Outbox) Centers(name string) source.Source {
	return source.Func(func(_ context.Context, queue kube.Queue) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.onRoute = append(r.onRoute, func(namespace string) { kube.Enqueue(queue, namespace, name, 0) })
		return nil
	})
}

// Start implements manager.Runnable. It sends e-mails until ctx ends, lets those in flight finish,
// and records their results. The queue has stopped by then, and a result that is lost makes the
// next leader send the e-mail again.
func (r *Outbox) Start(ctx context.Context) error {
	r.Outbox.Run(ctx)
	recordCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	ticker := time.NewTicker(recordInterval)
	defer ticker.Stop()
	// The outbox keeps a result until the cache shows it in the mail record, which may take several
	// reconciles.
	for {
		r.recordResults(recordCtx)
		left := len(r.Outbox.Unacknowledged())
		if left == 0 {
			return nil
		}
		select {
		case <-ticker.C:
		case <-recordCtx.Done():
			logf.FromContext(ctx).Info("Results of e-mails may be lost: recording them took too long. The next leader sends those e-mails again", "emails", left)
			return nil
		}
	}
}

// recordResults reconciles the Members whose results are not recorded yet, and drops the results of
// departed members.
func (r *Outbox) recordResults(ctx context.Context) {
	for uid, member := range r.Outbox.Unacknowledged() {
		namespace, name, _ := strings.Cut(member, "/")
		key := client.ObjectKey{Namespace: namespace, Name: name}
		if _, err := r.reconciler.Reconcile(ctx, reconcile.Request{NamespacedName: key}); err != nil {
			logf.FromContext(ctx).Error(err, "Result of an e-mail could not be recorded", "namespace", namespace, "name", name)
		}
		var found v1alpha1.Member
		if err := r.reader.Get(ctx, key, &found); apierrors.IsNotFound(err) || (err == nil && string(found.UID) != uid) {
			r.Outbox.Forget(uid)
		}
	}
}
