package mail

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"strconv"
	"time"
)

// TLSMode is how the connection to a mail server is protected.
type TLSMode int

const (
	// StartTLS upgrades the connection with STARTTLS (RFC 3207), and fails if the
	// server does not offer it.
	StartTLS TLSMode = iota
	// ImplicitTLS starts with TLS (RFC 8314).
	ImplicitTLS
	// NoTLS sends unencrypted.
	NoTLS
)

// Server is a mail server and how to connect to it. No format verb shows the password.
type Server struct {
	// Host is a DNS name or an IP address. With TLS, the certificate must match it.
	Host string
	// Port is a TCP port.
	Port int
	// TLS is how the connection is protected.
	TLS TLSMode
	// Username is for SMTP AUTH (RFC 4954); if empty, there is no AUTH.
	Username string
	// Password goes with Username.
	Password string `json:"-"`
	// RootCAs verify the server's certificate; nil means the system's.
	RootCAs *x509.CertPool
}

// Address returns host and port, as in a URL.
func (s Server) Address() string {
	return net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
}

// Format implements fmt.Formatter, so that no verb shows the password.
func (s Server) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "mail server %s", s.Address()) //nolint:errcheck // a formatter cannot return an error
}

// secrets returns the forms in which the password is sent (RFC 4616, and AUTH LOGIN).
func (s Server) secrets() []string {
	if s.Password == "" {
		return nil
	}
	return []string{
		base64.StdEncoding.EncodeToString([]byte("\x00" + s.Username + "\x00" + s.Password)),
		base64.StdEncoding.EncodeToString([]byte(s.Password)),
		s.Password,
	}
}

// Settings holds the mail settings of a contact center.
type Settings struct {
	Server Server
	// From and ReplyTo are RFC 5322 addresses; ReplyTo may be empty.
	From, ReplyTo string
	// Templates render the e-mails.
	Templates *Templates
	// MaxPerMinute is the most e-mails per minute; 0 means no limit.
	MaxPerMinute int
	// Hash changes whenever the settings change.
	Hash string
}

// Timeouts holds how long to wait for a mail server. RFC 5321, section 4.5.3.2,
// allows servers minutes; these are shorter, because the outbox tries again.
type Timeouts struct {
	// Connect is for the TCP connection.
	Connect time.Duration
	// Reply is for everything from the greeting to AUTH, for the answers to MAIL and
	// RCPT, for creating the message, and for the answer to DATA.
	Reply time.Duration
	// EndOfData is for the answer to a complete message. It is long, because the
	// server may have accepted the message when it expires.
	EndOfData time.Duration
}

// DefaultTimeouts returns the time-outs of the operator.
func DefaultTimeouts() Timeouts {
	return Timeouts{Connect: 10 * time.Second, Reply: 20 * time.Second, EndOfData: 60 * time.Second}
}
