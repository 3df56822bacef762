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

// office is an Outbox in a bubble of virtual time, with mail servers and a
// source that are functions of the test.
type office struct {
	*Outbox
	t       *testing.T
	started time.Time
	stop    func() // ends Run and waits for it

	mu sync.Mutex
	// answer is what the mail server of a contact centre does with a letter, or
	// with a check, for which the letter is empty; nil: it takes everything. It
	// may take its time.
	answer func(ctx context.Context, server, to string) error
	// dialed is what becomes of connecting.
	dialed func(ctx context.Context, server string) error
	// content is what the source says; nil: the letter is as posted.
	content func(letter Letter) error
	// what happened, in order
	dials, closes, checks []moment
	tries, sent           []moment
	letterNews, routeNews []moment
	observed              map[Outcome]int
	open, restarts        int
}

// moment is something that happened to somebody.
type moment struct {
	at  time.Duration // since the office opened
	who string
}

// openOffice starts an Outbox that ends with the test.
func openOffice(t *testing.T, adjust ...func(*OutboxOptions)) *office {
	t.Helper()
	o := &office{t: t, observed: map[Outcome]int{}, started: now()}
	options := OutboxOptions{
		Concurrency: 4, Source: o, Dialer: o, Now: now, Grace: 30 * time.Second,
		Jitter:   func() float64 { return 0 },
		OnLetter: func(letter Letter) { o.note(&o.letterNews, letter.UID) },
		OnRoute:  func(route string) { o.note(&o.routeNews, route) },
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

// inOffice runs a test in a bubble of virtual time, with an Outbox that does one
// thing at a time where it can.
func inOffice(t *testing.T, test func(o *office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(openOffice(t, func(options *OutboxOptions) { options.Concurrency = 1 }))
	})
}

// now is the bubble's clock.
func now() time.Time {
	return time.Now() //nolint:forbidigo // it is the virtual clock of the test's bubble
}

// pass lets virtual time go by, and waits until all that is due has happened.
func pass(d time.Duration) {
	<-time.NewTimer(d).C
	synctest.Wait()
}

func (o *office) note(list *[]moment, who string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	*list = append(*list, moment{at: now().Sub(o.started), who: who})
}

// read returns what was noted so far.
func (o *office) read(list *[]moment) []moment {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]moment(nil), *list...)
}

// connections is how many are open.
func (o *office) connections() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.open
}

// set changes how the world behaves.
func (o *office) set(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

// Dial implements Dialer.
func (o *office) Dial(ctx context.Context, server Server) (Session, error) {
	o.note(&o.dials, server.Host)
	o.mu.Lock()
	dialed := o.dialed
	o.mu.Unlock()
	if dialed != nil {
		if err := dialed(ctx, server.Host); err != nil {
			return nil, err
		}
	}
	session := &fakeSession{office: o, server: server.Host}
	o.set(func() {
		o.open++
		session.age = o.restarts
	})
	return session, nil
}

// Content implements Source.
func (o *office) Content(_ context.Context, letter Letter) (Content, error) {
	o.mu.Lock()
	content := o.content
	o.mu.Unlock()
	if content != nil {
		if err := content(letter); err != nil {
			return Content{}, err
		}
	}
	return Content{Email: letter.To, Password: "Passw0rdPassw0rd", Locale: "en"}, nil
}

// fakeSession is a connection of an office.
type fakeSession struct {
	office *office
	server string
	closed bool
	age    int // restarts of servers before it
}

func (s *fakeSession) serve(ctx context.Context, to string) error {
	if s.closed {
		return errors.New("the outbox used a connection that it had closed")
	}
	s.office.mu.Lock()
	answer, stale := s.office.answer, s.office.restarts > s.age
	s.office.mu.Unlock()
	if stale {
		return failed(StageSender, 0)
	}
	if answer == nil {
		return nil
	}
	return answer(ctx, s.server, to)
}

// Check implements Session.
func (s *fakeSession) Check(ctx context.Context, _ string) error {
	s.office.note(&s.office.checks, s.server)
	return s.serve(ctx, "")
}

// Send implements Session.
func (s *fakeSession) Send(ctx context.Context, _, to string, body Body) error {
	s.office.note(&s.office.tries, to)
	if err := s.serve(ctx, to); err != nil {
		return err
	}
	if _, _, err := body(ctx); err != nil {
		return err
	}
	s.office.note(&s.office.sent, to)
	return nil
}

// Close implements Session.
func (s *fakeSession) Close() {
	if s.closed {
		s.office.t.Error("a connection was closed twice")
	}
	s.closed = true
	s.office.note(&s.office.closes, s.server)
	s.office.set(func() { s.office.open-- })
}

// settingsOf are settings of a contact centre, numbered for their hash.
func settingsOf(route string, number int) Settings {
	return Settings{
		Server: Server{Host: route, Port: 25}, From: "rollcall@example.com",
		Templates: DefaultTemplates(), Hash: fmt.Sprint(route, number),
	}
}

// letterFor is a letter to the person of that name, whose UID is the name.
func letterFor(route, name string) Letter {
	return Letter{Route: route, Member: route + "/" + name, UID: name, To: name + "@example.com", IssueID: name + "-1"}
}

// newer is the letter about the next password.
func newer(letter Letter) Letter {
	letter.IssueID += "+"
	return letter
}

// failed is a failure of a stage; with a code it is the server's answer.
func failed(stage Stage, code int) *StageError {
	failure := &StageError{Stage: stage, Server: "mail.example.com:25", Err: errors.New("connection lost")}
	if code != 0 {
		failure.Err = &textproto.Error{Code: code, Msg: "not today"}
		failure.Rejected = code >= 500 && failure.ofTheLetter()
	}
	return failure
}

// wantResult fails unless somebody's last result is of that outcome.
func (o *office) wantResult(uid string, outcome Outcome) Result {
	o.t.Helper()
	result, ok := o.Result(uid)
	if !ok || result.Outcome != outcome {
		o.t.Errorf("the result for %s is %+v, want it %v", uid, result, outcome)
	}
	return result
}

// wantCount fails unless a list has as many moments.
func (o *office) wantCount(what string, list *[]moment, want int) {
	o.t.Helper()
	if got := o.read(list); len(got) != want {
		o.t.Errorf("%d %s, want %d: %v", len(got), what, want, got)
	}
}

// wantTimes fails unless what is noted in a list happened at these times.
func (o *office) wantTimes(list *[]moment, want ...time.Duration) {
	o.t.Helper()
	var got []time.Duration
	for _, moment := range o.read(list) {
		got = append(got, moment.at)
	}
	if !slices.Equal(got, want) {
		o.t.Errorf("it happened at %v, want %v", got, want)
	}
}

// onLetters fails with letters, not with checks.
func onLetters(to string, failure error) error {
	if to == "" {
		return nil
	}
	return failure
}
