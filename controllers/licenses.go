package controllers

import (
	"context"
	"sync"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// seatLedger decides which Members hold the seats of a contact centre. What was
// decided is in the Members' status; the ledger covers the time until the cache
// shows it, and decides under one lock, so that no seat is given twice.
//
// A seat that somebody gives up is given again only once their status no longer
// shows it: however the operator ends, the statuses never show more holders than
// there are seats, unless the number of seats was lowered.
type seatLedger struct {
	reader client.Reader
	// duplicate tells whether another Member holds a Member's e-mail address.
	duplicate func(context.Context, *v1alpha1.Member) (bool, error)

	mu    sync.Mutex
	books map[string]*seatBook // by namespace; only of contact centres with licences
}

// newSeatLedger makes a ledger over the Members of a cache.
func newSeatLedger(reader client.Reader, claims *claimRegistry) *seatLedger {
	return &seatLedger{reader: reader, duplicate: claims.isDuplicate, books: map[string]*seatBook{}}
}

// rebuild reads a contact centre anew: its seats, its Members and what they ask for.
// Those whose status shows a seat keep it. It returns the Members that got one.
func (l *seatLedger) rebuild(ctx context.Context, namespace string) ([]client.ObjectKey, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rebuildLocked(ctx, namespace)
}

func (l *seatLedger) rebuildLocked(ctx context.Context, namespace string) ([]client.ObjectKey, error) {
	center, err := findContactCenter(ctx, l.reader, namespace)
	if err != nil {
		return nil, err
	}
	if center == nil || center.Spec.Licenses == nil {
		delete(l.books, namespace)
		return nil, nil
	}
	templates, err := templatesOf(ctx, l.reader, namespace)
	if err != nil {
		return nil, err
	}
	var members v1alpha1.MemberList
	if err := l.reader.List(ctx, &members, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	before, book := l.books[namespace], newSeatBook(*center.Spec.Licenses)
	for i := range members.Items {
		member := &members.Items[i]
		wanted, err := l.wish(ctx, member, center, templates)
		if err != nil {
			return nil, err
		}
		book.note(member, wanted, before)
	}
	l.books[namespace] = book
	return book.allocate(), nil
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

// note enters a Member as it is now. It returns the Members that got a seat by that.
// Before anything was asked about the contact centre there is no book, and nothing
// is decided: the first question comes once the cache has every Member, and then
// the older ones go first.
func (l *seatLedger) note(ctx context.Context, member *v1alpha1.Member) ([]client.ObjectKey, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	book := l.books[member.Namespace]
	if book == nil {
		return nil, nil
	}
	center, err := findContactCenter(ctx, l.reader, member.Namespace)
	if err != nil {
		return nil, err
	}
	templates, err := templatesOf(ctx, l.reader, member.Namespace)
	if err != nil {
		return nil, err
	}
	wanted, err := l.wish(ctx, member, center, templates)
	if err != nil {
		return nil, err
	}
	book.note(member, wanted, nil)
	return book.allocate(), nil
}

// forget takes a Member out that is gone. It returns the Members that got a seat.
func (l *seatLedger) forget(member *v1alpha1.Member) []client.ObjectKey {
	l.mu.Lock()
	defer l.mu.Unlock()
	book := l.books[member.Namespace]
	if book == nil || book.members[member.UID] == nil {
		return nil
	}
	book.remove(member.UID)
	return book.allocate()
}

// held is the tier of the seat that a Member of a contact centre with licences
// holds; empty for none.
func (l *seatLedger) held(ctx context.Context, member *v1alpha1.Member) (v1alpha1.LicenseTier, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	book := l.books[member.Namespace]
	if book == nil || book.members[member.UID] == nil {
		// The first question, or one that is faster than the event about the Member.
		if _, err := l.rebuildLocked(ctx, member.Namespace); err != nil {
			return "", err
		}
		book = l.books[member.Namespace]
	}
	if book == nil || book.members[member.UID] == nil {
		return "", errCacheBehind
	}
	return book.members[member.UID].held, nil
}
