package mail

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// stressTest is everything at once: letters that are posted, replaced, taken back
// and forgotten, settings that come and go, and servers and a source that fail,
// all at random.
type stressTest struct {
	*testOutbox
	mu       sync.Mutex
	random   *rand.Rand
	calm     bool
	underWay map[string]bool
	last     map[string]string // the IssueID sent last, by address
	double   map[string]int    // how often each IssueID was sent
}

func (s *stressTest) chance(percent int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.calm && s.random.IntN(100) < percent
}

func (s *stressTest) number(below int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.random.IntN(below)
}

// serve is a mail server's answer.
func (s *stressTest) serve(_ context.Context, _, to string) error {
	s.mu.Lock()
	if s.underWay[to] && to != "" {
		s.t.Errorf("two letters to %s were under way", to)
	}
	s.underWay[to] = true
	s.mu.Unlock()
	sleep(time.Duration(s.number(300)) * time.Millisecond)
	s.mu.Lock()
	s.underWay[to] = false
	s.mu.Unlock()
	if s.chance(5) {
		return stageFailure(StageSender, 0)
	}
	if s.chance(15) {
		return failDelivery(to, stageFailure(StageRecipient, 450+100*s.number(2)))
	}
	return nil
}

// read is the source; what it lets through is sent.
func (s *stressTest) read(letter Letter) error {
	if s.chance(5) {
		return ErrWithdrawn
	}
	if s.chance(5) {
		return fmt.Errorf("no content for %s", letter.UID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(letter.IssueID) < len(s.last[letter.UID]) {
		s.t.Errorf("%s followed %s", letter.IssueID, s.last[letter.UID])
	}
	s.last[letter.UID] = letter.IssueID
	if s.double[letter.IssueID]++; s.double[letter.IssueID] > 1 {
		s.t.Errorf("%s was sent twice", letter.IssueID)
	}
	return nil
}

// person is somebody whose password is reset again and again.
func (s *stressTest) person(uid string) {
	letter := deliveryTo(fmt.Sprint("desk", len(uid)%3), uid)
	for range 20 {
		sleep(time.Duration(s.number(2000)) * time.Millisecond)
		switch {
		case s.chance(10):
			s.Withdraw(uid)
		case s.chance(30):
			s.Post(letter)
		default:
			letter = withNewPassword(letter)
			s.Post(letter)
		}
	}
	// Whoever reads results posts again what was refused or dropped.
	for range 3000 {
		result, ok := s.Result(uid)
		if ok && result.Outcome == Accepted && result.IssueID == letter.IssueID {
			return
		}
		if !s.Has(uid, letter.IssueID) {
			s.Post(letter)
		}
		sleep(time.Second)
	}
	s.t.Errorf("%s never got the last letter; it is there: %t", uid, s.Has(uid, letter.IssueID))
}

func TestUnderRandomFailuresNoEmailIsLostDuplicatedOrReordered(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &stressTest{
					random:   rand.New(rand.NewPCG(seed, 0)),
					underWay: map[string]bool{}, last: map[string]string{}, double: map[string]int{},
				}
				s.testOutbox = startOutbox(t, func(options *OutboxOptions) { options.Concurrency = int(seed) })
				s.set(func() { s.answer, s.content = s.serve, s.read })
				s.weather()
				var people sync.WaitGroup
				for i := range 40 {
					people.Go(func() { s.person("p" + strings.Repeat("i", i)) })
				}
				people.Go(func() {
					for range 30 {
						sleep(time.Second)
						s.weather()
					}
					s.mu.Lock()
					s.calm = true
					s.mu.Unlock()
					s.weather()
				})
				people.Wait()
				if len(s.Unsettled()) != 40 {
					t.Errorf("%d results, want 40", len(s.Unsettled()))
				}
			})
		})
	}
}

// weather changes settings and servers.
func (s *stressTest) weather() {
	for i := range 3 {
		route := fmt.Sprint("desk", i)
		if s.chance(20) {
			s.RemoveRoute(route)
			continue
		}
		settings := settingsOf(route, s.number(3))
		settings.MaxPerMinute = 600 * s.number(2)
		s.SetRoute(route, settings)
	}
	if s.chance(20) {
		s.set(func() { s.restarts++ })
	}
}
