package mail

import (
	"bytes"
	"context"
	"errors"
	"strings"
)

// maxErrorLength is how much of an error is kept for people to read, in bytes.
const maxErrorLength = 1000

// fly makes one attempt and books what came of it.
func (o *Outbox) fly(ctx context.Context, f flight) {
	reused := f.session != nil
	err := o.attempt(ctx, &f)
	if reused && staleConnection(err) {
		// The server closed a kept connection, which says nothing about the
		// server: a new connection tells.
		f.session.Close()
		f.session = nil
		err = o.attempt(ctx, &f)
	}
	if f.session != nil && connectionLost(err) {
		f.session.Close()
		f.session = nil
	}
	if f.letter == nil {
		o.bookCheck(f, err)
		return
	}
	o.bookLetter(f, err)
}

// attempt connects, where there is no kept connection, and sends the letter or
// checks the server.
func (o *Outbox) attempt(ctx context.Context, f *flight) error {
	from, err := AddressSpec(f.settings.From)
	if err != nil {
		return &StageError{Stage: StageSender, Server: f.settings.Server.Address(), Err: err}
	}
	if f.session == nil {
		session, err := o.options.Dialer.Dial(ctx, f.settings.Server)
		if err != nil {
			return err
		}
		f.session = session
	}
	if f.letter == nil {
		return f.session.Check(ctx, from)
	}
	return f.session.Send(ctx, from, f.letter.letter.To, func(ctx context.Context) ([]byte, []string, error) {
		return o.write(ctx, f)
	})
}

// write makes the letter that the mail server waits for.
func (o *Outbox) write(ctx context.Context, f *flight) ([]byte, []string, error) {
	content, err := o.options.Source.Content(ctx, f.letter.letter)
	if err != nil {
		return nil, nil, err
	}
	message, err := f.settings.Templates.Message(Envelope{
		From:      f.settings.From,
		ReplyTo:   f.settings.ReplyTo,
		MessageID: messageID(f.letter.letter, f.settings),
		Date:      o.options.Now(),
	}, content)
	if err != nil {
		return nil, nil, err
	}
	var raw bytes.Buffer
	if _, err := message.WriteTo(&raw); err != nil {
		return nil, nil, err
	}
	return raw.Bytes(), []string{content.Password}, nil
}

// messageID is the same for every attempt at a letter, so that a mail store can
// drop a twin.
func messageID(letter Letter, settings Settings) string {
	domain, err := AddressDomain(settings.From)
	if err != nil {
		domain = "localhost" // such settings never get as far as a letter
	}
	return letter.IssueID + "@" + domain
}

// staleConnection is whether a kept connection turned out to be closed, or to
// have carried as many letters as the server allows.
func staleConnection(err error) bool {
	failure, ok := errors.AsType[*StageError](err)
	return ok && !failure.ofTheLetter()
}

// connectionLost is whether a connection is of no use after an error. Not all
// servers say 421 when they want no more letters over it.
func connectionLost(err error) bool {
	failure, ok := errors.AsType[*StageError](err)
	if !ok {
		_, closed := errors.AsType[closedError](err)
		return closed
	}
	code := answerCode(failure)
	return code == 0 || code == 421 || !failure.ofTheLetter()
}

// statusLine makes an error fit for a status field.
func statusLine(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if len(text) > maxErrorLength {
		text = strings.ToValidUTF8(text[:maxErrorLength], "") + "…"
	}
	return text
}
