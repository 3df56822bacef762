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

// TestNoSeatIsGivenTwice plays members that come, go and change their minds, an
// operator that hears of it late, asks, and writes down the answer later or never, and
// assignment.NonEmpty that starts anew, and checks after each step what has to hold.
func TestNoSeatIsGivenTwice(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		play := newSeatPlay(seed)
		for step := range 400 {
			play.step()
			if problem := play.problem(); problem != "" {
				t.Fatalf("seed %d, step %d: %s", seed, step, problem)
			}
		}
		play.calmDown()
		if problem := play.unrest(); problem != "" {
			t.Fatalf("seed %d, once quiet: %s", seed, problem)
		}
	}
}

// seatPlay is a contact centre with its ledger.
type seatPlay struct {
	random *rand.Rand
	book   *centerSeats
	// members are as the API server has them; the tier that each asks for is in its
	// spec.
	members map[types.UID]*v1alpha1.Member
	// unseen are the versions of each of which the operator has not heard yet.
	unseen map[types.UID][]*v1alpha1.Member
	// answers are what reconciles under way are going to write.
	answers map[types.UID]seatAnswer
	made    int
	version int
}

// seatAnswer is the tier for a Member in the version that was asked about.
type seatAnswer struct {
	about *v1alpha1.Member
	tier  v1alpha1.LicenseTier
}

func newSeatPlay(seed uint64) *seatPlay {
	return &seatPlay{
		random:  rand.New(rand.NewPCG(seed, 6)),
		book:    newCenterSeats(v1alpha1.Licenses{Standard: 2, Premium: 1}),
		members: map[types.UID]*v1alpha1.Member{}, unseen: map[types.UID][]*v1alpha1.Member{}, answers: map[types.UID]seatAnswer{},
	}
}

var playTiers = []v1alpha1.LicenseTier{v1alpha1.TierStandard, v1alpha1.TierPremium}

// step does one thing at random. There are few members and fewer seats, so that much
// happens to each.
func (p *seatPlay) step() {
	member := p.any()
	switch chance := p.random.IntN(100); {
	case member == nil || chance < 5 && len(p.members) < 7:
		p.add()
	case chance < 25:
		p.changeMind(member)
	case chance < 50:
		p.ask(member)
	case chance < 72:
		p.write(member)
	case chance < 92:
		p.hear(member)
	case chance < 94:
		p.leave(member)
	case chance < 98:
		p.rebuild()
	default:
		p.startAnew()
	}
}

// add has a member come.
func (p *seatPlay) add() {
	p.made++
	p.store(&v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{
			UID: types.UID(fmt.Sprint("uid-", p.made)), Name: fmt.Sprint("member-", p.made),
			CreationTimestamp: metav1.NewTime(monday.Add(time.Duration(p.made/3) * time.Second)),
		},
		Spec: v1alpha1.MemberSpec{License: v1alpha1.License(playTiers[p.random.IntN(2)])},
	})
}

// store writes a member to the API server, which gives it a version.
func (p *seatPlay) store(member *v1alpha1.Member) {
	p.version++
	member.ResourceVersion = fmt.Sprint(p.version)
	p.members[member.UID] = member
	p.unseen[member.UID] = append(p.unseen[member.UID], member)
}

// changeMind has a member ask for something else.
func (p *seatPlay) changeMind(member *v1alpha1.Member) {
	changed := member.DeepCopy()
	changed.Spec.License = []v1alpha1.License{v1alpha1.LicenseStandard, v1alpha1.LicensePremium, v1alpha1.LicenseNone}[p.random.IntN(3)]
	p.store(changed)
}

// wantedIn is what a version of a member asks for.
func wantedIn(member *v1alpha1.Member) v1alpha1.LicenseTier {
	if member.Spec.License == v1alpha1.LicenseNone {
		return ""
	}
	return v1alpha1.LicenseTier(member.Spec.License)
}

// ask begins a reconcile. The cache may be ahead of the events.
func (p *seatPlay) ask(member *v1alpha1.Member) {
	if p.book.members[member.UID] != nil {
		p.answers[member.UID] = seatAnswer{about: member, tier: p.book.promise(member.UID)}
		p.book.allocate()
	}
}

// write ends it: the answer gets into the status, unless the member has changed since.
func (p *seatPlay) write(member *v1alpha1.Member) {
	answer, asked := p.answers[member.UID]
	delete(p.answers, member.UID)
	if !asked || answer.about.ResourceVersion != member.ResourceVersion || p.book.members[member.UID] == nil {
		return // a conflict, which is looked at again
	}
	after := member
	if answer.tier != assignment.ShownTier(member) {
		after = member.DeepCopy()
		after.Status.License = &v1alpha1.LicenseStatus{Tier: answer.tier}
		p.store(after)
	}
	p.book.statusWritten(member, after)
	p.book.allocate()
}

