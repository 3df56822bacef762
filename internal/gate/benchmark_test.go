package gate_test

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"rollcall.dev/rollcall/internal/gate"
)

// discardingWriter is a ResponseWriter that discards the answer.
type discardingWriter struct{ header http.Header }

func (d discardingWriter) Header() http.Header       { return d.header }
func (discardingWriter) Write(b []byte) (int, error) { return len(b), nil }
func (discardingWriter) WriteHeader(int)             {}

// fixedDirectory is a Directory with one member, as fast as a map.
type fixedDirectory struct {
	center gate.Center
	member gate.Member
}

func (fixedDirectory) Fresh(string) error                                 { return nil }
func (f fixedDirectory) Center(string) (gate.Center, bool)                { return f.center, true }
func (f fixedDirectory) MemberByEmail(string, string) (gate.Member, bool) { return f.member, true }
func (f fixedDirectory) MemberByUID(string, string) (gate.Member, bool)   { return f.member, true }
func (fixedDirectory) Complete(string) error                              { return nil }
func (f fixedDirectory) Whoami(namespace, _ string) (gate.Whoami, bool) {
	return gate.Whoami{Namespace: namespace, Member: f.member.Name, Email: f.member.Email, Role: f.member.Role}, true
}

// newBenchmark returns a session cookie and a gate with its audit log on the null
// device, which takes one system call for each line, like a real log.
func newBenchmark(b *testing.B) (http.Handler, *http.Cookie) {
	b.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { null.Close() })
	d := newFakeDirectory()
	keys := []gate.Key{newKey("20261122T080000Z", time.Time{})}
	h, err := gate.NewHandler(gate.Options{
		Directory: fixedDirectory{center: d.centers[support], member: d.members[support][0]},
		Keys:      func() []gate.Key { return keys },
		Now:       time.Now, //nolint:forbidigo // the real clock is part of what is measured
		Random:    rand.Reader,
		Audit:     null,
	})
	if err != nil {
		b.Fatal(err)
	}
	cookie, err := gate.NewSession(h, support, d.members[support][0])
	if err != nil {
		b.Fatal(err)
	}
	return h, cookie
}

// measuredRequests returns the requests to measure.
func measuredRequests(cookie *http.Cookie) map[string]*http.Request {
	return map[string]*http.Request{
		"session":         newRequest("/verify/support/workbench", withCookie(cookie)),
		"basic":           newRequest("/verify/support/workbench", withPassword(anasEmail, anasPassword)),
		"unauthenticated": newRequest("/verify/support/workbench"),
		"whoami":          newRequest("/whoami/support", withCookie(cookie)),
	}
}

// BenchmarkHandler measures the handler without a server.
func BenchmarkHandler(b *testing.B) {
	h, cookie := newBenchmark(b)
	for name, r := range measuredRequests(cookie) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(discardingWriter{http.Header{}}, r)
			}
		})
	}
}

// BenchmarkServer measures requests over persistent connections from the same process.
// The client's share, about a third, is included.
func BenchmarkServer(b *testing.B) {
	h, cookie := newBenchmark(b)
	for name, measured := range measuredRequests(cookie) {
		b.Run(name, func(b *testing.B) {
			server := httptest.NewUnstartedServer(h)
			server.Config = gate.NewServer(h)
			server.Start()
			b.Cleanup(server.Close)
			var text strings.Builder
			fmt.Fprintf(&text, "GET %s HTTP/1.1\r\nHost: gate\r\n", measured.URL.Path)
			if err := measured.Header.Write(&text); err != nil {
				b.Fatal(err)
			}
			request := []byte(text.String() + "\r\n")
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) { sendRepeatedly(b, server, request, pb) })
		})
	}
}

// sendRepeatedly sends a request over one connection until the benchmark ends.
func sendRepeatedly(b *testing.B, server *httptest.Server, request []byte, pb *testing.PB) {
	b.Helper()
	connection, err := new(net.Dialer).DialContext(b.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		b.Error(err)
		return
	}
	defer connection.Close()
	reader := bufio.NewReader(connection)
	for pb.Next() {
		if _, err := connection.Write(request); err != nil {
			b.Error(err)
			return
		}
		answer, err := http.ReadResponse(reader, nil)
		if err != nil {
			b.Error(err)
			return
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			b.Error(err)
			return
		}
		answer.Body.Close()
	}
}
