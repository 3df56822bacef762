package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// answerPatience is how long any answer may take.
const answerPatience = 15 * time.Second

// pending is a request on its way.
type pending struct {
	// intended is when it was to be sent, and sent when it was.
	intended, sent time.Time
}

// connection is a kept connection to a server, with one request at a time. It reads
// just as much of HTTP/1.1 as it must, so that the client leaves the processor to the
// server.
type connection struct {
	net.Conn

	reader *bufio.Reader

	mu      sync.Mutex
	pending pending
}

// loader is some connections to a server, all of them for one kind of load at a time.
type loader struct {
	now         func() time.Time
	connections []*connection
}

// dial opens connections to a server, by TLS if there is a configuration for it.
func dial(ctx context.Context, now func() time.Time, address string, secure *tls.Config, connections int) (_ *loader, err error) {
	l := &loader{now: now}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	for range connections {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		if secure != nil {
			client := tls.Client(conn, secure)
			if err := client.HandshakeContext(ctx); err != nil {
				return nil, errors.Join(err, conn.Close())
			}
			conn = client
		}
		l.connections = append(l.connections, &connection{Conn: conn, reader: bufio.NewReader(conn)})
	}
	return l, nil
}

// close closes all connections.
func (l *loader) close() {
	for _, c := range l.connections {
		_ = c.Close() //nolint:errcheck // nothing is lost with it
	}
}

var (
	contentLength    = []byte("content-length:")
	transferEncoding = []byte("transfer-encoding:")
)

// receive reads an answer and returns its status.
func (c *connection) receive() (int, error) {
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	const statusAt, statusEnd = len("HTTP/1.1 "), len("HTTP/1.1 200")
	if len(line) < statusEnd || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, fmt.Errorf("the answer begins with %q, and not as HTTP/1.1 does", line)
	}
	status, err := strconv.Atoi(string(line[statusAt:statusEnd]))
	if err != nil {
		return 0, fmt.Errorf("the status of an answer: %w", err)
	}
	length := 0
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if hasPrefixFold(line, transferEncoding) {
			return 0, fmt.Errorf("the answer with status %d comes in chunks, which this client cannot read", status)
		}
		if hasPrefixFold(line, contentLength) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(contentLength):]))); err != nil {
				return 0, fmt.Errorf("the length of an answer: %w", err)
			}
		}
	}
	_, err = c.reader.Discard(length)
	return status, err
}

// hasPrefixFold reports whether a line begins with a prefix, in whatever case.
func hasPrefixFold(line, prefix []byte) bool {
	return len(line) >= len(prefix) && bytes.EqualFold(line[:len(prefix)], prefix)
}

// expectOK is an error for any status but 200.
func expectOK(status int) error {
	if status != http.StatusOK {
		return fmt.Errorf("an answer that was to be 200 is %d %s", status, http.StatusText(status))
	}
	return nil
}

// unexpectedEnd says what the end of a connection means here.
func unexpectedEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the server closed a connection that was to be kept")
	}
	return err
}
