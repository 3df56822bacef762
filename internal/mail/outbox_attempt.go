package mail

import (
	"bytes"
	"context"
	"errors"
	"strings"
)

// maxErrorLength is how much of an error a Result holds, in bytes.
const maxErrorLength = 1000

// attempt is one attempt to send an e-mail, or to check a server without one.
type attempt struct {
	route    *route
	epoch    int
	settings Settings
	item     *item // nil for a check
	session  Session
	trial    bool
}

// isOutdated reports whether the route has other settings by now.
func (a *attempt) isOutdated() bool { return a.epoch != a.route.epoch }

// run makes the attempt and records its outcome.
func (o *Outbox) run(ctx context.Context, a attempt) {
	reused := a.session != nil
	err := o.try(ctx, &a)
	if reused && staleConnection(err) {
		// The server closed an idle connection, which says nothing about the
		// server: a new connection tells.
		a.dropSession()
		err = o.try(ctx, &a)
	}
	if a.session != nil && connectionLost(err) {
		a.dropSession()
	}
	if a.item == nil {
		o.finishCheck(a, err)
		return
	}
	o.finishDelivery(a, err)
}

// dropSession closes the connection.
func (a *attempt) dropSession() {
	a.session.Close()
	a.session = nil
}

// try connects, unless there is an idle connection, and sends the e-mail or
// checks the server.
func (o *Outbox) try(ctx context.Context, a *attempt) error {
	from, err := AddressSpec(a.settings.From)
	if err != nil {
		return &StageError{Stage: StageSender, Server: a.settings.Server.Address(), Err: err}
	}
	if a.session == nil {
		session, err := o.options.Dialer.Dial(ctx, a.settings.Server)
		if err != nil {
			return err
		}
		a.session = session
	}
	if a.item == nil {
		return a.session.Check(ctx, from)
	}
	delivery := a.item.delivery
	return a.session.Send(ctx, from, delivery.To, func(ctx context.Context) ([]byte, []string, error) {
		return o.compose(ctx, delivery, a.settings)
	})
}

// compose returns the message that the mail server waits for, and its secrets.
func (o *Outbox) compose(ctx context.Context, delivery Delivery, settings Settings) ([]byte, []string, error) {
	content, err := o.options.Source.Content(ctx, delivery)
	if err != nil {
		return nil, nil, err
	}
	message, err := settings.Templates.Message(Envelope{
		From:      settings.From,
		ReplyTo:   settings.ReplyTo,
		MessageID: messageID(delivery, settings),
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

// messageID returns the same Message-ID for every attempt at an e-mail, so that a
// mail store can drop a duplicate.
func messageID(delivery Delivery, settings Settings) string {
	domain, err := AddressDomain(settings.From)
	if err != nil {
		domain = "localhost" // no e-mail is sent with such settings
	}
	return delivery.IssueID + "@" + domain
}

// staleConnection reports whether the server had closed an idle connection, or
// accepts no more messages over it.
func staleConnection(err error) bool {
	failure, ok := errors.AsType[*StageError](err)
	return ok && !failure.concernsMessage()
}

// connectionLost reports whether a connection is unusable after an error. Not all
// servers answer 421 when they accept no more messages over it.
func connectionLost(err error) bool {
	failure, ok := errors.AsType[*StageError](err)
	if !ok {
		_, closed := errors.AsType[closedError](err)
		return closed
	}
	code := answerCode(failure)
	return code == 0 || code == 421 || !failure.concernsMessage()
}

// statusLine returns an error text as one line of a limited length.
func statusLine(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if len(text) > maxErrorLength {
		text = strings.ToValidUTF8(text[:maxErrorLength], "") + "…"
	}
	return text
}
