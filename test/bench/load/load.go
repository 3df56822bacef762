// Package load is a load generator for servers that speak HTTP/1.1.
package load

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// answerPatience is how long any answer may take.
const answerPatience = 15 * time.Second

// connection is a kept connection to a server, with one request at a time.
type connection struct {
	net.Conn

	reader *bufio.Reader
}

// Connections are some connections to a server, all of them for one kind of load at a
// time.
type Connections struct {
	now func() time.Time
	all []*connection
}

// Dial opens connections to a server, by TLS if there is a configuration for it.
func Dial(ctx context.Context, now func() time.Time, address string, secure *tls.Config, connections int) (*Connections, error) {
	dial := new(net.Dialer).DialContext
	if secure != nil {
		dial = (&tls.Dialer{Config: secure}).DialContext
	}
	l := &Connections{now: now}
	for range connections {
		conn, err := dial(ctx, "tcp", address)
		if err != nil {
			l.Close()
			return nil, err
		}
		l.all = append(l.all, &connection{Conn: conn, reader: bufio.NewReader(conn)})
	}
	return l, nil
}

// Close closes all connections.
func (l *Connections) Close() {
	for _, c := range l.all {
		_ = c.Close() //nolint:errcheck // nothing is lost with it
	}
}

// send sends a request, whose answer has to come in time.
func (c *connection) send(request []byte, now time.Time) error {
	if err := c.SetDeadline(now.Add(answerPatience)); err != nil {
		return err
	}
	_, err := c.Write(request)
	return err
}

// receive reads an answer and returns its status.
func (c *connection) receive() (int, error) {
	response, err := http.ReadResponse(c.reader, nil)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, errors.New("the server closed a connection that was to be kept")
	}
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, errors.Join(err, response.Body.Close())
}

// ExpectOK is an error for any status but 200.
func ExpectOK(status int) error {
	if status != http.StatusOK {
		return fmt.Errorf("an answer that was to be 200 is %d %s", status, http.StatusText(status))
	}
	return nil
}

// Request is a request as a proxy sends it, with one more header.
func Request(path, header, value string) []byte {
	return []byte(strings.Join([]string{
		"GET " + path + " HTTP/1.1",
		"Host: gate.example.com",
		"X-Forwarded-For: 192.0.2.7",
		"X-Forwarded-Method: GET",
		"X-Forwarded-Uri: /workbench/tickets/1734",
		"Accept: application/json",
		header + ": " + value,
		"", "",
	}, "\r\n"))
}

// Saturate sends requests as fast as answers come, one at a time on each connection,
// and returns how many were answered in which time. All have to be answered with 200.
func (l *Connections) Saturate(ctx context.Context, requests [][]byte, duration time.Duration) (int, time.Duration, error) {
	started := l.now()
	end := started.Add(duration)
	defer context.AfterFunc(ctx, l.Close)() // ends what waits for answers
	var count atomic.Int64
	running, ctx := errgroup.WithContext(ctx)
	for i, c := range l.all {
		running.Go(func() error {
			// Each connection begins with another member.
			next := i * len(requests) / len(l.all)
			for now := started; now.Before(end) && ctx.Err() == nil; now = l.now() {
				if err := c.send(requests[next%len(requests)], now); err != nil {
					return err
				}
				status, err := c.receive()
				if err := errors.Join(err, ctx.Err()); err != nil {
					return err
				}
				if err := ExpectOK(status); err != nil {
					return err
				}
				next++
				count.Add(1)
			}
			return ctx.Err()
		})
	}
	err := running.Wait()
	return int(count.Load()), l.now().Sub(started), err
}
