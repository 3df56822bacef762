package smtptest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"testing"
	"time"
)

const (
	sender      = "rollcall@example.com"
	recipient   = "ana@example.com"
	messageText = "Subject: Hello\r\n\r\nHello.\r\n"
	patience    = 10 * time.Second // a test that waits longer fails
)

func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// connect opens a connection in the server's TLS mode.
func connect(t *testing.T, s *Server) (net.Conn, error) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Addr())
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil { //nolint:forbidigo // socket deadlines follow the machine's clock
		t.Fatal(err)
	}
	if s.options.TLS == Implicit {
		return tls.Client(conn, trust(s)), nil
	}
	return conn, nil
}

func trust(s *Server) *tls.Config {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.CAPEM())
	return &tls.Config{RootCAs: roots, ServerName: s.Host(), MinVersion: tls.VersionTLS12}
}

// greet opens a connection and reads the greeting.
func greet(t *testing.T, s *Server) (*smtp.Client, error) {
	t.Helper()
	conn, err := connect(t, s)
	if err != nil {
		return nil, err
	}
	return smtp.NewClient(conn, s.Host())
}

// dial opens a connection and, with StartTLS, upgrades it.
func dial(t *testing.T, s *Server) (*smtp.Client, error) {
	t.Helper()
	client, err := greet(t, s)
	if err != nil {
		return nil, err
	}
	if s.options.TLS == StartTLS {
		err = client.StartTLS(trust(s))
	}
	return client, err
}

// send sends a message over a new connection.
func send(t *testing.T, s *Server, auth smtp.Auth) error {
	t.Helper()
	client, err := dial(t, s)
	if err != nil {
		return err
	}
	return deliver(client, auth)
}

// deliver sends a message over a connection.
func deliver(client *smtp.Client, auth smtp.Auth) error {
	if auth != nil {
		if err := client.Auth(auth); err != nil {
			return err
		}
	}
	if err := client.Mail(sender); err != nil {
		return err
	}
	if err := client.Rcpt(recipient); err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte(messageText)); err != nil {
		return err
	}
	return w.Close()
}

// wantCode fails unless the error is an answer with the code.
func wantCode(t *testing.T, err error, code int) {
	t.Helper()
	var answer *textproto.Error
	if !errors.As(err, &answer) || answer.Code != code {
		t.Errorf("got %v, want an answer with code %d", err, code)
	}
}

// wantCut fails unless the error is a cut connection.
func wantCut(t *testing.T, err error) {
	t.Helper()
	var answer *textproto.Error
	var timeout net.Error
	if err == nil || errors.As(err, &answer) || errors.As(err, &timeout) && timeout.Timeout() {
		t.Errorf("got %v, want the connection cut", err)
	}
}

// waitFor polls until a condition is true.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for !done() {
		select {
		case <-ticker.C:
		case <-timeout.C:
			t.Fatalf("waited too long for %s", what)
		}
	}
}

// loginAuth is AUTH LOGIN, which net/smtp does not have.
type loginAuth struct {
	username, password string
	initial            bool // send the user name with the command
}

func (a loginAuth) Start(*smtp.ServerInfo) (mechanism string, first []byte, err error) {
	if a.initial {
		first = []byte(a.username)
	}
	return "LOGIN", first, nil
}

func (a loginAuth) Next(question []byte, more bool) ([]byte, error) {
	switch {
	case !more:
		return nil, nil
	case strings.HasPrefix(string(question), "User"):
		return []byte(a.username), nil
	default:
		return []byte(a.password), nil
	}
}
