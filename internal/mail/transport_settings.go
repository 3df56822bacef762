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
	// StartTLS upgrades the connection with STARTTLS (RFC 3207), and gives up
	// when the server does not offer it.
	StartTLS TLSMode = iota
	// ImplicitTLS begins with TLS (RFC 8314).
	ImplicitTLS
	// NoTLS sends in the clear.
	NoTLS
)

// Server is a mail server and how to talk to it. It formats without its
// password, whatever the verb.
type Server struct {
	// Host is a DNS name or an IP address; with TLS the certificate must be for it.
	Host string
	// Port is a TCP port.
	Port int
	// TLS is how the connection is protected.
	TLS TLSMode
	// Username is for SMTP AUTH (RFC 4954); empty: there is no AUTH.
	Username string
	// Password goes with Username.
	Password string `json:"-"`
	// RootCAs are what the server's certificate is checked against; nil for the
	// system's.
	RootCAs *x509.CertPool
}

// Address is host and port, as in a URL.
func (s Server) Address() string {
	return net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
}

// Format implements fmt.Formatter, so that no verb prints the password.
func (s Server) Format(f fmt.State, _ rune) {
	// A formatter has nobody to tell that the output failed.
	_, _ = fmt.Fprintf(f, "mail server %s", s.Address()) //nolint:errcheck // see above
}

// secrets are the forms in which the password is sent (RFC 4616, and AUTH LOGIN).
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

// Settings is all that a contact centre says about its mail.
type Settings struct {
	Server Server
	// From and ReplyTo are addresses of RFC 5322; ReplyTo may be empty.
	From, ReplyTo string
	// Templates are what letters are made from.
	Templates *Templates
	// MaxPerMinute is the most letters a minute; 0 for no limit.
	MaxPerMinute int
	// Hash changes whenever something in the settings does.
	Hash string
}

// Timeouts are how long to wait for a mail server. RFC 5321, section 4.5.3.2,
// allows servers minutes; these are shorter, since a letter is tried again.
type Timeouts struct {
	// Connect is for the TCP connection.
	Connect time.Duration
	// Reply is for all from the greeting to AUTH, for the answers to MAIL and RCPT,
	// for making the letter, and for the answer to DATA.
	Reply time.Duration
	// EndOfData is for the answer to a whole letter. A server may have accepted
	// the letter when it runs out, so it is generous.
	EndOfData time.Duration
}

// DefaultTimeouts are the time-outs of the operator.
func DefaultTimeouts() Timeouts {
	return Timeouts{Connect: 10 * time.Second, Reply: 20 * time.Second, EndOfData: 60 * time.Second}
}
