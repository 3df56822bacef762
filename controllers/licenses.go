package controllers

import (
	"context"
	"sync"

	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// seatLedger decides which Members hold the seats of a contact centre. What was
// decided is in the Members' status; the ledger covers the time until the cache
// shows it, and decides under one lock, so that no seat is given twice.
//
// A seat that somebody gives up is given again only once their status no longer
// shows it, and nobody is about to write that it does: however the operator ends,
// the statuses never show more holders than there are seats, unless the number of
// seats was lowered.
type seatLedger struct {
	reader client.Reader
	// duplicate tells whether another Member holds a Member's e-mail address.
	duplicate func(context.Context, *v1alpha1.Member) (bool, error)

	mu    sync.Mutex
	books map[string]*seatBook // by namespace; only of contact centres with licences
	// queue gets the Members that got a seat; nil until the controller starts.
	queue requestQueue
}

// newSeatLedger makes a ledger over the Members of a cache.
func newSeatLedger(reader client.Reader, claims *claimRegistry) *seatLedger {
	return &seatLedger{reader: reader, duplicate: claims.isDuplicate, books: map[string]*seatBook{}}
}

// winners is where the Members that got a seat come from.
func (l *seatLedger) winners() source.Source {
	return source.Func(func(_ context.Context, queue requestQueue) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.queue = queue
		return nil
	})
}

// allocate gives the free seats of a book to those who wait, and has them looked at.
// The caller holds the lock.
func (l *seatLedger) allocate(book *seatBook) {
	for _, winner := range book.allocate() {
		if l.queue != nil {
			enqueue(l.queue, winner.Namespace, winner.Name, 0)
		}
	}
}

// rebuild has a contact centre read anew, after an event about what says who asks for
// what.
func (l *seatLedger) rebuild(ctx context.Context, namespace string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.read(ctx, namespace); err != nil && ctx.Err() == nil {
		logf.FromContext(ctx).Error(err, "Seats could not be decided anew", "namespace", namespace)
	}
}

// read reads a contact centre anew: its seats, its Members and what they ask for.
// Those whose status shows a seat keep it. The caller holds the lock.
func (l *seatLedger) read(ctx context.Context, namespace string) error {
	center, templates, err := l.rules(ctx, namespace)
	if err != nil {
		return err
	}
	if center == nil {
		delete(l.books, namespace)
		return nil
	}
	var members v1alpha1.MemberList
	if err := l.reader.List(ctx, &members, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	before, book := l.books[namespace], newSeatBook(*center.Spec.Licenses)
	for i := range members.Items {
		member := &members.Items[i]
		wanted, err := l.wish(ctx, member, center, templates)
		if err != nil {
			return err
		}
		book.note(member, wanted, before)
	}
	l.books[namespace] = book
	l.allocate(book)
	return nil
}

// rules are what says who asks for what. The ContactCenter is nil if it has no
// licences.
func (l *seatLedger) rules(ctx context.Context, namespace string) (*v1alpha1.ContactCenter, []*v1alpha1.MemberTemplate, error) {
	center, err := findContactCenter(ctx, l.reader, namespace)
	if err != nil || center == nil || center.Spec.Licenses == nil {
		return nil, nil, err
	}
	templates, err := templatesOf(ctx, l.reader, namespace)
	return center, templates, err
}

// wish is the tier of the seat that a Member asks for. One that is going away, or
// whose e-mail address is somebody else's, asks for none.
func (l *seatLedger) wish(ctx context.Context, member *v1alpha1.Member, center *v1alpha1.ContactCenter, templates []*v1alpha1.MemberTemplate) (v1alpha1.LicenseTier, error) {
	wanted := resolveMember(member, center, templates).license.tier
	if wanted == "" || member.DeletionTimestamp != nil {
		return "", nil
	}
	duplicate, err := l.duplicate(ctx, member)
	if duplicate {
		wanted = ""
	}
	return wanted, err
}

// note enters a Member as it is now. Before anything was asked about the contact
// centre there is no book, and nothing is decided: the first question comes once the
// cache has every Member, and then the older ones go first. Without a ContactCenter
// that has licences, its own event is on the way and closes the book.
func (l *seatLedger) note(ctx context.Context, member *v1alpha1.Member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	book := l.books[member.Namespace]
	if book == nil {
		return
	}
	center, templates, err := l.rules(ctx, member.Namespace)
	if err != nil || center == nil {
		return // on an error, the cache stops with the operator
	}
	wanted, err := l.wish(ctx, member, center, templates)
	if err != nil {
		return
	}
	book.note(member, wanted, nil)
	l.allocate(book)
}

// forget takes a Member out that is gone.
func (l *seatLedger) forget(member *v1alpha1.Member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if book := l.books[member.Namespace]; book != nil && book.members[member.UID] != nil {
		book.remove(member.UID)
		l.allocate(book)
	}
}

// held is the tier of the seat that a Member of a contact centre with licences
// holds; empty for none. Who asks is about to write it into the Member's status, so
// the seat counts as occupied until settle tells what came of that.
func (l *seatLedger) held(ctx context.Context, member *v1alpha1.Member) (v1alpha1.LicenseTier, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.books[member.Namespace] == nil {
		if err := l.read(ctx, member.Namespace); err != nil {
			return "", err
		}
	}
	book := l.books[member.Namespace]
	if book == nil || book.members[member.UID] == nil {
		return "", errCacheBehind // the event about the ContactCenter or the Member is on the way
	}
	defer l.allocate(book)
	return book.promise(member.UID), nil
}

// settle notes what came of a reconcile of a Member: its status was written, or did
// not have to be, and after is the Member as it is then. After an error nobody knows,
// and the promise stays until the next question.
func (l *seatLedger) settle(before, after *v1alpha1.Member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	book := l.books[after.Namespace]
	if book == nil || book.members[after.UID] == nil {
		return
	}
	book.settle(before, after)
	l.allocate(book)
}
