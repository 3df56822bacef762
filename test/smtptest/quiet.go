package smtptest

import (
	"bytes"
	"net"
	"time"
)

// quietConn says and hears nothing until a channel is closed.
type quietConn struct {
	net.Conn
	server *Server
	until  <-chan struct{} // nil: it is not quiet
	begun  bytes.Buffer    // what the client said meanwhile
}

// Write writes once the silence is over.
func (c *quietConn) Write(p []byte) (int, error) {
	if err := c.wait(); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// Read reads once the silence is over.
func (c *quietConn) Read(p []byte) (int, error) {
	if err := c.wait(); err != nil {
		return 0, err
	}
	if c.begun.Len() > 0 {
		return c.begun.Read(p)
	}
	return c.Conn.Read(p)
}

// wait returns when the silence is over, and with an error if the client or the
// server is gone.
func (c *quietConn) wait() error {
	if c.until == nil {
		return nil
	}
	until := c.until
	c.until = nil
	var heard error
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		heard = c.listen()
	}()
	select {
	case <-gone:
		return heard
	case <-c.server.closed:
		err := c.Conn.Close()
		<-gone
		if err == nil {
			err = net.ErrClosed
		}
		return err
	case <-until:
		// A deadline in the past ends the read that notices the client's end.
		if err := c.SetReadDeadline(time.Unix(1, 0)); err != nil {
			return err
		}
		<-gone
		return c.SetReadDeadline(time.Time{})
	}
}

// listen keeps what the client says, until an error.
func (c *quietConn) listen() error {
	_, err := c.begun.ReadFrom(c.Conn)
	if err == nil {
		err = net.ErrClosed
	}
	return err
}
