package smtptest

import (
	"net"
	"time"

	"github.com/emersion/go-smtp"
)

// Faults holds the ways in which a Server fails. The zero value is a server that
// works. With a nil *smtp.SMTPError, the server answers the command normally.
// The code 421 also closes the connection (RFC 5321, section 3.8), except in Data.
type Faults struct {
	// RefuseConnections resets each new connection at once.
	RefuseConnections bool
	// HangAfterConnect accepts connections and then sends nothing, until the faults
	// change, the client disconnects, or Close.
	HangAfterConnect bool
	// Greeting is a code such as 421 or 554 that replaces 220. The connection closes
	// after it.
	Greeting int
	// Hello answers EHLO and HELO.
	Hello *smtp.SMTPError
	// TLS is how TLS fails, with StartTLS and Implicit.
	TLS TLSFault
	// Auth answers every AUTH, whether or not the credentials are right.
	Auth *smtp.SMTPError
	// MailFrom answers MAIL.
	MailFrom *smtp.SMTPError
	// Rcpt answers RCPT.
	Rcpt *smtp.SMTPError
	// RcptFor answers RCPT for single addresses, and takes precedence over Rcpt.
	RcptFor map[string]*smtp.SMTPError
	// Data answers the DATA command itself, before the message. It works with
	// TLS None and Implicit only.
	Data *smtp.SMTPError
	// EndOfData answers the end of the message, which is not kept.
	EndOfData *smtp.SMTPError
	// HangAfterData reads the message, does not keep it, and sends nothing, until the
	// faults change or Close. Then it cuts the connection.
	HangAfterData bool
	// CutInData cuts the connection before the whole message is read.
	CutInData bool
	// CutAfterAccept keeps the message, and cuts the connection instead of answering.
	CutAfterAccept bool
	// Delay is how long the answer to the end of the message takes.
	Delay time.Duration
	// Throttle limits how often a message is accepted.
	Throttle Throttle
}

// SetFaults replaces the faults. Faults of connecting and greeting apply to new
// connections, those of TLS to new handshakes, and the others to new commands of
// any connection.
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

// hang waits until the faults change or Close.
func (s *Server) hang(changed <-chan struct{}) {
	select {
	case <-changed:
	case <-s.closed:
	}
}

// delay waits for d, and reports false if Close comes first.
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
		_ = tcp.SetLinger(0) //nolint:errcheck // if this fails, Close still ends the connection
	}
	_ = c.Close() //nolint:errcheck // the fault is that the connection ends
}
