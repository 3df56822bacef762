package gate_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall.dev/rollcall/internal/gate"
)

func TestAnAttemptHashesAsMuchForNobodyAsForAMember(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var hashed []int
	gate.CountHashes(w.handler, func(bytes int) { hashed = append(hashed, bytes) })
	attempt := func(email, plain string) int {
		hashed = nil
		w.do(ask("/verify/support/any", basic(email, plain)))
		if w.last().Status == http.StatusOK || len(hashed) != 1 {
			t.Fatalf("%s with a password of %d bytes: %d, hashed %d times", email, len(plain), w.last().Status, len(hashed))
		}
		return hashed[0]
	}
	member := attempt(anasEmail, wrong)
	for name, got := range map[string]int{
		"nobody":                       attempt("bob@example.com", wrong),
		"a member without credentials": attempt("eve@example.com", wrong),
	} {
		if got != member-len(anasEmail)+15 {
			t.Errorf("%s: %d bytes are hashed, %d for a member", name, got, member)
		}
	}
	const longest = 1024
	long := strings.Repeat("x", 5000)
	if member, nobody := attempt(anasEmail, long), attempt("bob@example.com", long); member != 32+len(anasEmail)+longest || nobody != 32+15+longest {
		t.Errorf("with a password that is too long, %d bytes are hashed for a member, %d for nobody", member, nobody)
	}
	if got := attempt(long, wrong); got > 32+254+len(wrong) {
		t.Errorf("for an address that is too long, %d bytes are hashed", got)
	}
}

func TestNobodyLogsInWithoutCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, given := range []gate.Credentials{{}, {Username: "eve@example.com"}, {Checksum: strings.Repeat("0", 64)}, {IssueID: "0c"}} {
		w.change("eve", func(m *gate.Member) { m.Credentials = given })
		for _, plain := range []string{"", "0", strings.Repeat("0", 64)} {
			if w.do(ask("/verify/support/any", basic("eve@example.com", plain))); w.last().Status == http.StatusOK {
				t.Errorf("credentials %+v let in with a password of %d bytes", given, len(plain))
			}
			w.pass(time.Hour)
		}
	}
}

func TestAPasswordBeyondTheLimitIsWrongAlthoughItsBeginningIsRight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plain := strings.Repeat("p", 1024)
	w.change("ana", func(m *gate.Member) { m.Credentials = credentials("0c", anasEmail, plain) })
	for given, want := range map[string]int{plain: 200, plain + "p": 401} {
		if got := w.do(ask("/verify/support/any", basic(anasEmail, given))).Code; got != want {
			t.Errorf("%d bytes: %d, not %d", len(given), got, want)
		}
	}
}

func TestTheEmailIsTakenInAnyCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, email := range []string{anasEmail, "ana@example.com", "ANA@EXAMPLE.COM"} {
		if answer := w.do(ask("/verify/support/any", basic(email, anasPassword))); answer.Code != 200 || w.last().Email != anasEmail {
			t.Errorf("%s: %d", email, answer.Code)
		}
	}
}

func TestTooManyWrongPasswordsLockThePair(t *testing.T) {
	t.Parallel()
	for name, email := range map[string]string{
		"a member": anasEmail, "nobody": "bob@example.com", "no address": "bob", "far too long": strings.Repeat("b", 9000),
	} {
		w := newWorld(t)
		session := w.logIn(t, "ana")
		attempt := func(email, plain, peer string) gate.Decision {
			w.do(ask("/verify/support/any", basic(email, plain), from(peer)))
			return w.last()
		}
		for i := range 6 {
			// However it is spelt.
			if d := attempt([]string{email, strings.ToUpper(email)}[i%2], wrong, "192.0.2.1:1"); d.Status != 401 {
				t.Fatalf("%s: failure %d is answered %d", name, i+1, d.Status)
			}
		}
		for range 10 {
			if d := attempt(email, anasPassword, "192.0.2.1:2"); d.Status != 429 || d.RetryAfter != time.Second || d.Reason != "TooManyAttempts" {
				t.Fatalf("%s: while locked, %+v", name, d)
			}
		}
		if d := attempt(email, wrong, "192.0.2.2:1"); d.Status != 401 {
			t.Errorf("%s: from another address, %d", name, d.Status)
		}
		if d := attempt("dan@example.com", anasPassword, "192.0.2.1:1"); d.Status != 200 {
			t.Errorf("%s: another person from the address, %d", name, d.Status)
		}
		if status, _ := w.sessionStatus(session); status != 200 {
			t.Errorf("%s: a session is locked: %d", name, status)
		}
		w.pass(time.Second)
		if d := attempt(email, wrong, "192.0.2.1:1"); d.Status != 401 {
			t.Errorf("%s: after the lock, %d", name, d.Status)
		}
		if d := attempt(email, wrong, "192.0.2.1:1"); d.RetryAfter != 2*time.Second {
			t.Errorf("%s: the second lock is %s", name, d.RetryAfter)
		}
	}
}

func TestARightPasswordClearsTheFailuresBeforeEvenIfLoginIsDenied(t *testing.T) {
	t.Parallel()
	for _, denial := range []string{"", "ForcedOffline"} {
		w := newWorld(t)
		w.change("ana", func(m *gate.Member) { m.Denial = denial })
		for i := range 50 {
			plain := wrong
			if i%6 == 5 {
				plain = anasPassword
			}
			if w.do(ask("/verify/support/any", basic(anasEmail, plain))); w.last().Status == 429 {
				t.Fatalf("denial %q: attempt %d is locked", denial, i+1)
			}
		}
	}
}

func TestALockIsByTheAddressThatATrustedProxyTells(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempt := func(peer, forwarded string) int {
		w.do(ask("/verify/support/any", basic(anasEmail, wrong), from(peer), header("X-Forwarded-For", forwarded)))
		return w.last().Status
	}
	for range 7 {
		attempt("10.0.0.1:1", "198.51.100.7")
	}
	if got := attempt("10.0.0.2:1", "203.0.113.1, 198.51.100.7"); got != 429 {
		t.Errorf("the same client by another proxy: %d", got)
	}
	if got := attempt("10.0.0.1:1", "198.51.100.8"); got != 401 {
		t.Errorf("another client of the proxy: %d", got)
	}
	statuses := []int{}
	for i := range 7 {
		statuses = append(statuses, attempt("192.0.2.9:1", fmt.Sprintf("198.51.100.%d", i+20)))
	}
	if !slices.Equal(statuses, []int{401, 401, 401, 401, 401, 401, 429}) {
		t.Errorf("a client that names another address each time: %v", statuses)
	}
}
