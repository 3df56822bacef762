package smtptest

import (
	"bytes"
	"cmp"
	"net"
	"time"
)

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

// wait returns when the quiet time is over, or an error if the client disconnects
// or the server is closed.
func (c *quietConn) wait() error {
	if c.until == nil {
		return nil
	}
	until := c.until
	c.until = nil
	var ended error
	done := make(chan struct{})
	go func() {
		defer close(done)
		ended = c.readEarly()
	}()
	select {
	case <-done:
		return ended
	case <-c.server.closed:
		err := c.Conn.Close()
		<-done
		return cmp.Or(err, net.ErrClosed)
	case <-until:
		// A deadline in the past ends the read in readEarly.
		if err := c.SetReadDeadline(time.Unix(1, 0)); err != nil {
			return err
		}
		<-done
		return c.SetReadDeadline(time.Time{})
	}
}

// readEarly keeps what the client sends, until an error.
func (c *quietConn) readEarly() error {
	_, err := c.early.ReadFrom(c.Conn)
	return cmp.Or(err, net.ErrClosed)
}
