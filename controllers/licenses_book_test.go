package controllers

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// TestNoSeatIsGivenTwice plays members that come, go and change their minds, an
// operator that writes down what was decided late and in any order, and one that
// starts anew, and checks after each step what has to hold of statuses and ledger.
func TestNoSeatIsGivenTwice(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		play := newSeatPlay(seed)
		for step := range 400 {
			play.step()
			if problem := play.problem(); problem != "" {
				t.Fatalf("seed %d, step %d: %s", seed, step, problem)
			}
		}
	}
}

// seatPlay is a contact centre with its ledger.
type seatPlay struct {
	random  *rand.Rand
	book    *seatBook
	members map[types.UID]*v1alpha1.Member
	wanted  map[types.UID]v1alpha1.LicenseTier
	made    int
}

func newSeatPlay(seed uint64) *seatPlay {
	return &seatPlay{
		random:  rand.New(rand.NewPCG(seed, 6)),
		book:    newSeatBook(v1alpha1.Licenses{Standard: 3, Premium: 2}),
		members: map[types.UID]*v1alpha1.Member{}, wanted: map[types.UID]v1alpha1.LicenseTier{},
	}
}

var playTiers = []v1alpha1.LicenseTier{v1alpha1.TierStandard, v1alpha1.TierPremium}

// step does one thing at random.
func (p *seatPlay) step() {
	switch p.random.IntN(8) {
	case 0, 1:
		p.made++
		member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{
			UID: types.UID(fmt.Sprint("uid-", p.made)), Name: fmt.Sprint("member-", p.made), CreationTimestamp: metav1.NewTime(monday.Add(time.Duration(p.made/3) * time.Second)),
		}}
		p.members[member.UID], p.wanted[member.UID] = member, playTiers[p.random.IntN(2)]
		p.note(member)
	case 2, 3:
		if member := p.any(); member != nil {
			p.wanted[member.UID] = []v1alpha1.LicenseTier{v1alpha1.TierStandard, v1alpha1.TierPremium, ""}[p.random.IntN(3)]
			p.note(member)
		}
	case 4, 5:
		if member := p.any(); member != nil { // its status is written, and seen
			member.Status.License = &v1alpha1.LicenseStatus{Tier: p.book.members[member.UID].held}
			p.note(member)
		}
	case 6:
		if member := p.any(); member != nil && len(p.members) > 4 {
			delete(p.members, member.UID)
			p.book.remove(member.UID)
			p.book.allocate()
		}
	case 7:
		p.startAnew()
	}
}

// note is the event about a member.
func (p *seatPlay) note(member *v1alpha1.Member) {
	p.book.note(member, p.wanted[member.UID], nil)
	p.book.allocate()
}

// startAnew has another operator read what the statuses show.
func (p *seatPlay) startAnew() {
	anew := newSeatBook(p.book.seats)
	for _, member := range p.members {
		anew.note(member, p.wanted[member.UID], nil)
	}
	anew.allocate()
	p.book = anew
}

// any is a member at random; nil if there is none.
func (p *seatPlay) any() *v1alpha1.Member {
	if p.made == 0 {
		return nil
	}
	return p.members[types.UID(fmt.Sprint("uid-", 1+p.random.IntN(p.made)))]
}

// problem is what does not hold; empty if all does.
func (p *seatPlay) problem() string {
	for _, tier := range playTiers {
		shown, held := int32(0), int32(0)
		var oldestWaiting *seatMember
		for _, member := range p.book.members {
			if member.shown == tier {
				shown++
			}
			if member.held == tier {
				held++
				if member.wanted == "" {
					return fmt.Sprintf("%s holds a seat that it does not ask for", member.uid)
				}
			}
			if member.wanted == tier && member.held != tier && (oldestWaiting == nil || member.created.Before(oldestWaiting.created)) {
				oldestWaiting = member
			}
		}
		switch seats := p.book.seats.Seats(tier); {
		case shown > seats:
			return fmt.Sprintf("%d statuses show one of %d %s seats", shown, seats, tier)
		case held > seats:
			return fmt.Sprintf("%d hold one of %d %s seats", held, seats, tier)
		case oldestWaiting != nil && p.book.occupied[tier] < seats:
			return fmt.Sprintf("%s waits for %s, and %d of %d seats are occupied", oldestWaiting.uid, tier, p.book.occupied[tier], seats)
		}
	}
	return ""
}

func TestSeatsGoToTheOldest(t *testing.T) {
	t.Parallel()
	book := newSeatBook(v1alpha1.Licenses{Standard: 2})
	for i, age := range []int{3, 1, 2, 4} {
		book.note(&v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{
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
