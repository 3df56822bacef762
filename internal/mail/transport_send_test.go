package mail

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"

	"rollcall.dev/rollcall/test/smtptest"
)

// answer returns the answer of a failing server.
func answer(code int) *smtp.SMTPError { return &smtp.SMTPError{Code: code, Message: "not today"} }

// sendOnce connects and sends one e-mail.
func sendOnce(t *testing.T, server Server, timeouts Timeouts) error {
	t.Helper()
	session, err := dialer(timeouts).Dial(t.Context(), server)
	if err != nil {
		return err
	}
	defer session.Close()
	return session.Send(t.Context(), mailUser, "ana@example.com", text)
}

func TestEveryServerFailureHasItsStage(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		faults   smtptest.Faults
		stage    Stage
		rejected bool
	}{
		"a greeting with 421":     {smtptest.Faults{Greeting: 421}, StageGreeting, false},
		"a greeting with 554":     {smtptest.Faults{Greeting: 554}, StageGreeting, false},
		"AUTH with 454":           {smtptest.Faults{Auth: answer(454)}, StageAuthentication, false},
		"AUTH with 535":           {smtptest.Faults{Auth: answer(535)}, StageAuthentication, false},
		"MAIL with 451":           {smtptest.Faults{MailFrom: answer(451)}, StageSender, false},
		"MAIL with 550":           {smtptest.Faults{MailFrom: answer(550)}, StageSender, false},
		"RCPT with 450":           {smtptest.Faults{Rcpt: answer(450)}, StageRecipient, false},
		"RCPT with 421":           {smtptest.Faults{Rcpt: answer(421)}, StageRecipient, false},
		"RCPT with 550":           {smtptest.Faults{Rcpt: answer(550)}, StageRecipient, true},
		"DATA with 452":           {smtptest.Faults{Data: answer(452)}, StageData, false},
		"DATA with 554":           {smtptest.Faults{Data: answer(554)}, StageData, false},
		"the message with 451":    {smtptest.Faults{EndOfData: answer(451)}, StageData, false},
		"the message with 552":    {smtptest.Faults{EndOfData: answer(552)}, StageData, true},
		"a cut in the message":    {smtptest.Faults{CutInData: true}, StageData, false},
		"a cut before the answer": {smtptest.Faults{CutAfterAccept: true}, StageData, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			peer := startServer(t, smtptest.Options{TLS: smtptest.Implicit, Username: mailUser, Password: mailPassword})
			peer.SetFaults(test.faults)
			server := serverOf(t, peer, ImplicitTLS)
			server.Username, server.Password = mailUser, mailPassword
			if test.stage == StageGreeting {
				// With implicit TLS, such a server fails at an earlier stage.
				peer = startServer(t, smtptest.Options{})
				peer.SetFaults(test.faults)
				server = serverOf(t, peer, NoTLS)
			}
			wantStage(t, sendOnce(t, server, longTimeouts), test.stage, test.rejected)
			if got := len(peer.Messages()); (got == 1) != test.faults.CutAfterAccept {
				t.Errorf("the server kept %d messages", got)
			}
		})
	}
}

func TestAMissingServerFailsToConnect(t *testing.T) {
	t.Parallel()
	peer := startServer(t, smtptest.Options{})
	server := serverOf(t, peer, NoTLS)
	if err := peer.Close(); err != nil {
		t.Fatal(err)
	}
	err := sendOnce(t, server, longTimeouts)
	wantStage(t, err, StageConnect, false)
	if err == nil || !strings.Contains(err.Error(), server.Address()) || !strings.Contains(err.Error(), "check host and port") {
		t.Errorf("%v lacks the address or the advice", err)
	}
}

func TestAResetConnectionFailsBeforeTheGreeting(t *testing.T) {
	t.Parallel()
	peer := startServer(t, smtptest.Options{})
	peer.SetFaults(smtptest.Faults{RefuseConnections: true})
	err := sendOnce(t, serverOf(t, peer, NoTLS), longTimeouts)
	// The kernel decides whether connecting already fails.
	if failure, ok := errors.AsType[*StageError](err); !ok || failure.Stage != StageConnect && failure.Stage != StageGreeting {
		t.Errorf("got %v, want a failure at Connect or Greeting", err)
	}
}

func TestARefusedEHLOIsAGreetingFailure(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"421", "502"} {
		peer := startScript(t, func(line string) string {
			if strings.HasPrefix(line, "EHLO") || strings.HasPrefix(line, "HELO") {
				return code + " no"
			}
			return obedient(line)
		})
		wantStage(t, sendOnce(t, peer.Server, longTimeouts), StageGreeting, false)
	}
}

func TestASilentServerFailsAfterTheTimeout(t *testing.T) {
	t.Parallel()
	short := Timeouts{Connect: 20 * time.Second, Reply: 50 * time.Millisecond, EndOfData: 50 * time.Millisecond}
	for prefix, stage := range map[string]Stage{
		"": StageGreeting, "EHLO": StageGreeting, "AUTH": StageAuthentication, "MAIL": StageSender,
		"RCPT": StageRecipient, "DATA": StageData, ".": StageData,
	} {
		t.Run("silent at "+prefix, func(t *testing.T) {
			t.Parallel()
			peer := startScript(t, except(prefix, ""))
			peer.Username, peer.Password = mailUser, mailPassword
			wantStage(t, sendOnce(t, peer.Server, short), stage, false)
		})
	}
}

