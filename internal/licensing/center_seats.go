package licensing

import (
	"cmp"
	"time"

	"github.com/google/btree"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
)

// tiers are all tiers of seats.
var tiers = []v1alpha1.LicenseTier{v1alpha1.TierStandard, v1alpha1.TierPremium}

// centerSeats holds the seats of one contact center and the Members that request them.
type centerSeats struct {
	seats   v1alpha1.Licenses
	members map[types.UID]*memberSeat
	// waiting holds the Members that wait for each tier, in the order of goesBefore. What
	// the order depends on changes only while a Member is not in it.
	waiting map[v1alpha1.LicenseTier]*btree.BTreeG[*memberSeat]
	// occupied counts the Members that occupy a seat of each tier; see occupies.
	occupied map[v1alpha1.LicenseTier]int32
}

// memberSeat is the seat of one Member.
type memberSeat struct {
	key     types.NamespacedName
	uid     types.UID
	created time.Time
	// requested is the tier that the Member requests, and held the tier that the
	// allocator decided. promised is the tier that a running reconcile may write into
	// the status, and shown the tier in the status. Each is empty for none.
	requested, held, promised, shown v1alpha1.LicenseTier
	// version is the resourceVersion that the fields above come from. Events may be older:
	// a status that the operator wrote, or the cache at the last read, may be ahead of them.
	version string
}

// waits reports whether a Member waits for the tier that it requests.
func (m *memberSeat) waits() bool { return m.requested != m.held }

// waitingDegree is the degree of the B-trees of waiting Members.
const waitingDegree = 8

func newCenterSeats(seats v1alpha1.Licenses) *centerSeats {
	center := &centerSeats{
		seats: seats, members: map[types.UID]*memberSeat{}, occupied: map[v1alpha1.LicenseTier]int32{},
		waiting: map[v1alpha1.LicenseTier]*btree.BTreeG[*memberSeat]{},
	}
	for _, tier := range tiers {
		center.waiting[tier] = btree.NewG(waitingDegree, goesBefore)
	}
	return center
}

// observe records a Member in place of its earlier version, which is in this
// centerSeats or in previous. It ignores an event that is older than what it recorded:
// the newer event follows.
func (c *centerSeats) observe(member *v1alpha1.Member, requested v1alpha1.LicenseTier, previous *centerSeats) {
	now := &memberSeat{
		key: types.NamespacedName{Namespace: member.Namespace, Name: member.Name}, uid: member.UID, created: member.CreationTimestamp.Time,
		requested: requested, shown: assignment.ShownTier(member), version: member.ResourceVersion,
	}
	now.held = now.shown
	known := c.members[member.UID]
	switch {
	case known != nil && isOlder(member.ResourceVersion, known.version):
		return
	case known != nil:
		c.remove(member.UID)
	case previous != nil:
		known = previous.members[member.UID]
	}
	if known != nil {
		now.held, now.promised = known.held, known.promised
		if isOlder(member.ResourceVersion, known.version) {
			now.shown, now.version = known.shown, known.version
		}
	}
	if requested == "" {
		now.held = ""
	}
	c.add(now)
}

// add adds a Member.
func (c *centerSeats) add(member *memberSeat) {
	c.members[member.uid] = member
	c.countOccupied(member, 1)
	if member.waits() {
		c.waiting[member.requested].ReplaceOrInsert(member)
	}
}

// promise returns the tier that a Member holds, and marks it as about to be written
// into the status.
func (c *centerSeats) promise(uid types.UID) v1alpha1.LicenseTier {
	member := c.members[uid]
	c.remove(uid)
	member.promised = member.held
	c.add(member)
	return member.held
}

// statusWritten ends a promise. The status was written unless before and after are the
// same object.
func (c *centerSeats) statusWritten(before, after *v1alpha1.Member) {
	member := c.members[after.UID]
	c.remove(after.UID)
	member.promised = ""
	if after != before {
		member.shown, member.version = assignment.ShownTier(after), after.ResourceVersion
	}
	c.add(member)
}

// isOlder reports whether a resourceVersion is older than another one.
func isOlder(version, other string) bool {
	order, err := resourceversion.CompareResourceVersion(version, other)
	return err == nil && order < 0
}

// remove removes a Member.
func (c *centerSeats) remove(uid types.UID) {
	known := c.members[uid]
	if known.waits() {
		c.waiting[known.requested].Delete(known)
	}
	c.countOccupied(known, -1)
	delete(c.members, uid)
}

// countOccupied adds change to the count of each tier that a Member occupies.
func (c *centerSeats) countOccupied(member *memberSeat, change int32) {
	for _, tier := range tiers {
		if member.occupies(tier) {
			c.occupied[tier] += change
		}
	}
}

// occupies reports whether a Member takes up a seat of a tier: it holds the seat, its
// status shows the seat, or a reconcile may write it.
func (m *memberSeat) occupies(tier v1alpha1.LicenseTier) bool {
	return tier != "" && (m.held == tier || m.promised == tier || m.shown == tier)
}

// allocate gives the free seats to waiting Members, and returns those Members.
func (c *centerSeats) allocate() []types.NamespacedName {
	var winners []types.NamespacedName
	for {
		winner := c.popWinner()
		if winner == nil {
			return winners
		}
		c.countOccupied(winner, -1)
		winner.held = winner.requested
		c.countOccupied(winner, 1)
		winners = append(winners, winner.key)
	}
}

// popWinner removes and returns a waiting Member for which a seat is free; nil if there
// is none. A Member that gets a seat of one tier may free a seat of the other.
func (c *centerSeats) popWinner() *memberSeat {
	for tier, queue := range c.waiting {
		if first, ok := queue.Min(); ok && c.isFree(tier, first) {
			queue.DeleteMin()
			return first
		}
	}
	return nil
}

// isFree reports whether a tier has a seat for a Member. A seat that the Member itself
// occupies is free for it.
func (c *centerSeats) isFree(tier v1alpha1.LicenseTier, member *memberSeat) bool {
	others := c.occupied[tier]
	if member.occupies(tier) {
		others--
	}
	return others < c.seats.Seats(tier)
}

// goesBefore orders the Members that wait for a tier: those that gave up a seat but still
// occupy it come first, then the oldest.
func goesBefore(a, b *memberSeat) bool {
	if occupiesA, occupiesB := a.occupies(a.requested), b.occupies(b.requested); occupiesA != occupiesB {
		return occupiesA
	}
	return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.uid, b.uid)) < 0
}
