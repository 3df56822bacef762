// Package smtptest provides an SMTP server for tests, the demo, and the benchmarks.
// It listens on the loopback address, keeps the messages that it accepts, and fails
// on demand in the ways that mail servers fail.
package smtptest

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// hostname is the server's name in its greeting.
const hostname = "localhost"

// TLSMode is how connections are protected.
type TLSMode int

const (
	// None is unencrypted.
	None TLSMode = iota
	// StartTLS requires STARTTLS (RFC 3207) before AUTH and MAIL.
	StartTLS
	// Implicit starts with TLS (RFC 8314).
	Implicit
)

// Options configures a Server.
type Options struct {
	// TLS is how connections are protected; the default is None.
	TLS TLSMode
	// Username and Password are required, by AUTH PLAIN or LOGIN, before MAIL. If
	// Username is empty, AUTH is neither offered nor required.
	Username, Password string
	// OnMessage is called with each kept message before the client gets its answer,
	// by the goroutine of the connection.
	OnMessage func(Message)
}

// Server is a running SMTP server.
type Server struct {
	options  Options
	listener net.Listener
	caPEM    []byte
	closed   chan struct{} // closed by Close
	serving  sync.WaitGroup
	closing  sync.Once
	protocol *smtp.Server

	mu       sync.Mutex
	username string
	password string
	messages []Message
	attempts int
	total    int                 // of the connections
	open     map[*faultConn]bool // connections
	faults   Faults
	changed  chan struct{} // closed and replaced when faults change
	turn     time.Time     // when a throttled server accepts the next message
}

// Start starts a server on a free port of 127.0.0.1.
func Start(o Options) (*Server, error) {
	caPEM, certificates, err := newCertificates()
	if err != nil {
		return nil, fmt.Errorf("creating the mail server's certificates: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // listening on a free loopback port does not wait
	if err != nil {
		return nil, fmt.Errorf("opening the mail server's port: %w", err)
	}
	s := &Server{
		options: o, username: o.Username, password: o.Password, caPEM: caPEM,
		closed: make(chan struct{}), changed: make(chan struct{}),
		open: map[*faultConn]bool{}, listener: listener,
	}
	config := s.tlsConfig(certificates)
	accepting := &faultListener{Listener: listener, server: s}
	s.protocol = smtp.NewServer(smtp.BackendFunc(s.newSession))
	s.protocol.Domain = hostname
	s.protocol.ErrorLog = log.New(io.Discard, "", 0)
	// The session decides whether AUTH is offered.
	s.protocol.AllowInsecureAuth = true
	switch o.TLS {
	case StartTLS:
		s.protocol.TLSConfig = config
	case Implicit:
		accepting.tls = config
	case None:
	}
	s.serving.Go(func() {
		_ = s.protocol.Serve(accepting) //nolint:errcheck // it returns when Close closes the listener
	})
	return s, nil
}

// Addr returns the address as host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Host returns the host of the address, 127.0.0.1.
func (s *Server) Host() string { return netip.MustParseAddrPort(s.Addr()).Addr().String() }

// Port returns the port of the address.
func (s *Server) Port() int { return int(netip.MustParseAddrPort(s.Addr()).Port()) }

// CAPEM returns what clients trust: this server's own certificate for 127.0.0.1,
// ::1, and localhost, and those of its faults except TLSOtherAuthority.
func (s *Server) CAPEM() []byte { return slices.Clone(s.caPEM) }

// SetCredentials changes what AUTH requires. Authenticated connections stay
// authenticated.
func (s *Server) SetCredentials(username, password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.username, s.password = username, password
}

func (s *Server) credentials() (username, password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.username, s.password
}

// Messages returns the accepted messages so far, in order.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

func (s *Server) keep(m Message) {
	s.mu.Lock()
	s.messages = append(s.messages, m)
	s.mu.Unlock()
	if s.options.OnMessage != nil {
		s.options.OnMessage(m)
	}
}

// Attempts returns the number of MAIL commands, including refused ones.
func (s *Server) Attempts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.attempts
}

// Connections returns how many connections were accepted so far, and how many of
// them are open.
func (s *Server) Connections() (total, open int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total, len(s.open)
}

// CloseConnections cuts every open connection, as a server restart does.
func (s *Server) CloseConnections() {
	s.mu.Lock()
	open := slices.Collect(maps.Keys(s.open))
	s.mu.Unlock()
	for _, c := range open {
		c.cut()
	}
}

// Close cuts every connection, and returns when no goroutine of the server runs. It
// may be called again.
func (s *Server) Close() error {
	var err error
	s.closing.Do(func() {
		close(s.closed)
		err = s.listener.Close()
		s.serving.Wait()
		s.CloseConnections()
		// All that is left to do is to wait for the connections' goroutines.
		_ = s.protocol.Shutdown(context.Background()) //nolint:errcheck,forbidigo // its listener is closed already
	})
	return err
}
