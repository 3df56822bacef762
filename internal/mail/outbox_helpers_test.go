package mail

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// testOutbox is an Outbox on virtual time (package synctest), with functions of the
// test as mail servers and source.
type testOutbox struct {
	*Outbox
	t       *testing.T
	started time.Time
	stop    func() // ends Run and waits for it

	mu sync.Mutex
	// answer is a mail server's answer to an e-mail, or to a check, which has no
	// recipient; nil accepts everything. It may take time.
	answer func(ctx context.Context, server, to string) error
	// dialed is the result of connecting; nil succeeds.
	dialed func(ctx context.Context, server string) error
	// content is the source's answer; nil accepts every e-mail.
	content func(delivery Delivery) error
	// logs of what happened, in order
	dials, closes, checks   []logEntry
	tries, sent             []logEntry
	deliveryNews, routeNews []logEntry
	observed                map[Outcome]int
	open, restarts          int
}

// logEntry says when something happened to an e-mail, a server, or a route.
type logEntry struct {
	at      time.Duration // since the outbox started
	subject string
}

// startOutbox starts an Outbox that stops at the end of the test.
func startOutbox(t *testing.T, adjust ...func(*OutboxOptions)) *testOutbox {
	t.Helper()
	o := &testOutbox{t: t, observed: map[Outcome]int{}, started: now()}
	options := OutboxOptions{
		Concurrency: 4, Source: o, Dialer: o, Now: now, Grace: 30 * time.Second,
		Jitter:     func() float64 { return 0 },
		OnDelivery: func(delivery Delivery) { o.note(&o.deliveryNews, delivery.UID) },
		OnRoute:    func(route string) { o.note(&o.routeNews, route) },
		Observe: func(outcome Outcome) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.observed[outcome]++
		},
	}
	for _, adjustment := range adjust {
		adjustment(&options)
	}
	o.Outbox = NewOutbox(options)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		o.Run(ctx)
	}()
	o.stop = func() {
		cancel()
		<-stopped
	}
	t.Cleanup(func() {
		o.stop()
		if open := o.connections(); open != 0 {
			t.Errorf("%d connections are left open", open)
		}
	})
	return o
}

// withOutbox runs a test on virtual time, with an Outbox that makes one attempt at a
// time where it can.
func withOutbox(t *testing.T, test func(o *testOutbox)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(startOutbox(t, func(options *OutboxOptions) { options.Concurrency = 1 }))
	})
}

// now returns the virtual time.
func now() time.Time {
	return time.Now() //nolint:forbidigo // synctest replaces the clock
}

// passTime lets virtual time pass, and waits until all that is due has happened.
func passTime(d time.Duration) {
	<-time.NewTimer(d).C
	synctest.Wait()
}

func (o *testOutbox) note(list *[]logEntry, subject string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	*list = append(*list, logEntry{at: now().Sub(o.started), subject: subject})
}

// read returns the entries of a log so far.
func (o *testOutbox) read(list *[]logEntry) []logEntry {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]logEntry(nil), *list...)
}

// connections returns the number of open connections.
func (o *testOutbox) connections() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.open
}

// answerWith changes the answers of the mail servers.
func (o *testOutbox) answerWith(answer func(ctx context.Context, server, to string) error) {
	o.set(func() { o.answer = answer })
}

// dialWith changes the result of connecting.
func (o *testOutbox) dialWith(dialed func(ctx context.Context, server string) error) {
	o.set(func() { o.dialed = dialed })
}

// contentWith changes the answers of the source.
func (o *testOutbox) contentWith(content func(Delivery) error) {
	o.set(func() { o.content = content })
}

