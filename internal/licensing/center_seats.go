package licensing

import (
	"container/heap"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
)

// centerSeats is the seats of one contact centre.
type centerSeats struct {
	seats   v1alpha1.Licenses
	members map[types.UID]*memberSeat
	waiting map[v1alpha1.LicenseTier]*waitingQueue
	// occupied counts the Members that hold a seat, or whose status shows it or may do
	// so in a moment.
	occupied map[v1alpha1.LicenseTier]int32
}

// memberSeat is what the ledger knows of one Member.
type memberSeat struct {
	key     types.NamespacedName
	uid     types.UID
	created time.Time
	// wanted is the tier asked for, held the one decided, promised the one that a
	// reconcile under way may write into the status, and shown the one in it; empty for
	// none.
	wanted, held, promised, shown v1alpha1.LicenseTier
	// version is the resourceVersion that all this is of. Events may be behind it: behind
	// our own write, or behind the cache that the book was made from.
	version string
	// place is where the Member is in the queue of the tier that it wants; -1 if it
	// does not wait.
	place int
}

func newCenterSeats(seats v1alpha1.Licenses) *centerSeats {
	return &centerSeats{
		seats: seats, members: map[types.UID]*memberSeat{}, occupied: map[v1alpha1.LicenseTier]int32{},
		waiting: map[v1alpha1.LicenseTier]*waitingQueue{v1alpha1.TierStandard: {}, v1alpha1.TierPremium: {}},
	}
}

// note enters a Member in the place of its former self, in this book or another. An
// event that is behind what the book has says nothing: the later one is on the way.
func (b *centerSeats) observe(member *v1alpha1.Member, wanted v1alpha1.LicenseTier, other *centerSeats) {
	now := &memberSeat{
		key: types.NamespacedName{Namespace: member.Namespace, Name: member.Name}, uid: member.UID, created: member.CreationTimestamp.Time,
		wanted: wanted, shown: assignment.ShownTier(member), version: member.ResourceVersion, place: -1,
	}
	now.held = now.shown
	known := b.members[member.UID]
	switch {
	case known != nil && isBehind(member.ResourceVersion, known.version):
		return
	case known != nil:
		b.remove(member.UID)
	case other != nil:
		known = other.members[member.UID]
	}
	if known != nil {
		now.held, now.promised = known.held, known.promised
		if isBehind(member.ResourceVersion, known.version) {
			now.shown, now.version = known.shown, known.version
		}
	}
	if wanted == "" {
		now.held = ""
	}
	b.enter(now)
}

// enter puts a Member in.
func (b *centerSeats) enter(member *memberSeat) {
	b.members[member.uid] = member
	b.occupy(member, 1)
	if member.wanted != member.held {
		heap.Push(b.waiting[member.wanted], member)
	}
}

// promise is the tier that a Member holds, which is about to be written down.
func (b *centerSeats) promise(uid types.UID) v1alpha1.LicenseTier {
	member := b.members[uid]
	b.remove(uid)
	member.promised = member.held
	b.enter(member)
	return member.held
}

// kube.HandleError notes that a Member's status was written, unless after is before.
func (b *centerSeats) statusWritten(before, after *v1alpha1.Member) {
	member := b.members[after.UID]
	b.remove(after.UID)
	member.promised = ""
	if after != before {
		member.shown, member.version = assignment.ShownTier(after), after.ResourceVersion
	}
	b.enter(member)
}

// isBehind is whether a resourceVersion is older than another one.
func isBehind(version, than string) bool {
	order, err := resourceversion.CompareResourceVersion(version, than)
	return err == nil && order < 0
}

// remove takes a Member out.
func (b *centerSeats) remove(uid types.UID) {
	known := b.members[uid]
	if known.place >= 0 {
		heap.Remove(b.waiting[known.wanted], known.place)
	}
	b.occupy(known, -1)
	delete(b.members, uid)
}

// occupy counts the seats of a Member.
func (b *centerSeats) occupy(member *memberSeat, count int32) {
	for _, tier := range []v1alpha1.LicenseTier{v1alpha1.TierStandard, v1alpha1.TierPremium} {
		if member.occupies(tier) {
			b.occupied[tier] += count
		}
	}
}

// occupies is whether a Member keeps others from a seat of a tier.
func (m *memberSeat) occupies(tier v1alpha1.LicenseTier) bool {
	return tier != "" && (m.held == tier || m.promised == tier || m.shown == tier)
}

// allocate gives the free seats to those who wait, and returns who got one.
func (b *centerSeats) allocate() []types.NamespacedName {
	var winners []types.NamespacedName
	for {
		winner := b.next()
		if winner == nil {
			return winners
		}
		b.occupy(winner, -1)
		winner.held = winner.wanted
		b.occupy(winner, 1)
		winners = append(winners, winner.key)
	}
}

// next takes out of a queue who gets a seat next; nil for nobody. Who gets a seat of
// assignment.NonEmpty tier may free assignment.NonEmpty of the other.
func (b *centerSeats) next() *memberSeat {
	for tier, queue := range b.waiting {
		if queue.Len() > 0 && b.isFree(tier, (*queue)[0]) {
			next := (*queue)[0]
			heap.Pop(queue)
			return next
		}
	}
	return nil
}

// isFree is whether there is a seat for a Member. The one that it occupies is counted
// already.
func (b *centerSeats) isFree(tier v1alpha1.LicenseTier, member *memberSeat) bool {
	others := b.occupied[tier]
	if member.occupies(tier) {
		others--
	}
	return others < b.seats.Seats(tier)
}

// waitingQueue is who waits for a tier: first who gave the seat up a moment ago and still
// occupies it, then the oldest. It implements heap.Interface.
type waitingQueue []*memberSeat

func (q waitingQueue) Len() int { return len(q) }

func (q waitingQueue) Less(i, j int) bool {
	if stillI, stillJ := q[i].occupies(q[i].wanted), q[j].occupies(q[j].wanted); stillI != stillJ {
		return stillI
	}
	if !q[i].created.Equal(q[j].created) {
		return q[i].created.Before(q[j].created)
	}
	return q[i].uid < q[j].uid
}

func (q waitingQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

// Push implements heap.Interface.
func (q *waitingQueue) Push(member any) {
	if waiting, ok := member.(*memberSeat); ok {
		waiting.place = len(*q)
		*q = append(*q, waiting)
	}
}

// Pop implements heap.Interface.
func (q *waitingQueue) Pop() any {
	last := len(*q) - 1
	popped := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	popped.place = -1
	return popped
}
