package mail

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// contentLife is how old a message's contents may be when the server is ready for
// them. A process that was suspended while another leader mailed a newer password
// was suspended for longer, because it lost its lease first.
const contentLife = 5 * time.Second

// errStaleContent ends an attempt before the server has any of the message.
var errStaleContent = errors.New("the content of the e-mail is too old to send (check whether the API server or the mail server is slow)")

// closedError is an error about one message that required closing the connection.
type closedError struct{ error }

// Unwrap returns the cause.
func (e closedError) Unwrap() error { return e.error }

// Check implements Session.
func (s *smtpSession) Check(ctx context.Context, from string) error {
	return s.during(ctx, func() error {
		if err := s.client.Mail("<" + from + ">"); err != nil {
			return s.fail(StageSender, err)
		}
		if err := s.client.Reset(); err != nil {
			s.Close() // the sender was accepted, which answers the check
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
		read, err := s.read(ctx, body)
		if err != nil {
			return s.abandon(err)
		}
		return s.data(ctx, read, body)
	})
}

// contents holds a message, and when reading it began.
type contents struct {
	begun   time.Time
	message []byte
	secrets []string
}

// read calls body, within a time limit.
func (s *smtpSession) read(ctx context.Context, body Body) (contents, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeouts.Reply)
	defer cancel()
	read := contents{begun: time.Now()} //nolint:forbidigo // like socket deadlines, it follows the machine's clock
	var err error
	read.message, read.secrets, err = body(ctx)
	return read, err
}

// data sends the message itself. Only a complete message gets the final dot that
// makes the server deliver it.
func (s *smtpSession) data(ctx context.Context, read contents, body Body) error {
	if err := s.client.UpdateDeadline(s.timeouts.Reply); err != nil {
		return s.fail(StageData, err)
	}
	writer, err := s.client.Data()
	if err != nil {
		failure := s.fail(StageData, err)
		failure.Rejected = false // the server has not seen the message yet
		return s.abandon(failure)
	}
	// If the server took long to get ready, the password may have changed.
	if read.checkAge() != nil {
		if read, err = s.read(ctx, body); err == nil {
			err = read.checkAge()
		}
		if err != nil {
			closeQuietly(s.conn) // QUIT would write the dot, and so send an empty message
			return closedError{err}
		}
	}
	if err := s.client.UpdateDeadline(s.timeouts.EndOfData); err != nil {
		return s.fail(StageData, err)
	}
	if _, err := writer.Write(read.message); err != nil {
		closeQuietly(s.conn) // QUIT would write the dot after an incomplete message
		return s.fail(StageData, redact(err, read.secrets...))
	}
	if err := writer.Close(); err != nil {
		return s.fail(StageData, redact(err, read.secrets...))
	}
	return nil
}

// checkAge rejects contents that are too old.
func (c contents) checkAge() error {
	now := time.Now() //nolint:forbidigo // as for begun
	if age := elapsed(c.begun, now); age > contentLife {
		return fmt.Errorf("%w: it is %s old, and the limit is %s", errStaleContent, age.Round(time.Millisecond), contentLife)
	}
	return nil
}

// during runs one exchange within its deadline. The end of ctx ends it.
func (s *smtpSession) during(ctx context.Context, exchange func() error) error {
	stop := context.AfterFunc(ctx, func() { closeQuietly(s.conn) })
	defer stop()
	if err := s.client.UpdateDeadline(s.timeouts.Reply); err != nil {
		return s.fail(StageConnect, err)
	}
	return exchange()
}

// abandon resets the exchange, so that the session can send the next message. It
// returns the cause.
func (s *smtpSession) abandon(cause error) error {
	if s.client.UpdateDeadline(s.timeouts.Reply) != nil || s.client.Reset() != nil {
		closeQuietly(s.conn)
	}
	return cause
}

// fail returns the error of a stage.
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
		_ = s.client.Quit() //nolint:errcheck // a server that does not answer is gone as well
	}
	closeQuietly(s.conn)
}
