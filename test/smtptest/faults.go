package smtptest

import (
	"crypto/tls"
	"errors"
	"io"
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

// Throttle limits how often a server accepts a message.
type Throttle struct {
	// Interval is the shortest time between two messages.
	Interval time.Duration
	// Refusal answers the end of a message that comes sooner, and the message is not
	// kept. If nil, the answer waits until the message is due.
	Refusal *smtp.SMTPError
}

// TLSFault is how TLS fails: after STARTTLS, or at once with Implicit.
type TLSFault int

const (
	// TLSWorks is TLS without a fault.
	TLSWorks TLSFault = iota
	// TLSGarbage answers the client's first record with something that is not TLS.
	TLSGarbage
	// TLSCut cuts the connection after the client's first record.
	TLSCut
	// TLSOtherHost shows a certificate for another host's name.
	TLSOtherHost
	// TLSExpired shows an expired certificate.
	TLSExpired
	// TLSOtherAuthority shows a certificate that is not in CAPEM.
	TLSOtherAuthority
)

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

// delay waits for d, and fails if Close comes first.
func (s *Server) delay(d time.Duration) error {
	select {
	case <-time.NewTimer(d).C:
		return nil
	case <-s.closed:
		return errShuttingDown
	}
}

// throttle returns how long the answer to a message has to wait, or its refusal.
func (s *Server) throttle(t Throttle) (wait time.Duration, refusal *smtp.SMTPError) {
	if t.Interval <= 0 {
		return 0, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now() //nolint:forbidigo // messages arrive in real time
	if wait = max(0, s.turn.Sub(now)); wait > 0 && t.Refusal != nil {
		return 0, t.Refusal
	}
	s.turn = now.Add(wait + t.Interval)
	return wait, nil
}

var errHandshakeFault = errors.New("the handshake fails, as the faults demand")

// tlsConfig returns a configuration that applies the faults at each handshake.
func (s *Server) tlsConfig(certificates map[TLSFault]*tls.Certificate) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			switch faults, _ := s.currentFaults(); faults.TLS {
			case TLSGarbage:
				if _, err := io.WriteString(hello.Conn, "220 this is not TLS\r\n"); err != nil {
					return nil, err
				}
				return nil, errHandshakeFault
			case TLSCut:
				if c, ok := hello.Conn.(interface{ cut() }); ok { // the listener's
					c.cut()
				}
				return nil, errHandshakeFault
			default:
				return nil, nil //nolint:nilnil // for crypto/tls, this means the same configuration
			}
		},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			faults, _ := s.currentFaults()
			return certificates[faults.TLS], nil
		},
	}
}
