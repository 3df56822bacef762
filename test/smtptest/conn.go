package smtptest

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
)

// faultListener accepts connections with the server's faults.
type faultListener struct {
	net.Listener
	server *Server
	tls    *tls.Config // nil: connections start unencrypted
	// handlers counts the connections that the SMTP server still uses.
	handlers sync.WaitGroup

	mu          sync.Mutex
	connections map[*faultConn]struct{}
	total       int
}

// Accept returns the next connection that the faults do not refuse.
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

// faultConn is a connection as the SMTP server sees it: plain text in every TLS
// mode, until STARTTLS.
type faultConn struct {
	net.Conn
	raw      net.Conn
	listener *faultListener

	// The following belong to the goroutine of the connection.
	greeting   int  // the code to greet with; 0 means the server's own
	greeted    bool // the greeting was written
	refused    bool // DATA was refused: the server reads an empty message next
	lastAnswer bool // the connection closes after the next answer
	wasCut     atomic.Bool
	closing    sync.Once
}

// Write writes the answer, or the one that the faults put in its place.
func (c *faultConn) Write(p []byte) (int, error) {
	switch {
	case !c.greeted:
		c.greeted = true
		if c.greeting == 0 {
			return c.Conn.Write(p)
		}
		_, err := fmt.Fprintf(c.Conn, "%d %s is not available\r\n", c.greeting, c.listener.server.options.Hostname)
		return len(p), cmp.Or(err, c.Close())
	case bytes.HasPrefix(p, []byte("354 ")):
		faults, _ := c.listener.server.currentFaults()
		if faults.Data == nil {
			return c.Conn.Write(p)
		}
		c.refused = true
		_, err := fmt.Fprintf(c.Conn, "%d %s\r\n", faults.Data.Code, faults.Data.Message)
		return len(p), err
	case c.refused:
		// The answer to the empty message from Read.
		c.refused = false
		return len(p), nil
	case c.lastAnswer:
		n, err := c.Conn.Write(p)
		return n, cmp.Or(err, c.Close())
	default:
		return c.Conn.Write(p)
	}
}

// Read reads from the client. After a refused DATA the server waits for a message,
// so Read returns the end of an empty one.
func (c *faultConn) Read(p []byte) (int, error) {
	if c.refused {
		return copy(p, ".\r\n"), nil
	}
	return c.Conn.Read(p)
}

// Close closes the connection in order, unless it was cut. The SMTP server calls it
// when it no longer uses the connection.
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
