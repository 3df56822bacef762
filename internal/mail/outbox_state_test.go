package mail

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// wantTransitions lists, for each state and event, the state after it, the
// password that the item is then about (the first or the second one), its
// attempts, and the member's result. Every further post counts 10 attempts more,
// so that 10+20 is an item of the second post with one of the third as its next.
//
//nolint:dupword // the columns are in this order
const wantTransitions = `
absent     posted            waiting    second 10    none
absent     postedAgain       waiting    first  10    none
absent     withdrawn         absent     -      0     none
absent     forgotten         absent     -      0     none

waiting    posted            waiting    second 10    none
waiting    postedAgain       waiting    first  0     none
waiting    withdrawn         absent     -      0     none
waiting    forgotten         absent     -      0     none
waiting    started           sending    first  0     none

parked     posted            parked     second 10    none
parked     postedAgain       parked     first  0     none
parked     withdrawn         absent     -      0     none
parked     forgotten         absent     -      0     none
parked     predecessorEnded  waiting    first  0     none
parked     displaced         absent     -      0     none

sending    posted            superseded first  0+10  none
sending    postedAgain       repeated   first  0+10  none
sending    withdrawn         withdrawn  first  0     none
sending    forgotten         forgotten  first  0     none
sending    accepted          absent     -      0     accepted
sending    rejected          absent     -      0     rejected
sending    refused           absent     -      0     none
sending    failed            waiting    first  1     retrying

repeated   posted            superseded first  0+20  none
repeated   postedAgain       repeated   first  0+20  none
repeated   withdrawn         withdrawn  first  0     none
repeated   forgotten         forgotten  first  0     none
repeated   accepted          absent     -      0     accepted
repeated   rejected          absent     -      0     rejected
repeated   refused           waiting    first  10    none
repeated   failed            waiting    first  1     retrying

superseded posted            superseded first  0+20  none
superseded postedAgain       repeated   first  0+20  none
superseded withdrawn         withdrawn  first  0     none
superseded forgotten         forgotten  first  0     none
superseded accepted          waiting    second 10    none
superseded rejected          waiting    second 10    none
superseded refused           waiting    second 10    none
superseded failed            waiting    second 10    none

withdrawn  posted            superseded first  0+10  none
withdrawn  postedAgain       repeated   first  0+10  none
withdrawn  withdrawn         withdrawn  first  0     none
withdrawn  forgotten         forgotten  first  0     none
withdrawn  accepted          absent     -      0     accepted
withdrawn  rejected          absent     -      0     none
withdrawn  refused           absent     -      0     none
withdrawn  failed            absent     -      0     none

forgotten  posted            superseded first  0+10  none
forgotten  postedAgain       repeated   first  0+10  none
forgotten  withdrawn         forgotten  first  0     none
forgotten  forgotten         forgotten  first  0     none
forgotten  accepted          absent     -      0     none
forgotten  rejected          absent     -      0     none
forgotten  refused           absent     -      0     none
forgotten  failed            absent     -      0     none
`

// The names in wantTransitions, in the order of the constants.
var (
	stateNames = strings.Fields("absent waiting parked sending repeated superseded withdrawn forgotten")
	eventNames = strings.Fields("posted postedAgain withdrawn forgotten started predecessorEnded displaced accepted rejected refused failed")
)

// stateTest is an outbox whose item for UID ana is in a chosen state. Nothing
// runs; the test makes each step.
type stateTest struct {
	*Outbox
	first                Delivery
	posts                int
	attempt, predecessor attempt
}

// startNext starts the attempt that is due.
func (s *stateTest) startNext() attempt { return s.start(s.route("desk"), s.clock.now()) }

// newStateTest brings the item into a state.
func newStateTest(state string) *stateTest {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := &stateTest{first: deliveryTo("desk", "ana"), Outbox: NewOutbox(OutboxOptions{
		Now: func() time.Time { return now }, Jitter: func() float64 { return 0 }, Observe: func(Outcome) {},
	})}
	s.SetRoute("desk", settingsOf("desk", 1))
	s.route("desk").breaker.succeed()
	switch state {
	case "absent":
	case "waiting":
		s.Post(s.first)
	case "parked":
		s.postForSameName("predecessor")
		s.predecessor = s.startNext()
		s.Post(s.first)
	default:
		s.Post(s.first)
		s.attempt = s.startNext()
		s.apply(map[string]string{"repeated": "postedAgain", "superseded": "posted"}[state])
		s.apply(map[string]string{"withdrawn": "withdrawn", "forgotten": "forgotten"}[state])
	}
	return s
}

// postForSameName posts the e-mail of another Member of the same name.
func (s *stateTest) postForSameName(uid string) {
	other := deliveryTo("desk", uid)
	other.Member = s.first.Member
	s.Post(other)
}

// postAgain posts an e-mail to ana after the first one.
func (s *stateTest) postAgain(delivery Delivery) {
	s.posts++
	delivery.Attempts = 10 * s.posts
	s.Post(delivery)
}

// apply makes an event happen.
func (s *stateTest) apply(event string) {
	switch event {
	case "posted":
		s.postAgain(withNewPassword(s.first))
	case "postedAgain":
		s.postAgain(s.first)
	case "withdrawn":
		s.Withdraw("ana")
	case "forgotten":
		s.Forget("ana")
	case "started":
		s.startNext()
	case "predecessorEnded":
		s.finishDelivery(s.predecessor, nil)
	case "displaced":
		s.postForSameName("third")
	case "accepted":
		s.finishDelivery(s.attempt, nil)
	case "rejected":
		s.finishDelivery(s.attempt, stageFailure(StageRecipient, 550))
	case "refused":
		s.finishDelivery(s.attempt, ErrWithdrawn)
	case "failed":
		s.finishDelivery(s.attempt, stageFailure(StageRecipient, 450))
	}
}

// describe returns the item as the last four columns of wantTransitions do.
func (s *stateTest) describe() string {
	state, password, attempts, outcome := stateAbsent, "-", "0", "none"
	if found, ok := s.items["ana"]; ok {
		state, password, attempts = found.state, "first", strconv.Itoa(found.delivery.Attempts)
		if found.next != nil {
			attempts += fmt.Sprint("+", found.next.Attempts)
		}
		if found.delivery.IssueID != s.first.IssueID {
			password = "second"
		}
	}
	if result, ok := s.Result("ana"); ok {
		outcome = string(result.Outcome)
	}
	return fmt.Sprintf("%s %s %s %s", stateNames[state], password, attempts, outcome)
}

func TestEveryEventHasItsEffectInEveryState(t *testing.T) {
	t.Parallel()
	tested := map[string]bool{}
	for row := range strings.SplitSeq(strings.TrimSpace(wantTransitions), "\n") {
		columns := strings.Fields(row)
		if len(columns) == 0 {
			continue
		}
		tested[columns[0]+" "+columns[1]] = true
		s := newStateTest(columns[0])
		s.apply(columns[1])
		if got, want := s.describe(), strings.Join(columns[2:], " "); got != want {
			t.Errorf("%s, after %s: got %q, want %q", columns[0], columns[1], got, want)
		}
	}
	for from, events := range transitions {
		for event, step := range events {
			if step.record && event != eventAccepted && event != eventRejected && event != eventFailed {
				t.Errorf("%s, after %s: there is no outcome to record", stateNames[from], eventNames[event])
			}
			if pair := stateNames[from] + " " + eventNames[event]; !tested[pair] {
				t.Errorf("wantTransitions lacks %q", pair)
			}
		}
	}
}
