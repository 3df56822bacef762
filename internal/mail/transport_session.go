package mail

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// contentLife is how old the contents of a letter may be when the server is ready to
// take it. A process that slept in between, and whose successor has mailed a newer
// password meanwhile, slept for longer: it has to lose its lease first.
const contentLife = 5 * time.Second

// errStaleContent ends a letter before the server has any of it; it is made anew.
var errStaleContent = errors.New("it took too long to read what the letter says (is the API server slow?)")

// closedError is an error about a letter alone, for which the connection had to be ended.
type closedError struct{ error }

// Unwrap gives the cause.
func (e closedError) Unwrap() error { return e.error }

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
		letter, err := s.read(ctx, body)
		if err != nil {
			return s.abandon(err)
		}
		return s.data(ctx, letter, body)
	})
}

// contents are what is handed over, and since when they have been read.
type contents struct {
	begun   time.Time
	message []byte
	secrets []string
}

// read has the contents made.
func (s *smtpSession) read(ctx context.Context, body Body) (contents, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeouts.Reply)
	defer cancel()
	letter := contents{begun: time.Now()} //nolint:forbidigo // what passed on this machine counts, as for sockets
	var err error
	letter.message, letter.secrets, err = body(ctx)
	return letter, err
}

// data hands over the letter itself. Only a whole letter is ended with the dot
// that makes the server deliver it.
func (s *smtpSession) data(ctx context.Context, letter contents, body Body) error {
	if err := s.client.UpdateDeadline(s.timeouts.Reply); err != nil {
		return s.fail(StageData, err)
	}
	writer, err := s.client.Data()
	if err != nil {
		failure := s.fail(StageData, err)
		failure.Rejected = false // the server has not seen the letter yet
		return s.abandon(failure)
	}
	// The server is ready. If that took it long, the password may be another one by now.
	if letter.checkAge() != nil {
		if letter, err = s.read(ctx, body); err == nil {
			err = letter.checkAge()
		}
		if err != nil {
			closeQuietly(s.conn) // even QUIT would put a dot, and so send an empty letter
			return closedError{err}
		}
	}
	if err := s.client.UpdateDeadline(s.timeouts.EndOfData); err != nil {
		return s.fail(StageData, err)
	}
	if _, err := writer.Write(letter.message); err != nil {
		closeQuietly(s.conn) // even QUIT would put a dot after the part that was written
		return s.fail(StageData, redact(err, letter.secrets...))
	}
	if err := writer.Close(); err != nil {
		return s.fail(StageData, redact(err, letter.secrets...))
	}
	return nil
}

// checkAge rejects contents that are too old.
func (c contents) checkAge() error {
	now := time.Now() //nolint:forbidigo // as for begun
	if age := elapsed(c.begun, now); age > contentLife {
		return fmt.Errorf("%w: %s old, and the limit is %s", errStaleContent, age.Round(time.Millisecond), contentLife)
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
