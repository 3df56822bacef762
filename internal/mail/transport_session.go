package mail

import (
	"context"
	"time"
)

// Check implements Session.
func (s *smtpSession) Check(ctx context.Context, from string) error {
	return s.during(ctx, func() error {
		if err := s.client.Mail("<" + from + ">"); err != nil {
			return s.fail(StageSender, err)
		}
		if err := s.client.Reset(); err != nil {
			s.Close() // the sender was accepted, which is all that was asked
		}
		return nil
	})
}

// Send implements Session.
func (s *smtpSession) Send(ctx context.Context, from, to string, body Body) error {
	return s.during(ctx, func() error {
		if err := s.client.Mail("<" + from + ">"); err != nil {
			return s.fail(StageSender, err)
		}
		if err := s.client.Rcpt("<" + to + ">"); err != nil {
			return s.abandon(s.fail(StageRecipient, err))
		}
		writing, cancel := context.WithTimeout(ctx, s.timeouts.Reply)
		defer cancel()
		message, secrets, err := body(writing)
		if err != nil {
			return s.abandon(err)
		}
		return s.data(message, secrets)
	})
}

// data hands over the letter itself. Only a whole letter is ended with the dot
// that makes the server deliver it.
func (s *smtpSession) data(message []byte, secrets []string) error {
	if err := s.client.UpdateDeadline(s.timeouts.Reply); err != nil {
		return s.fail(StageData, err)
	}
	writer, err := s.client.Data()
	if err != nil {
		failure := s.fail(StageData, err)
		failure.Rejected = false // the server has not seen the letter yet
		return s.abandon(failure)
	}
	if err := s.client.UpdateDeadline(s.timeouts.EndOfData); err != nil {
		return s.fail(StageData, err)
	}
	if _, err := writer.Write(message); err != nil {
		closeQuietly(s.conn) // even QUIT would put a dot after the part that was written
		return s.fail(StageData, redact(err, secrets...))
	}
	if err := writer.Close(); err != nil {
		return s.fail(StageData, redact(err, secrets...))
	}
	return nil
}

// during runs one exchange within its deadline; the end of ctx ends it.
func (s *smtpSession) during(ctx context.Context, exchange func() error) error {
	stop := context.AfterFunc(ctx, func() { closeQuietly(s.conn) })
	defer stop()
	if err := s.client.UpdateDeadline(s.timeouts.Reply); err != nil {
		return s.fail(StageConnect, err)
	}
	return exchange()
}

// abandon makes the server forget the letter under way, so that the session can
// carry the next one. The first error counts.
func (s *smtpSession) abandon(cause error) error {
	if s.client.UpdateDeadline(s.timeouts.Reply) != nil || s.client.Reset() != nil {
		closeQuietly(s.conn)
	}
	return cause
}

// fail makes the error for a stage.
func (s *smtpSession) fail(stage Stage, err error) *StageError {
	code := answerCode(err)
	return &StageError{
		Stage:    stage,
		Server:   s.server.Address(),
		Rejected: code >= 500 && (stage == StageRecipient || stage == StageData),
		Err:      redact(err, s.server.secrets()...),
	}
}

// Close implements Session.
func (s *smtpSession) Close() {
	if s.client.HasConnection() && s.client.UpdateDeadline(time.Second) == nil {
		// A server that does not answer QUIT is gone, which is what was wanted.
		_ = s.client.Quit() //nolint:errcheck // see above
	}
	closeQuietly(s.conn)
}