func TestCancelingTheContextEndsAnAttempt(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"", "AUTH", "MAIL", "RCPT", "DATA", "."} {
		t.Run("at "+prefix, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			peer := startScript(t, func(line string) string {
				reply := except(prefix, "")(line)
				if reply == "" && (line == prefix || prefix != "" && prefix != "." && strings.HasPrefix(line, prefix)) {
					cancel()
				}
				return reply
			})
			peer.Username, peer.Password = mailUser, mailPassword
			session, err := dialer(longTimeouts).Dial(ctx, peer.Server)
			if err == nil {
				err = session.Send(ctx, mailUser, "ana@example.com", text)
				session.Close()
			}
			if _, ok := errors.AsType[*StageError](err); !ok || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("got %v, want a failure at once", err)
			}
		})
	}
}

func TestOneSessionSendsSeveralEmailsDespiteFailures(t *testing.T) {
	t.Parallel()
	peer := startServer(t, smtptest.Options{})
	session := dial(t, serverOf(t, peer, NoTLS), longTimeouts)
	problem := errors.New("no content")
	for name, step := range map[string]struct {
		faults smtptest.Faults
		body   Body
	}{
		"refused recipient": {smtptest.Faults{Rcpt: answer(550)}, text},
		"refused message":   {smtptest.Faults{EndOfData: answer(554)}, text},
		"refused DATA":      {smtptest.Faults{Data: answer(451)}, text},
		"refused sender":    {smtptest.Faults{MailFrom: answer(451)}, text},
		"body that failed":  {smtptest.Faults{}, func(context.Context) ([]byte, []string, error) { return nil, nil, problem }},
	} {
		peer.SetFaults(step.faults)
		err := session.Send(t.Context(), mailUser, "ana@example.com", step.body)
		if err == nil || errors.Is(err, problem) != (name == "body that failed") {
			t.Errorf("%s: %v", name, err)
		}
		peer.SetFaults(smtptest.Faults{})
		if err := session.Send(t.Context(), mailUser, "bob@example.com", text); err != nil {
			t.Errorf("the e-mail after a %s: %v", name, err)
		}
	}
	if total, _ := peer.Connections(); total != 1 || len(peer.Messages()) != 5 {
		t.Errorf("%d connections carried %d messages, want 1 and 5", total, len(peer.Messages()))
	}
	for _, message := range peer.Messages() {
		if len(message.To) != 1 || message.To[0] != "bob@example.com" {
			t.Errorf("a message went to %v", message.To)
		}
	}
}

func TestTheBodyIsCreatedOnlyForAnAcceptedRecipient(t *testing.T) {
	t.Parallel()
	peer := startServer(t, smtptest.Options{})
	peer.SetFaults(smtptest.Faults{Rcpt: answer(550)})
	session := dial(t, serverOf(t, peer, NoTLS), longTimeouts)
	err := session.Send(t.Context(), mailUser, "ana@example.com", func(context.Context) ([]byte, []string, error) {
		t.Error("the password was read for a rejected recipient")
		return nil, nil, nil
	})
	wantStage(t, err, StageRecipient, true)
}

func TestCreatingTheBodyHasATimeLimit(t *testing.T) {
	t.Parallel()
	peer := startScript(t, obedient)
	session := dial(t, peer.Server, Timeouts{Connect: time.Minute, Reply: 50 * time.Millisecond, EndOfData: time.Minute})
	err := session.Send(t.Context(), mailUser, "ana@example.com", func(ctx context.Context) ([]byte, []string, error) {
		<-ctx.Done()
		return nil, nil, ctx.Err()
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the time limit", err)
	}
	// RSET has its own time limit, so that the session stays usable.
	if !strings.HasSuffix(peer.heard(), "RSET") {
		t.Errorf("the client sent %q, want RSET last", peer.heard())
	}
}

func TestAPartialMessageIsNeverTerminated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		heard := make(chan string)
		go stallMidMessage(far, heard)
		session := &smtpSession{server: Server{Host: "mail.example.com", TLS: NoTLS}, timeouts: longTimeouts, conn: near}
		if _, err := session.open(t.Context()); err != nil {
			t.Fatal(err)
		}
		long := []byte("Subject: Hello\r\n\r\n" + strings.Repeat("All work and no play.\r\n", 10_000))
		err := session.Send(t.Context(), mailUser, "ana@example.com", func(context.Context) ([]byte, []string, error) {
			return long, nil, nil
		})
		wantStage(t, err, StageData, false)
		session.Close()
		message := <-heard
		if !strings.HasPrefix(message, "Subject") || len(message) >= len(long) {
			t.Fatalf("%d bytes of the message were sent, want a part", len(message))
		}
		if strings.Contains(message, "\r\n.\r\n") || strings.Contains(message, "QUIT") {
			t.Error("the partial message was terminated")
		}
	})
}

// stallMidMessage is a server that stops reading a message for longer than the
// client waits, and then returns what it got.
func stallMidMessage(conn net.Conn, heard chan<- string) {
	reader := bufio.NewReader(conn)
	for line := ""; line != "DATA"; {
		conn.Write([]byte(obedient(line) + "\r\n"))
		read, err := reader.ReadString('\n')
		if err != nil {
			break
		}
		line = strings.TrimSpace(read)
	}
	conn.Write([]byte(obedient("DATA") + "\r\n"))
	part := make([]byte, 1000)
	io.ReadFull(reader, part)
	<-time.NewTimer(2 * longTimeouts.EndOfData).C
	rest, _ := io.ReadAll(reader)
	heard <- string(part) + string(rest)
}
