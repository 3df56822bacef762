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

// stressTest posts, replaces, withdraws, and forgets e-mails, changes settings, and
// makes servers and the source fail, all at random.
type stressTest struct {
	*testOutbox
	mu       sync.Mutex
	random   *rand.Rand
	calm     bool
	underWay map[string]bool
	last     map[string]string // the IssueID sent last, by UID
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

// serve answers as a mail server.
func (s *stressTest) serve(_ context.Context, _, to string) error {
	s.mu.Lock()
	if s.underWay[to] && to != "" {
		s.t.Errorf("two e-mails to %s were in progress", to)
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

// read answers as the source; what it accepts is sent.
func (s *stressTest) read(delivery Delivery) error {
	if s.chance(5) {
		return ErrWithdrawn
	}
	if s.chance(5) {
		return fmt.Errorf("no content for %s", delivery.UID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(delivery.IssueID) < len(s.last[delivery.UID]) {
		s.t.Errorf("%s followed %s", delivery.IssueID, s.last[delivery.UID])
	}
	s.last[delivery.UID] = delivery.IssueID
	if s.double[delivery.IssueID]++; s.double[delivery.IssueID] > 1 {
		s.t.Errorf("%s was sent twice", delivery.IssueID)
	}
	return nil
}

// member resets its password again and again, and waits for the last e-mail.
func (s *stressTest) member(uid string) {
	delivery := deliveryTo(fmt.Sprint("desk", len(uid)%3), uid)
	for range 20 {
		sleep(time.Duration(s.number(2000)) * time.Millisecond)
		switch {
		case s.chance(10):
			s.Withdraw(uid)
		case s.chance(30):
			s.Post(delivery)
		default:
			delivery = withNewPassword(delivery)
			s.Post(delivery)
		}
	}
	// Like the operator, it posts again what was rejected or dropped.
	for range 3000 {
		result, ok := s.Result(uid)
		if ok && result.Outcome == Accepted && result.IssueID == delivery.IssueID {
			return
		}
		if !s.Has(uid, delivery.IssueID) {
			s.Post(delivery)
		}
		sleep(time.Second)
	}
	s.t.Errorf("%s never got the last e-mail; the outbox has it: %t", uid, s.Has(uid, delivery.IssueID))
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
				s.changeSettings()
				var people sync.WaitGroup
				for i := range 40 {
					people.Go(func() { s.member("p" + strings.Repeat("i", i)) })
				}
				people.Go(func() {
					for range 30 {
						sleep(time.Second)
						s.changeSettings()
					}
					s.mu.Lock()
					s.calm = true
					s.mu.Unlock()
					s.changeSettings()
				})
				people.Wait()
				if len(s.Unacknowledged()) != 40 {
					t.Errorf("%d results, want 40", len(s.Unacknowledged()))
				}
			})
		})
	}
}

// changeSettings changes settings and restarts servers.
func (s *stressTest) changeSettings() {
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
