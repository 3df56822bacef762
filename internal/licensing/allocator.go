package licensing

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
)

// Allocator decides which Members hold the seats of a contact centre. What was
// decided is in the Members' status; the ledger covers the time until the cache
// shows it, and decides under one lock, so that no seat is given twice.
//
// A seat that somebody gives up is given again only once their status no longer
// shows it, and nobody is about to write that it does: however the operator ends,
// the statuses never show more holders than there are seats, unless the number of
// seats was lowered.
type Allocator struct {
	snapshots Snapshots
	// duplicate tells whether another Member holds a Member's e-mail address.
	duplicate func(context.Context, *v1alpha1.Member) (bool, error)

	mu      sync.Mutex
	centers map[string]*centerSeats // by namespace; only of contact centres with licences
	// assignment.AssignedNames is told of the Members that got a seat; nil until somebody listens.
	assigned func(types.NamespacedName)
}

// Snapshots supplies what is decided from.
type Snapshots interface {
	// Rules returns what says who asks for what. The ContactCenter is nil if it has no
	// licences.
	Rules(ctx context.Context, namespace string) (*v1alpha1.ContactCenter, []*v1alpha1.MemberTemplate, error)
	// Members returns the Members of a namespace. They are not changed.
	Members(ctx context.Context, namespace string) ([]*v1alpha1.Member, error)
}

// New makes a ledger over snapshots of the Members.
func New(snapshots Snapshots, duplicate func(context.Context, *v1alpha1.Member) (bool, error)) *Allocator {
	return &Allocator{snapshots: snapshots, duplicate: duplicate, centers: map[string]*centerSeats{}}
}

// onAssigned has a function told of every Member that gets a seat from now on. It must
// not block, nor ask the ledger.
func (l *Allocator) OnAssigned(tell func(types.NamespacedName)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.assigned = tell
}

// allocate gives the free seats of a book to those who wait, and has them looked at.
// The caller holds the lock.
func (l *Allocator) allocate(book *centerSeats) {
	for _, winner := range book.allocate() {
		if l.assigned != nil {
			l.assigned(winner)
		}
	}
}

// rebuild has a contact centre read anew, after an event about what says who asks for
// what.
func (l *Allocator) Rebuild(ctx context.Context, namespace string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.read(ctx, namespace)
}

// read reads a contact centre anew: its seats, its Members and what they ask for.
// Those whose status shows a seat keep it. The caller holds the lock.
func (l *Allocator) read(ctx context.Context, namespace string) error {
	center, templates, err := l.snapshots.Rules(ctx, namespace)
	if err != nil {
		return err
	}
	if center == nil {
		delete(l.centers, namespace)
		return nil
	}
	members, err := l.snapshots.Members(ctx, namespace)
	if err != nil {
		return err
	}
	before, book := l.centers[namespace], newCenterSeats(*center.Spec.Licenses)
	for _, member := range members {
		wanted, err := l.wish(ctx, member, center, templates)
		if err != nil {
			return err
		}
		book.observe(member, wanted, before)
	}
	l.centers[namespace] = book
	l.allocate(book)
	return nil
}

// wish is the tier of the seat that a Member asks for. One that is going away, or
// whose e-mail address is somebody else's, asks for none.
func (l *Allocator) wish(ctx context.Context, member *v1alpha1.Member, center *v1alpha1.ContactCenter, templates []*v1alpha1.MemberTemplate) (v1alpha1.LicenseTier, error) {
	wanted := assignment.Resolve(member, center, templates).License.Tier
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
func (l *Allocator) Observe(ctx context.Context, member *v1alpha1.Member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	book := l.centers[member.Namespace]
	if book == nil {
		return
	}
	center, templates, err := l.snapshots.Rules(ctx, member.Namespace)
	if err != nil || center == nil {
		return // on an error, the cache stops with the operator
	}
	wanted, err := l.wish(ctx, member, center, templates)
	if err != nil {
		return
	}
	book.observe(member, wanted, nil)
	l.allocate(book)
}

// forget takes a Member out that is gone.
func (l *Allocator) Forget(member *v1alpha1.Member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if book := l.centers[member.Namespace]; book != nil && book.members[member.UID] != nil {
		book.remove(member.UID)
		l.allocate(book)
	}
}

// held is the tier of the seat that a Member of a contact centre with licences
// holds; empty for none. Who asks is about to write it into the Member's status, so
// the seat counts as occupied until settle tells what came of that.
func (l *Allocator) Held(ctx context.Context, member *v1alpha1.Member) (tier v1alpha1.LicenseTier, known bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.centers[member.Namespace] == nil {
		if err := l.read(ctx, member.Namespace); err != nil {
			return "", false, err
		}
	}
	book := l.centers[member.Namespace]
	if book == nil || book.members[member.UID] == nil {
		return "", false, nil // the event about the ContactCenter or the Member is on the way
	}
	defer l.allocate(book)
	return book.promise(member.UID), true, nil
}

// kube.HandleError notes what came of a reconcile of a Member: its status was written, or did
// not have to be, and after is the Member as it is then. After an error nobody knows,
// and the promise stays until the next question.
func (l *Allocator) StatusWritten(before, after *v1alpha1.Member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	book := l.centers[after.Namespace]
	if book == nil || book.members[after.UID] == nil {
		return
	}
	book.statusWritten(before, after)
	l.allocate(book)
}
