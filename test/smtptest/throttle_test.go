package smtptest

import (
	netsmtp "net/smtp"
	"testing"
	"time"
)

func TestAThrottledServerRefusesMessagesThatComeTooSoon(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	s.SetFaults(Faults{Throttle: Throttle{Interval: time.Hour, Refusal: busy(451)}})
	client, err := dial(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := deliver(client, nil); err != nil {
		t.Fatal(err)
	}
	wantCode(t, deliver(client, nil), 451)
	s.SetFaults(Faults{})
	if err := deliver(client, nil); err != nil {
		t.Error(err)
	}
	if got := len(s.Messages()); got != 2 {
		t.Errorf("kept %d messages, want 2", got)
	}
}

func TestAThrottledServerAnswersInTurn(t *testing.T) {
	t.Parallel()
	const interval = 20 * time.Millisecond
	s := start(t, Options{})
	s.SetFaults(Faults{Throttle: Throttle{Interval: interval}})
	errs := make(chan error)
	for range 4 {
		go func() { errs <- send(t, s, nil) }()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	got := s.Messages()
	if len(got) != 4 {
		t.Fatalf("kept %d messages, want 4", len(got))
	}
	if took := got[3].At.Sub(got[0].At); took < 2*interval {
		t.Errorf("four messages in %v", took)
	}
}

func TestAnswer421ClosesTheConnection(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]Faults{
		"AUTH":              {Auth: busy(421)},
		"MAIL":              {MailFrom: busy(421)},
		"RCPT":              {Rcpt: busy(421)},
		"end of data":       {EndOfData: busy(421)},
		"too many messages": {Throttle: Throttle{Interval: time.Hour, Refusal: busy(421)}},
	} {
		for modeName, mode := range modes {
			t.Run(name+" with "+modeName, func(t *testing.T) {
				t.Parallel()
				s := start(t, Options{TLS: mode, Username: "user", Password: "right"})
				auth := netsmtp.PlainAuth("", "user", "right", s.Host())
				s.SetFaults(faults)
				if faults.Throttle.Refusal != nil {
					if err := send(t, s, auth); err != nil {
						t.Fatal(err)
					}
				}
				client, err := dial(t, s)
				if err != nil {
					t.Fatal(err)
				}
				wantCode(t, deliver(client, auth), 421)
				wantCut(t, client.Noop())
				s.SetFaults(Faults{})
				if err := send(t, s, auth); err != nil {
					t.Errorf("after the repair: %v", err)
				}
			})
		}
	}
}
