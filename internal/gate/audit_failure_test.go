package gate_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"rollcall.dev/rollcall/internal/gate"
)

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
