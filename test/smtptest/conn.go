package smtptest

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"fmt"
	"net"
	"time"
)

// faultListener accepts connections with the server's faults.
type faultListener struct {
	net.Listener
	server *Server
	tls    *tls.Config // nil: connections start unencrypted
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
	quiet := &quietConn{Conn: raw, server: l.server}
	if faults.HangAfterConnect {
		quiet.until = changed
	}
	c := &faultConn{Conn: quiet, raw: raw, server: l.server, greeting: faults.Greeting}
	if l.tls != nil {
		c.Conn = tls.Server(quiet, l.tls)
	}
	l.server.mu.Lock()
	defer l.server.mu.Unlock()
	l.server.open[c] = true
	l.server.total++
	return c
}

// faultConn is a connection as the SMTP server sees it: plain text in every TLS
// mode, until STARTTLS.
type faultConn struct {
	net.Conn
	raw    net.Conn
	server *Server

	// The following belong to the goroutine of the connection.
	greeting   int  // the code to greet with; 0 means the server's own
	greeted    bool // the greeting was written
	refused    bool // DATA was refused: the server reads an empty message next
	lastAnswer bool // the connection closes after the next answer
}

// Write writes the answer, or the one that the faults put in its place.
func (c *faultConn) Write(p []byte) (int, error) {
	answer := p
	switch {
	case !c.greeted:
		c.greeted = true
		if c.greeting != 0 {
			c.lastAnswer = true
			answer = fmt.Appendf(nil, "%d %s is not available\r\n", c.greeting, hostname)
		}
	case bytes.HasPrefix(p, []byte("354 ")):
		if faults, _ := c.server.currentFaults(); faults.Data != nil {
			c.refused = true
			answer = fmt.Appendf(nil, "%d %s\r\n", faults.Data.Code, faults.Data.Message)
		}
	case c.refused:
		// The answer to the empty message from Read.
		c.refused = false
		return len(p), nil
	}
	_, err := c.Conn.Write(answer)
	if c.lastAnswer {
		err = cmp.Or(err, c.Close())
	}
	return len(p), err
}

// Read reads from the client. After a refused DATA the server waits for a message,
// so Read returns the end of an empty one.
func (c *faultConn) Read(p []byte) (int, error) {
	if c.refused {
		return copy(p, ".\r\n"), nil
	}
	return c.Conn.Read(p)
}

// Close closes the connection in order. The SMTP server calls it when it no longer
// uses the connection.
func (c *faultConn) Close() error {
	c.forget()
	return c.Conn.Close()
}

// cut ends the connection as a crash does.
func (c *faultConn) cut() {
	c.forget()
	reset(c.raw)
}

func (c *faultConn) forget() {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	delete(c.server.open, c)
}

// quietConn neither reads nor writes until a channel is closed.
type quietConn struct {
	net.Conn
	server *Server
	until  <-chan struct{} // nil: it is not quiet
	early  bytes.Buffer    // what the client sent meanwhile
}

// Write writes when the quiet time is over.
func (c *quietConn) Write(p []byte) (int, error) {
	if err := c.wait(); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// Read reads when the quiet time is over.
func (c *quietConn) Read(p []byte) (int, error) {
	if err := c.wait(); err != nil {
		return 0, err
	}
	if c.early.Len() > 0 {
		return c.early.Read(p)
	}
	return c.Conn.Read(p)
}

// cut ends the connection as a crash does.
func (c *quietConn) cut() { reset(c.Conn) }

// wait returns when the quiet time is over, or an error if the client disconnects
// or the server is closed.
func (c *quietConn) wait() error {
	if c.until == nil {
		return nil
	}
	until := c.until
	c.until = nil
	ended := make(chan error, 1)
	go func() {
		_, err := c.early.ReadFrom(c.Conn)
		ended <- cmp.Or(err, net.ErrClosed)
	}()
	select {
	case err := <-ended:
		return err
	case <-c.server.closed:
		return <-ended // Close cuts the connection
	case <-until:
		// A deadline in the past ends the read.
		if err := c.SetReadDeadline(time.Unix(1, 0)); err != nil {
			return err
		}
		<-ended //nolint:errcheck // the error is the deadline, or the next read finds it too
		return c.SetReadDeadline(time.Time{})
	}
}

// reset ends a connection so that the client sees a failure, not an orderly end.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) //nolint:errcheck // if this fails, Close still ends the connection
	}
	_ = c.Close() //nolint:errcheck // the fault is that the connection ends
}
