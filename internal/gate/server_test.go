package gate_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rollcall.dev/rollcall/internal/gate"
)

// newServer returns an unstarted server with the gate's limits.
func (env *environment) newServer(tb testing.TB) *httptest.Server {
	tb.Helper()
	server := httptest.NewUnstartedServer(env.handler)
	server.Config = gate.NewServer(env.handler)
	server.EnableHTTP2 = true
	tb.Cleanup(server.Close)
	return server
}

// sendRaw sends bytes to a server, and returns the status and the headers of its
// answer.
func sendRaw(tb testing.TB, server *httptest.Server, request string) (int, http.Header) {
	tb.Helper()
	connection, err := new(net.Dialer).DialContext(tb.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(20 * time.Second)); err != nil { //nolint:forbidigo // a real connection's deadline
		tb.Fatal(err)
	}
	// The server may answer and close before it has read the whole request.
	go io.WriteString(connection, request)
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		return 0, nil
	}
	answer.Body.Close()
	return answer.StatusCode, answer.Header
}

func TestTheServerLimitsRequestsAndReadsThemAsSent(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	server := env.newServer(t)
	server.Start()
	const head = " HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n"
	const right = "Authorization: Basic QW5hQGV4YW1wbGUuY29tOmtVNy1hbmEtaXMtcmlnaHQ=\r\n"
	for name, test := range map[string]struct {
		request string
		want    int
	}{
		"right":                      {"GET /verify/support/any" + head + right + "\r\n", 200},
		"dots in the path":           {"GET /verify/support/console/../any" + head + right + "\r\n", 403},
		"a second slash":             {"GET //verify/support/any" + head + right + "\r\n", 404},
		"a whole address":            {"GET http://other/verify/support/any" + head + right + "\r\n", 200},
		"an escaped slash":           {"GET /verify/support/console%2f../any" + head + right + "\r\n", 404},
		"CONNECT with a path":        {"CONNECT /verify/support/any" + head + right + "\r\n", 200},
		"CONNECT with an authority":  {"CONNECT verify:443" + head + right + "\r\n", 404},
		"OPTIONS of a path":          {"OPTIONS /verify/support/any" + head + "\r\n", 401},
		"a space in a header's name": {"GET /verify/support/any" + head + "Authorization : Basic eDp5\r\n\r\n", 400},
		"a path that is not a URL":   {"GET /verify/support/any/%zz" + head + right + "\r\n", 400},
		"two lengths":                {"POST /verify/support/any" + head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
		"a body that never comes":    {"POST /verify/support/any" + head + right + "Content-Length: 10\r\nExpect: 100-continue\r\n\r\n", 200},
		"a large password":           {"GET /verify/support/any" + head + "Authorization: Basic " + strings.Repeat("QUFB", 3000) + "\r\n\r\n", 401},
		"a header that is too large": {"GET /verify/support/any" + head + "Authorization: Basic " + strings.Repeat("QUFB", 9000) + "\r\n\r\n", 431},
		"many cookies":               {"GET /verify/support/any" + head + "Cookie: " + strings.Repeat("__Host-rollcall-support=x; ", 500) + "\r\n\r\n", 401},
		"a folded header":            {"GET /verify/support/any" + head + "Authorization: Basic\r\n QW5hQGV4YW1wbGUuY29tOmtVNy1hbmEtaXMtcmlnaHQ=\r\n\r\n", 200},
		"bytes that are not HTTP":    {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400},
	} {
		if got, _ := sendRaw(t, server, test.request); got != test.want {
			t.Errorf("%s: %d, not %d", name, got, test.want)
		}
	}
}

func TestHTTP2GetsTheSameAnswers(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	server := env.newServer(t)
	server.StartTLS()
	for path, want := range map[string]int{"/verify/support/workbench/../console": 200, "/verify/support/console": 403, "//verify/support/any": 404} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Path = path
		r.SetBasicAuth(anasEmail, anasPassword)
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.ProtoMajor != 2 || answer.StatusCode != want {
			t.Errorf("%s: HTTP/%d, %d, not %d", path, answer.ProtoMajor, answer.StatusCode, want)
		}
	}
}

func TestTheServerLimitsEachStageOfARequest(t *testing.T) {
	t.Parallel()
	server := gate.NewServer(http.NotFoundHandler())
	for name, bound := range map[string]time.Duration{
		"headers": server.ReadHeaderTimeout, "reading": server.ReadTimeout,
		"writing": server.WriteTimeout, "idling": server.IdleTimeout,
	} {
		if bound <= 0 || bound > 2*time.Minute {
			t.Errorf("%s may take %s", name, bound)
		}
	}
	if server.MaxHeaderBytes != 16<<10 {
		t.Errorf("headers may have %d bytes", server.MaxHeaderBytes)
	}
}
