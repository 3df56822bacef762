package smtptest

import (
	"net/smtp"
	"strings"
	"sync"
	"testing"
)

var modes = map[string]TLSMode{"None": None, "StartTLS": StartTLS, "Implicit": Implicit}

func TestEveryTLSModeAcceptsMail(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen []Message
			s := start(t, Options{TLS: mode, OnMessage: func(m Message) { seen = append(seen, m) }})
			if err := send(t, s, nil); err != nil {
				t.Fatal(err)
			}
			got := s.Messages()
			if len(got) != 1 || len(seen) != 1 {
				t.Fatalf("kept %d messages and called OnMessage %d times, want 1 each", len(got), len(seen))
			}
			m := got[0]
			if m.From != sender || len(m.To) != 1 || m.To[0] != recipient || string(m.Raw) != messageText {
				t.Errorf("got %+v", m)
			}
			if m.Encrypted != (mode != None) || m.At.IsZero() {
				t.Errorf("encrypted %t at %v", m.Encrypted, m.At)
			}
		})
	}
}

func TestCredentialsAreRequiredInEveryMode(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{TLS: mode, Username: "user", Password: "right"})
			wantCode(t, send(t, s, nil), 530)
			wantCode(t, send(t, s, smtp.PlainAuth("", "user", "wrong", s.Host())), 535)
			wantCode(t, send(t, s, loginAuth{username: "user", password: "wrong"}), 535)
			for _, auth := range []smtp.Auth{
				smtp.PlainAuth("", "user", "right", s.Host()),
				loginAuth{username: "user", password: "right"},
				loginAuth{username: "user", password: "right", initial: true},
			} {
				if err := send(t, s, auth); err != nil {
					t.Errorf("%T: %v", auth, err)
				}
			}
			if got := s.Messages(); len(got) != 3 || got[0].Username != "user" {
				t.Errorf("kept %d messages, want 3 by user", len(got))
			}
			s.SetCredentials("user", "changed")
			wantCode(t, send(t, s, smtp.PlainAuth("", "user", "right", s.Host())), 535)
			if err := send(t, s, smtp.PlainAuth("", "user", "changed", s.Host())); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAuthAndMailRequireStartTLS(t *testing.T) {
	t.Parallel()
	s := start(t, Options{TLS: StartTLS, Username: "user", Password: "right"})
	client, err := greet(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if offered, _ := client.Extension("AUTH"); offered {
		t.Error("AUTH is offered unencrypted")
	}
	if offered, _ := client.Extension("STARTTLS"); !offered {
		t.Error("STARTTLS is not offered")
	}
	wantCode(t, client.Mail(sender), 530)
}

func TestTheCertificateIsFromAnAuthorityOfThisServerOnly(t *testing.T) {
	t.Parallel()
	s := start(t, Options{TLS: StartTLS})
	other := start(t, Options{TLS: StartTLS})
	client, err := greet(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.StartTLS(trust(other)); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("got %v, want the certificate refused", err)
	}
}

func TestConnectionsAndAttemptsAreCounted(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	client, err := dial(t, s)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := deliver(client, nil); err != nil {
			t.Fatal(err)
		}
	}
	if total, open := s.Connections(); total != 1 || open != 1 {
		t.Errorf("%d connections, %d open, want 1 and 1", total, open)
	}
	if err := client.Quit(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the connection's end", func() bool { _, open := s.Connections(); return open == 0 })
	if got := s.Attempts(); got != 3 {
		t.Errorf("%d attempts, want 3", got)
	}
}

func TestConcurrentClientsAreServed(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	var clients sync.WaitGroup
	for range 20 {
		clients.Go(func() {
			if err := send(t, s, nil); err != nil {
				t.Error(err)
			}
			s.Messages()
			s.SetFaults(Faults{})
		})
	}
	clients.Wait()
	if got := len(s.Messages()); got != 20 {
		t.Errorf("kept %d messages, want 20", got)
	}
}

func TestClosingCutsEveryConnection(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	client, err := dial(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Noop(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	wantCut(t, client.Noop())
}
