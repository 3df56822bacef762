package licensing

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
)

// monday is when the first Members are created.
var monday = metav1.NewTime(time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC))

// TestNoSeatIsGivenTwice simulates Members that are created, deleted, and changed; an
// operator that receives events late, asks for a seat, and writes the answer later or
// never; and restarts of the operator. It checks the invariants after each step.
func TestNoSeatIsGivenTwice(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		simulation := newSimulation(seed)
		for step := range 400 {
			simulation.step()
			if violation := simulation.violation(); violation != "" {
				t.Fatalf("seed %d, step %d: %s", seed, step, violation)
			}
		}
		simulation.finish()
		if violation := simulation.violationAtEnd(); violation != "" {
			t.Fatalf("seed %d, at the end: %s", seed, violation)
		}
	}
}

// simulation is a contact center, its Members, and the operator.
type simulation struct {
	random *rand.Rand
	seats  *centerSeats
	// members are the Members on the API server. Each requests the tier in its spec.
	members map[types.UID]*v1alpha1.Member
	// unseen are the versions of each Member that the operator has not received yet.
	unseen map[types.UID][]*v1alpha1.Member
	// answers are the results that running reconciles are going to write.
	answers map[types.UID]seatAnswer
	created int
	version int
}

// seatAnswer is the tier for a version of a Member.
type seatAnswer struct {
	member *v1alpha1.Member
	tier   v1alpha1.LicenseTier
}

func newSimulation(seed uint64) *simulation {
	return &simulation{
		random:  rand.New(rand.NewPCG(seed, 6)),
		seats:   newCenterSeats(v1alpha1.Licenses{Standard: 2, Premium: 1}),
		members: map[types.UID]*v1alpha1.Member{}, unseen: map[types.UID][]*v1alpha1.Member{}, answers: map[types.UID]seatAnswer{},
	}
}

// step performs one random action. There are few Members and fewer seats, so that much
// happens to each.
func (s *simulation) step() {
	member := s.randomMember()
	switch chance := s.random.IntN(100); {
	case member == nil || chance < 5 && len(s.members) < 7:
		s.create()
	case chance < 25:
		s.change(member)
	case chance < 50:
		s.ask(member)
	case chance < 72:
		s.write(member)
	case chance < 92:
		s.receive(member)
	case chance < 94:
		s.delete(member)
	case chance < 98:
		s.rebuild()
	default:
		s.restart()
	}
}

// create creates a Member.
func (s *simulation) create() {
	s.created++
	s.store(&v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{
			UID: types.UID(fmt.Sprint("uid-", s.created)), Name: fmt.Sprint("member-", s.created),
			CreationTimestamp: metav1.NewTime(monday.Add(time.Duration(s.created/3) * time.Second)),
		},
		Spec: v1alpha1.MemberSpec{License: v1alpha1.License(tiers[s.random.IntN(2)])},
	})
}

// store writes a Member to the API server with a new resourceVersion.
func (s *simulation) store(member *v1alpha1.Member) {
	s.version++
	member.ResourceVersion = fmt.Sprint(s.version)
	s.members[member.UID] = member
	s.unseen[member.UID] = append(s.unseen[member.UID], member)
}

// change changes the license that a Member requests.
func (s *simulation) change(member *v1alpha1.Member) {
	changed := member.DeepCopy()
	changed.Spec.License = []v1alpha1.License{v1alpha1.LicenseStandard, v1alpha1.LicensePremium, v1alpha1.LicenseNone}[s.random.IntN(3)]
	s.store(changed)
}

// requestedBy returns the tier that a version of a Member requests.
func requestedBy(member *v1alpha1.Member) v1alpha1.LicenseTier {
	if member.Spec.License == v1alpha1.LicenseNone {
		return ""
	}
	return v1alpha1.LicenseTier(member.Spec.License)
}

// ask starts a reconcile. Its cache may be ahead of the events.
func (s *simulation) ask(member *v1alpha1.Member) {
	if s.seats.members[member.UID] != nil {
		s.answers[member.UID] = seatAnswer{member: member, tier: s.seats.promise(member.UID)}
		s.seats.allocate()
	}
}

// write ends a reconcile: it writes the answer into the status, unless the Member has
// changed since.
func (s *simulation) write(member *v1alpha1.Member) {
	answer, asked := s.answers[member.UID]
	delete(s.answers, member.UID)
	if !asked || answer.member.ResourceVersion != member.ResourceVersion || s.seats.members[member.UID] == nil {
		return // a conflict, which requeues the Member
	}
	after := member
	if answer.tier != assignment.ShownTier(member) {
		after = member.DeepCopy()
		after.Status.License = &v1alpha1.LicenseStatus{Tier: answer.tier}
		s.store(after)
	}
	s.seats.statusWritten(member, after)
	s.seats.allocate()
}

