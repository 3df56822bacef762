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

// bookCheck notes what a check without a letter found.
func (o *Outbox) bookCheck(f flight, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.disembark(f)
	if f.epoch != f.lane.epoch {
		return
	}
	failure, failed := errors.AsType[*StageError](err)
	switch {
	case failed:
		o.serverFails(f, failure)
	case err == nil:
		o.serverWorks(f.lane)
	default: // it cannot be told whose fault that is
		f.lane.breaker.trial = false
		f.lane.breaker.next = o.options.Now().Add(breakerBase)
	}
}

// bookLetter notes what became of a letter.
func (o *Outbox) bookLetter(f flight, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.disembark(f)
	failure, failed := errors.AsType[*StageError](err)
	rejected := failed && failure.Rejected
	if f.epoch == f.lane.epoch {
		if failed && !rejected {
			o.serverFails(f, failure)
		} else {
			// Whatever it said of this letter, the server answered as it should.
			o.serverWorks(f.lane)
		}
	}
	switch {
	case err == nil:
		o.finish(f, Accepted, "")
	case errors.Is(err, ErrWithdrawn):
		o.forget(f, false)
	case rejected:
		o.finish(f, Rejected, statusLine(failure.Error()))
	case failed:
		o.retry(f, statusLine(failure.Error()))
	default:
		o.retry(f, statusLine("the letter could not be made: "+err.Error()))
	}
}

// disembark ends a flight: the lane gets its place and its connection back.
func (o *Outbox) disembark(f flight) {
	current := f.epoch == f.lane.epoch
	if current {
		f.lane.inFlight--
	} else {
		f.lane.outdated--
	}
	switch {
	case f.session == nil:
	case current:
		f.lane.idle = append(f.lane.idle, idleSession{session: f.session, since: o.options.Now()})
	default:
		o.unused = append(o.unused, f.session)
	}
	o.tidy(f.lane)
	o.nudge()
}

// serverWorks closes the breaker. When that is news, every letter gets its
// chance at once.
func (o *Outbox) serverWorks(l *lane) {
	if l.breaker.succeed() {
		l.release(o.options.Now())
		o.options.OnRoute(l.route)
	}
}

// serverFails notes a failure of the server. Of several attempts that fail
// together only the first counts, or the breaker would back off too far.
func (o *Outbox) serverFails(f flight, failure *StageError) {
	l := f.lane
	before := l.breaker.failed
	if before != nil && !f.trial {
		return
	}
	if before != nil && !before.ofTheLetter() && failure.ofTheLetter() && !connectionLost(failure) {
		// The letter got past what was wrong with the server.
		o.serverWorks(l)
		before = nil
	}
	if !l.breaker.fail(failure, f.uid(), o.options.Now(), o.options.Jitter()) {
		return
	}
	if before == nil || before.Error() != failure.Error() {
		o.options.OnRoute(l.route)
	}
	if before == nil {
		for _, waiting := range l.waiting {
			o.options.OnLetter(waiting.letter)
		}
	}
}

// finish ends a letter with a result.
func (o *Outbox) finish(f flight, outcome Outcome, problem string) {
	letter := f.letter.letter
	if !f.letter.forgotten && (!f.letter.withdrawn || outcome == Accepted) {
		o.results[letter.UID] = Result{
			Member: letter.Member, IssueID: letter.IssueID, Outcome: outcome, MessageID: messageID(letter, f.settings),
			At: o.options.Now(), Attempts: letter.Attempts + 1, Error: problem, Settings: f.settings.Hash,
		}
	}
	o.options.Observe(outcome)
	o.forget(f, true)
	o.options.OnLetter(letter)
}

// forget drops a letter that was under way. A letter posted meanwhile follows
// it, unless it is the same one and that is done.
func (o *Outbox) forget(f flight, done bool) {
	delete(o.items, f.letter.letter.UID)
	follow := f.letter.follow
	if follow == nil || (done && follow.IssueID == f.letter.letter.IssueID) {
		o.tidy(f.lane)
		return
	}
	o.queue(*follow)
}

// retry puts a letter back, to be tried again later.
func (o *Outbox) retry(f flight, problem string) {
	letter := f.letter.letter
	letter.Attempts++
	now := o.options.Now()
	letter.NotBefore = now.Add(backOff(letter.Attempts, letterBase, letterMost, o.options.Jitter()))
	o.options.Observe(Retrying)
	if f.letter.withdrawn || (f.letter.follow != nil && f.letter.follow.IssueID != letter.IssueID) {
		o.forget(f, false)
		return
	}
	o.results[letter.UID] = Result{
		Member: letter.Member, IssueID: letter.IssueID, Outcome: Retrying, MessageID: messageID(letter, f.settings),
		At: now, Attempts: letter.Attempts, NextAttemptAt: letter.NotBefore, Error: problem, Settings: f.settings.Hash,
	}
	if f.epoch != f.lane.epoch {
		letter.NotBefore = now // there are new settings to try it with
	}
	o.queue(letter)
	o.options.OnLetter(letter)
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
		return false
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
