//go:build faults

package faults

import (
	"time"

	"github.com/emersion/go-smtp"

	"rollcall.dev/rollcall/test/smtptest"
)

// outage is a way in which a mail server fails.
type outage struct {
	name string
	tls  smtptest.TLSMode
	// account reports whether the server asks for a user name and a password.
	account bool
	faults  smtptest.Faults
	// reasons are those of MailReady that name the stage, and says is in its message;
	// none: MailReady need not become False.
	reasons []string
	says    string
	// ambiguous reports whether the server takes messages without saying so, so that a
	// message may come twice.
	ambiguous bool
	// passwordChanged reports whether the server's password becomes another one, and the
	// Secret follows at the end.
	passwordChanged bool
}

// rejectedMember is the one whose address a server refuses for good.
const rejectedMember = "rejected"

// outages are those that one operator lives with, all at a time.
func outages() []outage {
	certificate := func(name string, fault smtptest.TLSFault, says string) outage {
		return outage{name: name, tls: smtptest.StartTLS, account: true, faults: smtptest.Faults{TLS: fault}, reasons: []string{"TLSFailed"}, says: says}
	}
	return []outage{
		{name: "works"},
		{name: "is down", faults: smtptest.Faults{RefuseConnections: true}, reasons: []string{"ConnectFailed", "GreetingFailed"}},
		{name: "hangs after connecting", faults: smtptest.Faults{HangAfterConnect: true}, reasons: []string{"GreetingFailed"}, says: "timeout"},
		{name: "hangs before TLS", tls: smtptest.Implicit, faults: smtptest.Faults{HangAfterConnect: true}, reasons: []string{"TLSFailed"}, says: "timeout"},
		{name: "hangs after DATA", faults: smtptest.Faults{HangAfterData: true}},
		{name: "greets with 421", faults: smtptest.Faults{Greeting: 421}, reasons: []string{"GreetingFailed"}, says: "421"},
		{name: "answers EHLO with 451", faults: smtptest.Faults{Hello: says(451)}, reasons: []string{"GreetingFailed"}, says: "451"},
		{name: "answers MAIL with 421", faults: smtptest.Faults{MailFrom: says(421)}, reasons: []string{"SenderFailed"}, says: "421"},
		{name: "answers RCPT with 451", faults: smtptest.Faults{Rcpt: says(451)}, reasons: []string{"RecipientFailed"}, says: "451"},
		{name: "answers letters with 451", faults: smtptest.Faults{EndOfData: says(451)}, reasons: []string{"DataFailed"}, says: "451"},
		{name: "answers letters with 421", faults: smtptest.Faults{EndOfData: says(421)}, reasons: []string{"DataFailed"}, says: "421"},
		{name: "refuses one address with 550", faults: smtptest.Faults{RcptFor: map[string]*smtp.SMTPError{rejectedMember + "@example.com": says(550)}}},
		{name: "has broken STARTTLS", tls: smtptest.StartTLS, account: true, faults: smtptest.Faults{TLS: smtptest.TLSGarbage}, reasons: []string{"TLSFailed"}},
		{name: "has broken TLS", tls: smtptest.Implicit, faults: smtptest.Faults{TLS: smtptest.TLSCut}, reasons: []string{"TLSFailed"}},
		certificate("has another host's certificate", smtptest.TLSOtherHost, "certificate for 127.0.0.1"),
		certificate("has an expired certificate", smtptest.TLSExpired, "expired"),
		certificate("has another authority's certificate", smtptest.TLSOtherAuthority, "unknown authority"),
		{name: "has another password", tls: smtptest.StartTLS, account: true, passwordChanged: true, reasons: []string{"AuthenticationFailed"}, says: "535"},
		{name: "cuts letters off", faults: smtptest.Faults{CutInData: true}, reasons: []string{"DataFailed"}},
		{name: "takes letters and does not say so", ambiguous: true, faults: smtptest.Faults{CutAfterAccept: true}, reasons: []string{"DataFailed"}},
		{name: "takes a letter a second, others with 451", faults: smtptest.Faults{Throttle: smtptest.Throttle{Interval: time.Second, Refusal: says(451)}}},
		{name: "takes a letter a second, others with 421", faults: smtptest.Faults{Throttle: smtptest.Throttle{Interval: time.Second, Refusal: says(421)}}},
		{name: "takes a letter a second, others wait", faults: smtptest.Faults{Throttle: smtptest.Throttle{Interval: time.Second}}},
	}
}

// says is an answer with a code.
func says(code int) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 3, 0}, Message: "not as things are"}
}
