package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// Body returns the bytes of a message, and the secrets in them that no error may
// contain. It is called when the server has accepted sender and recipient, and
// again if the server then takes long to get ready.
type Body func(ctx context.Context) (message []byte, secrets []string, err error)

// Session is a connection to a mail server that is ready for messages.
type Session interface {
	// Check has the server accept the sender, without sending a message. The error
	// is a *StageError.
	Check(ctx context.Context, from string) error
	// Send sends one message. The error is a *StageError, or what body returned.
	// After an error of the connection, the session is unusable.
	Send(ctx context.Context, from, to string, body Body) error
	// Close ends the connection, with QUIT if the server answers quickly.
	Close()
}

// Dialer opens sessions.
type Dialer interface {
	// Dial connects, greets, starts TLS, and authenticates. The error is a *StageError.
	Dial(ctx context.Context, server Server) (Session, error)
}

// SMTPDialer is the Dialer for real mail servers.
type SMTPDialer struct {
	// Timeouts limit every step.
	Timeouts Timeouts
}

// Dial implements Dialer.
func (d SMTPDialer) Dial(ctx context.Context, server Server) (Session, error) {
	fail := func(stage Stage, err error) error {
		return &StageError{Stage: stage, Server: server.Address(), Err: redact(err, server.secrets()...)}
	}
	conn, err := (&net.Dialer{Timeout: d.Timeouts.Connect}).DialContext(ctx, "tcp", server.Address())
	if err != nil {
		return nil, fail(StageConnect, err)
	}
	// The end of ctx ends every step below.
	conn = &boundedConn{Conn: conn}
	stop := context.AfterFunc(ctx, func() { closeQuietly(conn) })
	defer stop()

	session := &smtpSession{server: server, timeouts: d.Timeouts, conn: conn}
	if err := conn.SetDeadline(time.Now().Add(d.Timeouts.Reply)); err != nil { //nolint:forbidigo // socket deadlines follow the machine's clock
		closeQuietly(conn)
		return nil, fail(StageConnect, err)
	}
	if stage, err := session.open(ctx); err != nil {
		closeQuietly(conn)
		return nil, fail(stage, err)
	}
	return session, nil
}

// smtpSession is a session with a real mail server.
type smtpSession struct {
	server   Server
	timeouts Timeouts
	conn     net.Conn
	client   *smtp.Client
}

// open does everything between connecting and the first message, and returns the
// stage that it reached.
func (s *smtpSession) open(ctx context.Context) (Stage, error) {
	conn := s.conn
	if s.server.TLS == ImplicitTLS {
		secured := tls.Client(conn, s.tlsConfig())
		if err := secured.HandshakeContext(ctx); err != nil {
			return StageTLS, err
		}
		conn = secured
	}
	client, err := smtp.NewClient(conn, s.server.Host)
	if err != nil {
		return StageGreeting, err
	}
	s.client = client
	client.SkipSMTPUTF8(true) // addresses are ASCII, and the rest is encoded
	if err := client.Hello(localName()); err != nil {
		return StageGreeting, err
	}
	if s.server.TLS == StartTLS {
		if offered, _ := client.Extension("STARTTLS"); !offered {
			return StageTLS, errors.New("the server does not offer STARTTLS, and Rollcall sends nothing unencrypted: set tls to Implicit if the port starts with TLS")
		}
		if err := client.StartTLS(s.tlsConfig()); err != nil {
			return StageTLS, err
		}
	}
	return StageAuthentication, s.authenticate()
}

// tlsConfig returns a configuration that checks the certificate against the host name.
func (s *smtpSession) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.server.Host, RootCAs: s.server.RootCAs, MinVersion: tls.VersionTLS12}
}

// authenticate uses the best mechanism that both sides support (RFC 4954).
func (s *smtpSession) authenticate() error {
	if s.server.Username == "" {
		return nil
	}
	_, encrypted := s.client.TLSConnectionState()
	if !encrypted && !isLoopback(s.conn.RemoteAddr()) {
		return errors.New("the connection is unencrypted, so Rollcall does not send the password of the mail account: set tls to StartTLS or Implicit")
	}
	offered, mechanisms := s.client.Extension("AUTH")
	if !offered {
		return errors.New("the server does not offer AUTH: remove authSecretRef, or use the port for mail submission")
	}
	user, password, host := s.server.Username, s.server.Password, s.server.Host
	for _, mechanism := range []struct {
		name string
		auth func() smtp.Auth
	}{
		{"SCRAM-SHA-256", func() smtp.Auth { return smtp.ScramSHA256Auth(user, password) }},
		{"PLAIN", func() smtp.Auth { return smtp.PlainAuth("", user, password, host, true) }},
		{"LOGIN", func() smtp.Auth { return smtp.LoginAuth(user, password, host, true) }},
	} {
		if slices.Contains(strings.Fields(strings.ToUpper(mechanisms)), mechanism.name) {
			return s.client.Auth(mechanism.auth())
		}
	}
	return fmt.Errorf("the server offers AUTH with %q only: it must offer SCRAM-SHA-256, PLAIN or LOGIN", mechanisms)
}

// closeQuietly closes a connection that is no longer needed.
func closeQuietly(conn net.Conn) {
	_ = conn.Close() //nolint:errcheck // the connection is not needed any more
}

// localName returns the name of this machine for EHLO.
func localName() string {
	if name, err := os.Hostname(); err == nil && name != "" {
		return name
	}
	return "localhost"
}

// isLoopback reports whether an address is on this machine.
func isLoopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// maxAnswer is the most that a mail server may send at a time, in bytes: enough for
// a TLS handshake and for any reply. RFC 5321, section 4.5.3.1.5, limits a line of a
// reply to 512 bytes.
const maxAnswer = 256 << 10

var errAnswerTooLong = errors.New("the server's answer is longer than 256 KiB: check that host and port belong to a mail server")

// boundedConn is a connection that fails when the server sends too much. Replies
// are read as a whole, so an endless one would exhaust memory.
type boundedConn struct {
	net.Conn

	read atomic.Int64 // since the last write
}

// Read implements net.Conn.
func (c *boundedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.read.Add(int64(n)) > maxAnswer {
		return 0, errAnswerTooLong
	}
	return n, err
}

// Write implements net.Conn.
func (c *boundedConn) Write(p []byte) (int, error) {
	c.read.Store(0)
	return c.Conn.Write(p)
}
