package mail

import (
	"errors"
	"net"
	"sync/atomic"
)

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
