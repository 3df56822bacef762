package mail

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall.dev/rollcall/test/smtptest"
)

const (
	mailUser     = "rollcall@example.com"
	mailPassword = "correct-Horse7" // of test servers only
	messageText  = "Subject: Hello\r\n\r\nHello.\r\n"
)

// longTimeouts never expire with a server that answers.
var longTimeouts = Timeouts{Connect: 20 * time.Second, Reply: 20 * time.Second, EndOfData: 20 * time.Second}

// startServer starts a mail server that stops at the end of the test.
func startServer(t *testing.T, options smtptest.Options) *smtptest.Server {
	t.Helper()
	server, err := smtptest.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// serverOf returns how to connect to a test server.
func serverOf(t *testing.T, server *smtptest.Server, mode TLSMode) Server {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(server.CAPEM()) {
		t.Fatal("the test server has no CA certificate")
	}
	return Server{Host: server.Host(), Port: server.Port(), TLS: mode, RootCAs: roots}
}

// dialer returns a dialer with these time-outs.
func dialer(timeouts Timeouts) SMTPDialer {
	return SMTPDialer{Timeouts: timeouts}
}

// dial opens a session, or fails the test.
func dial(t *testing.T, server Server, timeouts Timeouts) Session {
	t.Helper()
	session, err := dialer(timeouts).Dial(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(session.Close)
	return session
}

// text is a Body of messageText.
func text(context.Context) ([]byte, []string, error) { return []byte(messageText), nil, nil }

// wantStage fails unless an error is a StageError with that stage and Rejected.
func wantStage(t *testing.T, err error, stage Stage, rejected bool) {
	t.Helper()
	failure, ok := errors.AsType[*StageError](err)
	if !ok || failure.Stage != stage || failure.Rejected != rejected {
		t.Errorf("got %v, want a failure at stage %s with Rejected %t", err, stage, rejected)
	}
}

// script is a server that sends the answers of a test, including invalid ones.
type script struct {
	Server
	// answer gives the answer to a line, without the line end; "" is silence. The
	// greeting is the answer to "".
	answer func(line string) string

	mu    sync.Mutex
	lines []string
}

// startScript starts a scripted server that stops at the end of the test.
func startScript(t *testing.T, answer func(line string) string) *script {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("listening on %v", listener.Addr())
	}
	s := &script{answer: answer, Server: Server{Host: "127.0.0.1", Port: address.Port, TLS: NoTLS}}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			// The context ends before cleanup, so that a silent server ends too.
			stop := context.AfterFunc(t.Context(), func() { conn.Close() })
			serving.Go(func() {
				defer stop()
				defer conn.Close()
				s.serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
	return s
}

// serve answers on one connection.
func (s *script) serve(conn net.Conn) {
	lines := bufio.NewScanner(conn)
	inMessage := false
	for line := ""; ; line = lines.Text() {
		answer := ""
		if inMessage = inMessage && line != "."; !inMessage {
			answer = s.answer(line)
			inMessage = strings.HasPrefix(answer, "354 ")
		}
		if answer != "" {
			if _, err := conn.Write([]byte(answer + "\r\n")); err != nil {
				return
			}
		}
		if !lines.Scan() {
			return
		}
		s.mu.Lock()
		s.lines = append(s.lines, lines.Text())
		s.mu.Unlock()
	}
}

// heard returns all that clients sent.
func (s *script) heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

// obedient answers as a mail server that accepts everything.
func obedient(line string) string {
	switch command, _, _ := strings.Cut(line, " "); command {
	case "":
		return "220 ready"
	case "EHLO":
		return "250-script\r\n250 AUTH PLAIN LOGIN"
	case "AUTH":
		return "235 welcome"
	case "DATA":
		return "354 go on"
	case "QUIT":
		return "221 bye"
	default:
		return "250 fine"
	}
}

// except is obedient, except for lines with a prefix.
func except(prefix, answer string) func(string) string {
	return func(line string) string {
		if prefix != "" && strings.HasPrefix(line, prefix) || prefix == "" && line == "" {
			return answer
		}
		return obedient(line)
	}
}