// receive makes the operator handle the next event of a Member.
func (s *simulation) receive(member *v1alpha1.Member) {
	if unseen := s.unseen[member.UID]; len(unseen) > 0 {
		s.unseen[member.UID] = unseen[1:]
		s.seats.observe(unseen[0], requestedBy(unseen[0]), nil)
		s.seats.allocate()
	}
}

// delete deletes a Member.
func (s *simulation) delete(member *v1alpha1.Member) {
	if len(s.members) < 4 {
		return
	}
	delete(s.members, member.UID)
	delete(s.unseen, member.UID)
	delete(s.answers, member.UID)
	if s.seats.members[member.UID] != nil {
		s.seats.remove(member.UID)
		s.seats.allocate()
	}
}

// restart starts another operator, which reads all Members from the API server.
func (s *simulation) restart() {
	rebuilt := newCenterSeats(s.seats.seats)
	for _, member := range s.members {
		rebuilt.observe(member, requestedBy(member), nil)
	}
	rebuilt.allocate()
	s.seats = rebuilt
	clear(s.unseen)
	clear(s.answers)
}

// rebuild makes the operator read its cache, which is ahead of the events, while
// reconciles are running.
func (s *simulation) rebuild() {
	rebuilt := newCenterSeats(s.seats.seats)
	for _, member := range s.members {
		rebuilt.observe(member, requestedBy(member), s.seats)
	}
	rebuilt.allocate()
	s.seats = rebuilt
}

// finish lets the operator complete all work.
func (s *simulation) finish() {
	for range 5 {
		for _, member := range s.members {
			for len(s.unseen[member.UID]) > 0 {
				s.receive(member)
			}
			s.ask(s.members[member.UID])
			s.write(s.members[member.UID])
		}
	}
}

// randomMember returns a random Member; nil if there is none.
func (s *simulation) randomMember() *v1alpha1.Member {
	uids := slices.Sorted(maps.Keys(s.members))
	if len(uids) == 0 {
		return nil
	}
	return s.members[uids[s.random.IntN(len(uids))]]
}

// violation returns the invariant that does not hold; empty if all hold.
func (s *simulation) violation() string {
	for _, tier := range tiers {
		shown, occupied := int32(0), int32(0)
		for _, member := range s.members {
			if assignment.ShownTier(member) == tier {
				shown++
			}
		}
		free := false
		for _, member := range s.seats.members {
			if member.occupies(tier) {
				occupied++
			}
			free = free || member.requested == tier && member.held != tier && s.seats.isFree(tier, member)
		}
		switch seats := s.seats.seats.Seats(tier); {
		case shown > seats:
			return fmt.Sprintf("%d statuses show one of %d %s seats", shown, seats, tier)
		case occupied != s.seats.occupied[tier]:
			return fmt.Sprintf("%d Members occupy a %s seat, but %d are counted", occupied, tier, s.seats.occupied[tier])
		case free:
			return fmt.Sprintf("a Member waits for %s although a seat is free", tier)
		}
	}
	return ""
}

// violationAtEnd returns what is wrong after all statuses are written; empty for
// nothing.
func (s *simulation) violationAtEnd() string {
	for _, tier := range tiers {
		shown, waiting := int32(0), int32(0)
		for _, member := range s.members {
			switch {
			case assignment.ShownTier(member) == tier:
				shown++
			case requestedBy(member) == tier:
				waiting++
			}
			if assignment.ShownTier(member) != "" && requestedBy(member) == "" {
				return fmt.Sprintf("%s shows a seat that it does not request", member.Name)
			}
		}
		if seats := s.seats.seats.Seats(tier); shown > seats || shown < seats && waiting > 0 {
			return fmt.Sprintf("%d Members show one of %d %s seats, and %d wait", shown, seats, tier, waiting)
		}
	}
	return ""
}

func TestSeatsGoToTheOldestMembers(t *testing.T) {
	t.Parallel()
	seats := newCenterSeats(v1alpha1.Licenses{Standard: 2})
	for i, age := range []int{3, 1, 2, 4} {
		seats.observe(&v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{
			UID: types.UID(fmt.Sprint(i)), Name: fmt.Sprint("age-", age), CreationTimestamp: metav1.NewTime(monday.Add(-time.Duration(age) * time.Hour)),
		}}, v1alpha1.TierStandard, nil)
	}
	var names []string
	for _, winner := range seats.allocate() {
		names = append(names, winner.Name)
	}
	if fmt.Sprint(names) != "[age-4 age-3]" {
		t.Errorf("the seats went to %v", names)
	}
}
