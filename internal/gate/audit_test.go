package gate_test

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"rollcall.dev/rollcall/internal/gate"
)

func TestEveryDecisionIsOneCompleteAuditLine(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	session := env.logIn(t, "ana")
	env.changeMember("dan", func(m *gate.Member) { m.Denial = "Inactive" })
	env.handle(newRequest("/verify/support/workbench", withCookie(session), fromPeer("10.0.0.1:1"), withHeader("X-Forwarded-For", "198.51.100.7"),
		withHeader("X-Forwarded-Method", "POST"), withHeader("X-Forwarded-Uri", "/tickets/7?token=hidden")))
	env.handle(newRequest("/verify/support/any", withPassword("dan@example.com", anasPassword)))
	env.handle(newRequest("/verify/support/any/tickets?token=hidden", withPassword("bob@example.com", wrongPassword)))
	env.handle(newRequest("/nowhere"))
	want := []map[string]any{
		{
			"outcome": "Allowed", "status": 200., "namespace": support, "policy": "workbench", "via": "Session", "member": "ana",
			"email": anasEmail, "client": "198.51.100.7", "method": "POST", "uri": "/tickets/7",
		},
		{
			"outcome": "Forbidden", "status": 403., "reason": "Inactive", "namespace": support, "policy": "any", "via": "Basic",
			"member": "dan", "email": "dan@example.com", "client": "192.0.2.1", "method": "GET", "uri": "/verify/support/any",
		},
		{
			"outcome": "Unauthenticated", "status": 401., "reason": "WrongCredentials", "namespace": support, "policy": "any", "via": "Basic",
			"email": "bob@example.com", "client": "192.0.2.1", "method": "GET", "uri": "/verify/support/any/tickets",
		},
		{"outcome": "NotFound", "status": 404., "reason": "UnknownPath", "client": "192.0.2.1", "method": "GET", "uri": "/nowhere"},
	}
	got := env.auditLines(t)
	if len(got) != len(want) {
		t.Fatalf("%d requests have %d lines", len(want), len(got))
	}
	for i, line := range got {
		if line["msg"] != "decision" || line["time"] == "" || line["level"] != "INFO" {
			t.Errorf("line %d: %v", i+1, line)
		}
		for _, key := range []string{"msg", "time", "level"} {
			delete(line, key)
		}
		if !maps.Equal(line, want[i]) {
			t.Errorf("line %d:\n%v\nwant\n%v", i+1, line, want[i])
		}
	}
	if log := env.audit.String(); strings.Contains(log, "hidden") || strings.Contains(log, session.Value) {
		t.Error("the log has a secret")
	}
}

func TestAPasswordInTheEmailFieldIsNotLogged(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	typed := map[string]bool{
		"bob@example.com": true, "o'neil+x@mail.example.co.uk": true,
		wrongPassword: false, "kU7@right": false, "bob": false, "": false, "@example.com": false, "bob@": false, "bob@example.": false,
		"bob@.com": false, "bob smith@example.com": false, "bob@exa mple.com": false, "bob@example.com@x.y": false,
		"b\x00b@example.com": false, "bob@example.com\"}": false, "b\xc3\xb6b@example.com": false,
		strings.Repeat("b", 250) + "@example.com": false,
	}
	for email, logged := range typed {
		env.audit.Reset()
		env.handle(newRequest("/verify/support/any", withPassword(email, anasPassword)))
		line := env.auditLines(t)[0]
		if got, found := line["email"]; found != logged || found && got != email {
			t.Errorf("%q is logged as %v", email, got)
		}
		if strings.Contains(env.audit.String(), anasPassword) {
			t.Errorf("with %q, the password is logged", email)
		}
	}
}

func TestForwardedHeadersAreLoggedWithinLimitsOnOneLine(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method, uri string
		wantMethod  string
		wantURI     any
	}{
		"long":              {strings.Repeat("M", 9000), "/" + strings.Repeat("u", 9000), strings.Repeat("M", 32), "/" + strings.Repeat("u", 255)},
		"quotes":            {`GET","outcome":"x`, `/","member":"dan`, `GET","outcome":"x`, `/","member":"dan`},
		"no UTF-8":          {"GET", "/\xff", "GET", "/\ufffd"},
		"a whole address":   {"GET", "https://ana:secret@example.com/", "GET", nil},
		"a query of a root": {"GET", "/?secret", "GET", "/"},
	} {
		env := newEnvironment(t)
		env.handle(newRequest("/verify/support/any", withHeader("X-Forwarded-Method", test.method), withHeader("X-Forwarded-Uri", test.uri)))
		lines := env.auditLines(t)
		if len(lines) != 1 || lines[0]["method"] != test.wantMethod || lines[0]["uri"] != test.wantURI || lines[0]["outcome"] != "Unauthenticated" {
			t.Errorf("%s: %v", name, lines)
		}
		if keys := slices.Sorted(maps.Keys(lines[0])); slices.Contains(keys, "member") {
			t.Errorf("%s: a member is made up: %v", name, keys)
		}
	}
}

// failingLog fails to write while it has an error.
type failingLog struct{ err error }

func (b *failingLog) Write(line []byte) (int, error) { return len(line), b.err }

func TestTheGateRefusesRequestsThatItCannotRecord(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	log := &failingLog{}
	var problem error
	env.handler = env.newHandler(t, func(o *gate.Options) { o.Audit, o.AuditProblem = log, func() error { return problem } })
	b := newBrowser(env)
	b.logIn(t, anasEmail, anasPassword)
	visit := func(what string, want int) {
		t.Helper()
		if answer := b.get("/verify/support/any"); answer.Code != want || want != http.StatusOK && answer.Header().Get("X-Auth-Request-User") != "" {
			t.Errorf("%s: %d %v", what, answer.Code, answer.Header())
		}
		if answer := b.get("/whoami/support"); answer.Code != want || want != http.StatusOK && strings.Contains(answer.Body.String(), anasEmail) {
			t.Errorf("%s: whoami answers %d %s", what, answer.Code, answer.Body)
		}
	}
	visit("the log works", http.StatusOK)
	log.err = errors.New("no space left on device")
	visit("the line cannot be written", http.StatusServiceUnavailable)
	log.err = nil
	problem = errors.New("the log has no reader")
	visit("the log is known not to work", http.StatusServiceUnavailable)
	expectAnswer(t, b.get("/login/support"), http.StatusServiceUnavailable)
	problem = nil
	visit("the log works again", http.StatusOK)
}
