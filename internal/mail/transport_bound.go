package mail

import (
	"errors"
	"net"
	"sync/atomic"
)

// maxAnswer is how much a mail server may say at a time, in bytes: enough for a
// TLS handshake and for any reply. RFC 5321, section 4.5.3.1.5, limits a line of
// a reply to 512.
const maxAnswer = 256 << 10

var errAnswerTooLong = errors.New("the server's answer does not end: this is no mail server")

// boundedConn ends a connection whose other side talks without end, which would
// fill the memory, since replies are read as a whole.
type boundedConn struct {
	net.Conn

	read atomic.Int64 // since something was last written
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