// hear has the operator handle the next event about a member.
func (p *seatPlay) hear(member *v1alpha1.Member) {
	if unseen := p.unseen[member.UID]; len(unseen) > 0 {
		p.unseen[member.UID] = unseen[1:]
		p.book.observe(unseen[0], wantedIn(unseen[0]), nil)
		p.book.allocate()
	}
}

// leave has a member go.
func (p *seatPlay) leave(member *v1alpha1.Member) {
	if len(p.members) < 4 {
		return
	}
	delete(p.members, member.UID)
	delete(p.unseen, member.UID)
	delete(p.answers, member.UID)
	if p.book.members[member.UID] != nil {
		p.book.remove(member.UID)
		p.book.allocate()
	}
}

// startAnew has another operator read what the API server has.
func (p *seatPlay) startAnew() {
	anew := newCenterSeats(p.book.seats)
	for _, member := range p.members {
		anew.observe(member, wantedIn(member), nil)
	}
	anew.allocate()
	p.book = anew
	clear(p.unseen)
	clear(p.answers)
}

// rebuild has the operator read its cache, which is ahead of the events, in the middle
// of its work.
func (p *seatPlay) rebuild() {
	anew := newCenterSeats(p.book.seats)
	for _, member := range p.members {
		anew.observe(member, wantedIn(member), p.book)
	}
	anew.allocate()
	p.book = anew
}

// calmDown lets the operator get to the end of its work.
func (p *seatPlay) calmDown() {
	for range 5 {
		for _, member := range p.members {
			for len(p.unseen[member.UID]) > 0 {
				p.hear(member)
			}
			p.ask(p.members[member.UID])
			p.write(p.members[member.UID])
		}
	}
}

// any is a member at random; nil if there is none.
func (p *seatPlay) any() *v1alpha1.Member {
	uids := slices.Sorted(maps.Keys(p.members))
	if len(uids) == 0 {
		return nil
	}
	return p.members[uids[p.random.IntN(len(uids))]]
}

// problem is what does not hold; empty if all does.
func (p *seatPlay) problem() string {
	for _, tier := range playTiers {
		shown, occupied := int32(0), int32(0)
		for _, member := range p.members {
			if assignment.ShownTier(member) == tier {
				shown++
			}
		}
		free := false
		for _, member := range p.book.members {
			if member.occupies(tier) {
				occupied++
			}
			free = free || member.wanted == tier && member.held != tier && p.book.isFree(tier, member)
		}
		switch seats := p.book.seats.Seats(tier); {
		case shown > seats:
			return fmt.Sprintf("%d statuses show one of %d %s seats", shown, seats, tier)
		case occupied != p.book.occupied[tier]:
			return fmt.Sprintf("%d occupy a %s seat, and %d are counted", occupied, tier, p.book.occupied[tier])
		case free:
			return fmt.Sprintf("somebody waits for %s, and a seat is free", tier)
		}
	}
	return ""
}

// unrest is what does not hold once everything is written down; empty if all does.
func (p *seatPlay) unrest() string {
	for _, tier := range playTiers {
		shown, waiting := int32(0), int32(0)
		for _, member := range p.members {
			switch {
			case assignment.ShownTier(member) == tier:
				shown++
			case wantedIn(member) == tier:
				waiting++
			}
			if assignment.ShownTier(member) != "" && wantedIn(member) == "" {
				return fmt.Sprintf("%s shows a seat that it does not ask for", member.Name)
			}
		}
		if seats := p.book.seats.Seats(tier); shown > seats || shown < seats && waiting > 0 {
			return fmt.Sprintf("%d show one of %d %s seats, and %d wait", shown, seats, tier, waiting)
		}
	}
	return ""
}

func TestSeatsGoToTheOldest(t *testing.T) {
	t.Parallel()
	book := newCenterSeats(v1alpha1.Licenses{Standard: 2})
	for i, age := range []int{3, 1, 2, 4} {
		book.observe(&v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{
			UID: types.UID(fmt.Sprint(i)), Name: fmt.Sprint("age-", age), CreationTimestamp: metav1.NewTime(monday.Add(-time.Duration(age) * time.Hour)),
		}}, v1alpha1.TierStandard, nil)
	}
	var names []string
	for _, winner := range book.allocate() {
		names = append(names, winner.Name)
	}
	if fmt.Sprint(names) != "[age-4 age-3]" {
		t.Errorf("the seats went to %v", names)
	}
}
