// Package licensing decides which Members hold the license seats of a contact
// center. It is pure: a [Snapshots] supplies the objects that it decides from.
package licensing

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
)

// Allocator decides which Members hold the seats of contact centers. The Members'
// status records the decisions. The allocator covers the time until the cache shows
// a status, and decides under one lock, so that it never gives a seat twice.
//
// The allocator gives a released seat to another Member only after the former
// holder's status stops showing it and no reconcile is about to write it again.
// Therefore the statuses never show more holders than seats, even after a crash of
// the operator, unless an administrator lowers the number of seats.
type Allocator struct {
	snapshots Snapshots
	// isDuplicate reports whether another Member holds a Member's e-mail address.
	isDuplicate func(context.Context, *v1alpha1.Member) (bool, error)

	mu      sync.Mutex
	centers map[string]*centerSeats // by namespace; only contact centers with licenses
	// onAssigned is called for each Member that receives a seat; nil until OnAssigned.
	onAssigned func(types.NamespacedName)
}

// Snapshots supplies the objects that an Allocator decides from.
type Snapshots interface {
	// Rules returns the objects that determine which seat each Member requests. The
	// ContactCenter is nil if it has no licenses.
	Rules(ctx context.Context, namespace string) (*v1alpha1.ContactCenter, []*v1alpha1.MemberTemplate, error)
	// Members returns the Members of a namespace. The allocator does not change them.
	Members(ctx context.Context, namespace string) ([]*v1alpha1.Member, error)
}

// New returns an allocator that decides from snapshots.
func New(snapshots Snapshots, isDuplicate func(context.Context, *v1alpha1.Member) (bool, error)) *Allocator {
	return &Allocator{snapshots: snapshots, isDuplicate: isDuplicate, centers: map[string]*centerSeats{}}
}

// OnAssigned registers a function that is called for each Member that receives a
// seat from now on. It must not block or call the allocator.
func (a *Allocator) OnAssigned(onAssigned func(types.NamespacedName)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.onAssigned = onAssigned
}

// allocate gives free seats to waiting Members and reports the winners to
// onAssigned. The caller holds the lock.
func (a *Allocator) allocate(center *centerSeats) {
	for _, winner := range center.allocate() {
		if a.onAssigned != nil {
			a.onAssigned(winner)
		}
	}
}

// Rebuild reads a contact center again, after an event that may change which seats
// its Members request.
func (a *Allocator) Rebuild(ctx context.Context, namespace string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.read(ctx, namespace)
}

// read reads a contact center: its seats, its Members, and the seats that they
// request. Members whose status shows a seat keep it. The caller holds the lock.
func (a *Allocator) read(ctx context.Context, namespace string) error {
	center, templates, err := a.snapshots.Rules(ctx, namespace)
	if err != nil {
		return err
	}
	if center == nil {
		delete(a.centers, namespace)
		return nil
	}
	members, err := a.snapshots.Members(ctx, namespace)
	if err != nil {
		return err
	}
	before, seats := a.centers[namespace], newCenterSeats(*center.Spec.Licenses)
	for _, member := range members {
		requested, err := a.requestedTier(ctx, member, center, templates)
		if err != nil {
			return err
		}
		seats.observe(member, requested, before)
	}
	a.centers[namespace] = seats
	a.allocate(seats)
	return nil
}

// requestedTier returns the tier of the seat that a Member requests. A Member that is
// being deleted, or whose e-mail address another Member holds, requests none.
func (a *Allocator) requestedTier(ctx context.Context, member *v1alpha1.Member, center *v1alpha1.ContactCenter, templates []*v1alpha1.MemberTemplate) (v1alpha1.LicenseTier, error) {
	requested := assignment.Resolve(member, center, templates).License.Tier
	if requested == "" || member.DeletionTimestamp != nil {
		return "", nil
	}
	duplicate, err := a.isDuplicate(ctx, member)
	if duplicate {
		requested = ""
	}
	return requested, err
}

// Observe records a Member as it is now. It does nothing until Held or Rebuild reads
// the contact center: the first call of Held follows after the cache holds all Members,
// so that the oldest ones receive seats first. It also does nothing without a
// ContactCenter that has licenses: the event of that change removes the contact center.
func (a *Allocator) Observe(ctx context.Context, member *v1alpha1.Member) {
	a.mu.Lock()
	defer a.mu.Unlock()
	seats := a.centers[member.Namespace]
	if seats == nil {
		return
	}
	center, templates, err := a.snapshots.Rules(ctx, member.Namespace)
	if err != nil || center == nil {
		return // an error means that the cache stops, together with the operator
	}
	requested, err := a.requestedTier(ctx, member, center, templates)
	if err != nil {
		return
	}
	seats.observe(member, requested, nil)
	a.allocate(seats)
}

// Forget removes a deleted Member.
func (a *Allocator) Forget(member *v1alpha1.Member) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if seats := a.centers[member.Namespace]; seats != nil && seats.members[member.UID] != nil {
		seats.remove(member.UID)
		a.allocate(seats)
	}
}

// Held returns the tier of the seat that a Member holds, empty for none. It is known
// only for Members of a contact center with licenses. The caller is about to write the
// tier into the Member's status, so the seat counts as occupied until StatusWritten.
func (a *Allocator) Held(ctx context.Context, member *v1alpha1.Member) (tier v1alpha1.LicenseTier, known bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.centers[member.Namespace] == nil {
		if err := a.read(ctx, member.Namespace); err != nil {
			return "", false, err
		}
	}
	seats := a.centers[member.Namespace]
	if seats == nil || seats.members[member.UID] == nil {
		return "", false, nil // the event of the ContactCenter or of the Member follows
	}
	defer a.allocate(seats)
	return seats.promise(member.UID), true, nil
}

// StatusWritten records the result of a reconcile: the Member before it and the Member
// with its status written; both are the same if there was nothing to write. After a
// failed write the status is unknown, so the caller does not call StatusWritten, and
// the promise of Held stays until the next call of Held.
func (a *Allocator) StatusWritten(before, after *v1alpha1.Member) {
	a.mu.Lock()
	defer a.mu.Unlock()
	seats := a.centers[after.Namespace]
	if seats == nil || seats.members[after.UID] == nil {
		return
	}
	seats.statusWritten(before, after)
	a.allocate(seats)
}
