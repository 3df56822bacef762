package smtptest

import (
	"time"

	"github.com/emersion/go-smtp"
)

// Throttle limits how often a server accepts a message.
type Throttle struct {
	// Interval is the shortest time between two messages.
	Interval time.Duration
	// Refusal answers the end of a message that comes sooner, and the message is not
	// kept. If nil, the answer waits until the message is due.
	Refusal *smtp.SMTPError
}

// throttle returns how long the answer to a message has to wait, or its refusal.
func (s *Server) throttle(t Throttle) (wait time.Duration, refusal *smtp.SMTPError) {
	if t.Interval <= 0 {
		return 0, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now() //nolint:forbidigo // messages arrive in real time
	if wait = max(0, s.turn.Sub(now)); wait > 0 && t.Refusal != nil {
		return 0, t.Refusal
	}
	s.turn = now.Add(wait + t.Interval)
	return wait, nil
}
