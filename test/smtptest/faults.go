package smtptest

import (
	"net"
	"time"

	"github.com/emersion/go-smtp"
)

// Faults are the ways in which a Server fails. The zero value is a server that
// works. A nil *smtp.SMTPError means that the command is answered as it should.
// One with the code 421 closes the connection too (RFC 5321, section 3.8), but for
// that of Data.
type Faults struct {
	// RefuseConnections resets each new connection at once.
	RefuseConnections bool
	// HangAfterConnect accepts connections and then says nothing, until the
	// faults change, the client goes, or Close.
	HangAfterConnect bool
	// Greeting is a code such as 421 or 554 to greet with instead of 220; the
	// connection is closed after it.
	Greeting int
	// Hello answers EHLO and HELO.
	Hello *smtp.SMTPError
	// TLS is how TLS goes wrong, with StartTLS and Implicit.
	TLS TLSFault
	// Auth answers every AUTH, right or wrong.
	Auth *smtp.SMTPError
	// MailFrom answers MAIL.
	MailFrom *smtp.SMTPError
	// Rcpt answers RCPT.
	Rcpt *smtp.SMTPError
	// RcptFor answers RCPT for single addresses, and goes before Rcpt.
	RcptFor map[string]*smtp.SMTPError
	// Data answers the DATA command itself, before the message. It works with
	// TLS None and Implicit only.
	Data *smtp.SMTPError
	// EndOfData answers the end of the message, which is not kept.
	EndOfData *smtp.SMTPError
	// HangAfterData takes the message, does not keep it, and says nothing, until
	// the faults change or Close: then the connection is cut.
	HangAfterData bool
	// CutInData cuts the connection before the whole message is read.
	CutInData bool
	// CutAfterAccept keeps the message and cuts the connection in place of
	// saying so.
	CutAfterAccept bool
	// Delay is how long the answer to the end of the message takes.
	Delay time.Duration
	// Throttle is how often a message is taken.
	Throttle Throttle
}

// SetFaults replaces the faults. They apply to what comes after: those of
// connecting and greeting to new connections, those of TLS to new handshakes, the others to new commands of any
// connection.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
	close(s.changed)
	s.changed = make(chan struct{})
}

// currentFaults returns the faults, and a channel that is closed when they change.
func (s *Server) currentFaults() (Faults, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults, s.changed
}

// hang returns when the faults change, and false if that is because of Close.
func (s *Server) hang(changed <-chan struct{}) bool {
	select {
	case <-changed:
		return true
	case <-s.closed:
		return false
	}
}

// delay waits for as long as the faults say; false: Close came before.
func (s *Server) delay(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.closed:
		return false
	}
}

// reset ends a connection so that the client sees a failure, not an orderly end.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		// Closing still does its work if this fails.
		_ = tcp.SetLinger(0) //nolint:errcheck // as said above
	}
	_ = c.Close() //nolint:errcheck // there is nobody to tell: the fault is that the connection goes
}