// set changes fields under the lock.
func (o *testOutbox) set(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

// Dial implements Dialer.
func (o *testOutbox) Dial(ctx context.Context, server Server) (Session, error) {
	o.note(&o.dials, server.Host)
	o.mu.Lock()
	dialed := o.dialed
	o.mu.Unlock()
	if dialed != nil {
		if err := dialed(ctx, server.Host); err != nil {
			return nil, err
		}
	}
	session := &fakeSession{outbox: o, server: server.Host}
	o.set(func() {
		o.open++
		session.age = o.restarts
	})
	return session, nil
}

// Content implements Source.
func (o *testOutbox) Content(_ context.Context, delivery Delivery) (Content, error) {
	o.mu.Lock()
	content := o.content
	o.mu.Unlock()
	if content != nil {
		if err := content(delivery); err != nil {
			return Content{}, err
		}
	}
	return Content{Email: delivery.To, Password: "Passw0rdPassw0rd", Locale: "en"}, nil
}

// fakeSession is a connection of a testOutbox.
type fakeSession struct {
	outbox *testOutbox
	server string
	closed bool
	age    int // server restarts before it
}

func (s *fakeSession) serve(ctx context.Context, to string) error {
	if s.closed {
		return errors.New("the outbox used a closed connection")
	}
	s.outbox.mu.Lock()
	answer, stale := s.outbox.answer, s.outbox.restarts > s.age
	s.outbox.mu.Unlock()
	if stale {
		return stageFailure(StageSender, 0)
	}
	if answer == nil {
		return nil
	}
	return answer(ctx, s.server, to)
}

// Check implements Session.
func (s *fakeSession) Check(ctx context.Context, _ string) error {
	s.outbox.note(&s.outbox.checks, s.server)
	return s.serve(ctx, "")
}

// Send implements Session.
func (s *fakeSession) Send(ctx context.Context, _, to string, body Body) error {
	s.outbox.note(&s.outbox.tries, to)
	if err := s.serve(ctx, to); err != nil {
		return err
	}
	if _, _, err := body(ctx); err != nil {
		return err
	}
	s.outbox.note(&s.outbox.sent, to)
	return nil
}

// Close implements Session.
func (s *fakeSession) Close() {
	if s.closed {
		s.outbox.t.Error("a connection was closed twice")
	}
	s.closed = true
	s.outbox.note(&s.outbox.closes, s.server)
	s.outbox.set(func() { s.outbox.open-- })
}

// settingsOf returns settings of a contact center, numbered for their hash.
func settingsOf(route string, number int) Settings {
	return Settings{
		Server: Server{Host: route, Port: 25}, From: "rollcall@example.com",
		Templates: DefaultTemplates(), Hash: fmt.Sprint(route, number),
	}
}

// deliveryTo returns an e-mail to the member of that name, whose UID is the name.
func deliveryTo(route, name string) Delivery {
	return Delivery{Route: route, Member: route + "/" + name, UID: name, To: name + "@example.com", IssueID: name + "-1"}
}

// withNewPassword returns the e-mail about the next password.
func withNewPassword(delivery Delivery) Delivery {
	delivery.IssueID += "+"
	return delivery
}

// stageFailure returns a failure of a stage; with a code, the server's answer.
func stageFailure(stage Stage, code int) *StageError {
	failure := &StageError{Stage: stage, Server: "mail.example.com:25", Err: errors.New("connection lost")}
	if code != 0 {
		failure.Err = &textproto.Error{Code: code, Msg: "not today"}
		failure.Rejected = code >= 500 && failure.concernsMessage()
	}
	return failure
}

// wantResult fails unless the last result for a UID has that outcome.
func (o *testOutbox) wantResult(uid string, outcome Outcome) Result {
	o.t.Helper()
	result, ok := o.Result(uid)
	if !ok || result.Outcome != outcome {
		o.t.Errorf("the result for %s is %+v, want %v", uid, result, outcome)
	}
	return result
}

// wantCount fails unless a log has that many entries.
func (o *testOutbox) wantCount(what string, list *[]logEntry, want int) {
	o.t.Helper()
	if got := o.read(list); len(got) != want {
		o.t.Errorf("%d %s, want %d: %v", len(got), what, want, got)
	}
}

// wantTimes fails unless the entries of a log have these times.
func (o *testOutbox) wantTimes(list *[]logEntry, want ...time.Duration) {
	o.t.Helper()
	var got []time.Duration
	for _, entry := range o.read(list) {
		got = append(got, entry.at)
	}
	if !slices.Equal(got, want) {
		o.t.Errorf("got %v, want %v", got, want)
	}
}

// failDelivery fails e-mails, and no checks.
func failDelivery(to string, failure error) error {
	if to == "" {
		return nil
	}
	return failure
}
