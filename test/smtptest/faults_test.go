package smtptest

import (
	netsmtp "net/smtp"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

func busy(code int) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "as the test demands"}
}

func TestCommandsFailWithTheCodeOfTheFault(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		faults Faults
		code   int
	}{
		"greeting 421":          {Faults{Greeting: 421}, 421},
		"greeting 554":          {Faults{Greeting: 554}, 554},
		"EHLO":                  {Faults{Hello: busy(451)}, 451},
		"AUTH":                  {Faults{Auth: busy(454)}, 454},
		"MAIL":                  {Faults{MailFrom: busy(451)}, 451},
		"RCPT":                  {Faults{Rcpt: busy(550)}, 550},
		"RCPT for that address": {Faults{RcptFor: map[string]*smtp.SMTPError{recipient: busy(552)}, Rcpt: busy(450)}, 552},
		"DATA":                  {Faults{Data: busy(554)}, 554},
		"end of data":           {Faults{EndOfData: busy(452)}, 452},
	} {
		for modeName, mode := range modes {
			if name == "DATA" && mode == StartTLS {
				continue // the documentation excludes it
			}
			t.Run(name+" with "+modeName, func(t *testing.T) {
				t.Parallel()
				s := start(t, Options{TLS: mode, Username: "user", Password: "right"})
				auth := netsmtp.PlainAuth("", "user", "right", s.Host())
				s.SetFaults(test.faults)
				wantCode(t, send(t, s, auth), test.code)
				if got := len(s.Messages()); got != 0 {
					t.Errorf("kept %d messages, want none", got)
				}
				s.SetFaults(Faults{})
				if err := send(t, s, auth); err != nil {
					t.Errorf("after the repair: %v", err)
				}
			})
		}
	}
}

func TestAConnectionSurvivesARefusedData(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	client, err := dial(t, s)
	if err != nil {
		t.Fatal(err)
	}
	s.SetFaults(Faults{Data: busy(451)})
	wantCode(t, deliver(client, nil), 451)
	s.SetFaults(Faults{})
	if err := client.Reset(); err != nil {
		t.Fatal(err)
	}
	if err := deliver(client, nil); err != nil {
		t.Fatal(err)
	}
	if got := s.Messages(); len(got) != 1 || string(got[0].Raw) != messageText {
		t.Errorf("kept %d messages, want the one", len(got))
	}
}

func TestConnectionsAreRefusedAndAcceptedAgainAtTheSamePort(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	s.SetFaults(Faults{RefuseConnections: true})
	_, err := dial(t, s)
	wantCut(t, err)
	if total, open := s.Connections(); total != 0 || open != 0 {
		t.Errorf("%d connections, %d open, want none", total, open)
	}
	s.SetFaults(Faults{})
	if err := send(t, s, nil); err != nil {
		t.Error(err)
	}
}

func TestASilentServerAnswersWhenTheFaultIsCleared(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{TLS: mode})
			s.SetFaults(Faults{HangAfterConnect: true})
			sent := make(chan error, 1)
			go func() { sent <- send(t, s, nil) }()
			waitFor(t, "the connection", func() bool { _, open := s.Connections(); return open == 1 })
			select {
			case err := <-sent:
				t.Fatalf("got %v from a silent server", err)
			default:
			}
			s.SetFaults(Faults{})
			if err := <-sent; err != nil {
				t.Errorf("after the silence: %v", err)
			}
		})
	}
}

func TestASilentServerNoticesThatTheClientDisconnects(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	s.SetFaults(Faults{HangAfterConnect: true})
	conn, err := connect(t, s)
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the connection", func() bool { _, open := s.Connections(); return open == 1 })
	conn.Close()
	waitFor(t, "its end", func() bool { _, open := s.Connections(); return open == 0 })
}

func TestClosingEndsEveryHang(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]Faults{
		"after connecting": {HangAfterConnect: true},
		"after the data":   {HangAfterData: true},
		"in a delay":       {Delay: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{})
			s.SetFaults(faults)
			sent := make(chan error, 1)
			go func() { sent <- send(t, s, nil) }()
			waitFor(t, "the connection", func() bool {
				_, open := s.Connections()
				return open == 1 && (faults.HangAfterConnect || s.Attempts() == 1)
			})
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if err := <-sent; err == nil {
				t.Error("the message was accepted")
			}
			if got := len(s.Messages()); got != 0 {
				t.Errorf("kept %d messages, want none", got)
			}
		})
	}
}

func TestConnectionsAreCutWhereTheFaultsSay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		faults Faults
		kept   int
	}{
		"in the data":      {Faults{CutInData: true}, 0},
		"after acceptance": {Faults{CutAfterAccept: true}, 1},
	} {
		for modeName, mode := range modes {
			t.Run(name+" with "+modeName, func(t *testing.T) {
				t.Parallel()
				s := start(t, Options{TLS: mode})
				s.SetFaults(test.faults)
				wantCut(t, send(t, s, nil))
				if got := len(s.Messages()); got != test.kept {
					t.Errorf("kept %d messages, want %d", got, test.kept)
				}
				s.SetFaults(Faults{})
				if err := send(t, s, nil); err != nil {
					t.Errorf("after the repair: %v", err)
				}
			})
		}
	}
}

func TestAHangAfterTheDataIsCutWhenTheFaultIsCleared(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	s.SetFaults(Faults{HangAfterData: true})
	sent := make(chan error, 1)
	go func() { sent <- send(t, s, nil) }()
	waitFor(t, "the attempt", func() bool { return s.Attempts() == 1 })
	s.SetFaults(Faults{CutInData: true}) // if the data arrives only now
	wantCut(t, <-sent)
	if got := len(s.Messages()); got != 0 {
		t.Errorf("kept %d messages, want none", got)
	}
}

func TestADelayedServerAnswersInTheEnd(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	s.SetFaults(Faults{Delay: 10 * time.Millisecond})
	if err := send(t, s, nil); err != nil {
		t.Error(err)
	}
}

func TestCuttingOpenConnectionsLeavesTheServerUp(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	client, err := dial(t, s)
	if err != nil {
		t.Fatal(err)
	}
	s.CloseConnections()
	wantCut(t, deliver(client, nil))
	if err := send(t, s, nil); err != nil {
		t.Error(err)
	}
}
