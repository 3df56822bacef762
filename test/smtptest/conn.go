package smtptest

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
)

// faultListener accepts connections that fail as the server's faults say.
type faultListener struct {
	net.Listener
	server *Server
	tls    *tls.Config // nil: connections begin in the clear
	// handlers counts the connections that the SMTP server has not finished with.
	handlers sync.WaitGroup

	mu          sync.Mutex
	connections map[*faultConn]struct{}
	total       int
}

// Accept returns the next connection that is not refused.
func (l *faultListener) Accept() (net.Conn, error) {
	for {
		raw, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		faults, changed := l.server.currentFaults()
		if faults.RefuseConnections {
			reset(raw)
			continue
		}
		return l.wrap(raw, faults, changed), nil
	}
}

func (l *faultListener) wrap(raw net.Conn, faults Faults, changed <-chan struct{}) net.Conn {
	c := &faultConn{raw: raw, listener: l, greeting: faults.Greeting}
	quiet := &quietConn{Conn: raw, server: l.server}
	if faults.HangAfterConnect {
		quiet.until = changed
	}
	c.Conn = quiet
	if l.tls != nil {
		c.Conn = tls.Server(quiet, l.tls)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.connections[c] = struct{}{}
	l.total++
	l.handlers.Add(1)
	return c
}

func (l *faultListener) count() (total, open int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total, len(l.connections)
}

func (l *faultListener) cutAll() {
	l.mu.Lock()
	all := make([]*faultConn, 0, len(l.connections))
	for c := range l.connections {
		all = append(all, c)
	}
	l.mu.Unlock()
	for _, c := range all {
		c.cut()
	}
}

// faultConn is a connection as the SMTP server sees it: plain text, whichever
// the TLS mode, until a STARTTLS.
type faultConn struct {
	net.Conn
	raw      net.Conn
	listener *faultListener

	// The following belong to the goroutine of the connection.
	greeting int  // the code to greet with; 0: the server's own
	greeted  bool // the greeting has been written
	refused  bool // DATA was refused: what the server reads and answers next is made up
	farewell bool // the next answer is the last one
	wasCut   atomic.Bool
	closing  sync.Once
}

// Write passes an answer on, or another one in its place.
func (c *faultConn) Write(p []byte) (int, error) {
	switch {
	case !c.greeted:
		c.greeted = true
		if c.greeting == 0 {
			return c.Conn.Write(p)
		}
		_, err := fmt.Fprintf(c.Conn, "%d %s is not available\r\n", c.greeting, c.listener.server.options.Hostname)
		if closeErr := c.Close(); err == nil {
			err = closeErr
		}
		return len(p), err
	case bytes.HasPrefix(p, []byte("354 ")):
		faults, _ := c.listener.server.currentFaults()
		if faults.Data == nil {
			return c.Conn.Write(p)
		}
		c.refused = true
		_, err := fmt.Fprintf(c.Conn, "%d %s\r\n", faults.Data.Code, faults.Data.Message)
		return len(p), err
	case c.refused:
		// The server's verdict on the empty message that Read made up.
		c.refused = false
		return len(p), nil
	case c.farewell:
		n, err := c.Conn.Write(p)
		if closeErr := c.Close(); err == nil {
			err = closeErr
		}
		return n, err
	default:
		return c.Conn.Write(p)
	}
}

// Read returns what the client says. After a refused DATA, where the server
// waits for a message, it makes up the end of an empty one.
func (c *faultConn) Read(p []byte) (int, error) {
	if c.refused {
		return copy(p, ".\r\n"), nil
	}
	return c.Conn.Read(p)
}

// Close closes the connection in good order. The SMTP server calls it when it
// has finished with the connection, cut or not.
func (c *faultConn) Close() error {
	c.forget()
	defer c.closing.Do(c.listener.handlers.Done)
	if c.wasCut.Load() {
		return nil
	}
	return c.Conn.Close()
}

// cut ends the connection as a crash does.
func (c *faultConn) cut() {
	c.wasCut.Store(true)
	c.forget()
	reset(c.raw)
}

func (c *faultConn) forget() {
	c.listener.mu.Lock()
	defer c.listener.mu.Unlock()
	delete(c.listener.connections, c)
}
