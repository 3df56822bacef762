package load

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestAnAnswerIsReadToItsEndAndNoFurther(t *testing.T) {
	t.Parallel()
	c := &connection{reader: bufio.NewReader(strings.NewReader(
		"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nX-Other: 9\r\n\r\nabc" +
			"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n" +
			"HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))}
	for _, want := range []int{http.StatusOK, http.StatusForbidden, http.StatusBadGateway} {
		if status, err := c.receive(); status != want || err != nil {
			t.Errorf("got %d, %v, want %d", status, err, want)
		}
	}
	if _, err := c.receive(); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("got %v at the end, want an error", err)
	}
}

// serve serves until the test ends, and returns connections to what serves.
func serve(t *testing.T, h http.HandlerFunc) *Connections {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	l, err := Dial(t.Context(), time.Now, server.Listener.Addr().String(), nil, 4) //nolint:forbidigo // the real clock paces a real server
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func TestSaturationCountsWhatTheServerAnswered(t *testing.T) {
	t.Parallel()
	var served atomic.Int64
	l := serve(t, func(http.ResponseWriter, *http.Request) { served.Add(1) })
	count, took, err := l.Saturate(t.Context(), [][]byte{Request("/", "X", "1"), Request("/", "X", "2")}, 100*time.Millisecond)
	if err != nil || int64(count) != served.Load() || took < 100*time.Millisecond {
		t.Errorf("got %d in %s, %v, want %d", count, took, err, served.Load())
	}
}

func TestSaturationEndsAtTheFirstRefusal(t *testing.T) {
	t.Parallel()
	l := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	if _, _, err := l.Saturate(t.Context(), [][]byte{Request("/", "X", "1")}, time.Minute); err == nil {
		t.Error("got no error")
	}
}

func TestLatencyCountsFromWhenARequestWasToBeSent(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var asked atomic.Int64
	l := serve(t, func(http.ResponseWriter, *http.Request) {
		asked.Add(1)
		<-release // all four connections wait here
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first := time.Now() //nolint:forbidigo // as in serve
	var longest, later atomic.Int64
	go func() {
		for asked.Load() < 4 {
			nap(time.Millisecond)
		}
		nap(50 * time.Millisecond) // requests that nobody can send become due
		close(release)
	}()
	_, err := l.Pace(ctx, [][]byte{Request("/", "X", "1")}, 1000, func(s Sample) {
		longest.Store(max(longest.Load(), int64(s.Latency())))
		if s.Sent.Sub(s.Intended) > 30*time.Millisecond {
			later.Add(1)
		}
		if s.Intended.Sub(first) > 40*time.Millisecond {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if time.Duration(longest.Load()) < 50*time.Millisecond || later.Load() == 0 {
		t.Errorf("got a latency of at most %s and %d requests sent late", time.Duration(longest.Load()), later.Load())
	}
}
