package smtptest

import (
	"time"

	"github.com/emersion/go-smtp"
)

// Throttle is a server that takes one message in a while.
type Throttle struct {
	// Interval is the least time from one message to the next.
	Interval time.Duration
	// Refusal answers the end of a message that comes sooner, which is not kept.
	// Nil: the answer waits for the message's turn.
	Refusal *smtp.SMTPError
}

// throttle takes the message's turn: it says how long the answer has to wait, or
// what the answer is instead.
func (s *Server) throttle(t Throttle) (wait time.Duration, refusal *smtp.SMTPError) {
	if t.Interval <= 0 {
		return 0, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now() //nolint:forbidigo // how fast messages come over the network is for the computer's clock to say
	if wait = max(0, s.turn.Sub(now)); wait > 0 && t.Refusal != nil {
		return 0, t.Refusal
	}
	s.turn = now.Add(wait + t.Interval)
	return wait, nil
}
