package gate_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall.dev/rollcall/internal/gate"
)

func TestAnAttemptHashesAsMuchForUnknownAddressesAsForMembers(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	var hashed []int
	gate.CountHashes(env.handler, func(bytes int) { hashed = append(hashed, bytes) })
	attempt := func(email, plain string) int {
		hashed = nil
		env.handle(newRequest("/verify/support/any", withPassword(email, plain)))
		if env.lastDecision().Status == http.StatusOK || len(hashed) != 1 {
			t.Fatalf("%s with a password of %d bytes: %d, hashed %d times", email, len(plain), env.lastDecision().Status, len(hashed))
		}
		return hashed[0]
	}
	member := attempt(anasEmail, wrongPassword)
	for name, got := range map[string]int{
		"an unknown address":           attempt("bob@example.com", wrongPassword),
		"a member without credentials": attempt("eve@example.com", wrongPassword),
	} {
		if got != member-len(anasEmail)+15 {
			t.Errorf("%s: %d bytes are hashed, %d for a member", name, got, member)
		}
	}
	const longest = 1024
	long := strings.Repeat("x", 5000)
	if member, unknown := attempt(anasEmail, long), attempt("bob@example.com", long); member != 32+len(anasEmail)+longest || unknown != 32+15+longest {
		t.Errorf("with a password that is too long, %d bytes are hashed for a member, %d for an unknown address", member, unknown)
	}
	if got := attempt(long, wrongPassword); got > 32+254+len(wrongPassword) {
		t.Errorf("for an address that is too long, %d bytes are hashed", got)
	}
}

func TestAMemberWithoutCredentialsCannotLogIn(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	for _, given := range []gate.Credentials{{}, {Username: "eve@example.com"}, {Checksum: strings.Repeat("0", 64)}, {IssueID: "0c"}} {
		env.changeMember("eve", func(m *gate.Member) { m.Credentials = given })
		for _, plain := range []string{"", "0", strings.Repeat("0", 64)} {
			if env.handle(newRequest("/verify/support/any", withPassword("eve@example.com", plain))); env.lastDecision().Status == http.StatusOK {
				t.Errorf("credentials %+v let in with a password of %d bytes", given, len(plain))
			}
			env.advance(time.Hour)
		}
	}
}

func TestAPasswordBeyondTheLimitIsWrongEvenIfItsBeginningIsRight(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	plain := strings.Repeat("p", 1024)
	env.changeMember("ana", func(m *gate.Member) { m.Credentials = credentials("0c", anasEmail, plain) })
	for given, want := range map[string]int{plain: 200, plain + "p": 401} {
		if got := env.handle(newRequest("/verify/support/any", withPassword(anasEmail, given))).Code; got != want {
			t.Errorf("%d bytes: %d, not %d", len(given), got, want)
		}
	}
}

func TestTheEmailAddressIsCaseInsensitive(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	for _, email := range []string{anasEmail, "ana@example.com", "ANA@EXAMPLE.COM"} {
		if answer := env.handle(newRequest("/verify/support/any", withPassword(email, anasPassword))); answer.Code != 200 || env.lastDecision().Email != anasEmail {
			t.Errorf("%s: %d", email, answer.Code)
		}
	}
}

func TestTooManyWrongPasswordsLockThePair(t *testing.T) {
	t.Parallel()
	for name, email := range map[string]string{
		"a member": anasEmail, "an unknown address": "bob@example.com", "no address": "bob", "far too long": strings.Repeat("b", 9000),
	} {
		env := newEnvironment(t)
		session := env.logIn(t, "ana")
		attempt := func(email, plain, peer string) gate.Decision {
			env.handle(newRequest("/verify/support/any", withPassword(email, plain), fromPeer(peer)))
			return env.lastDecision()
		}
		for i := range 6 {
			// The case does not matter.
			if d := attempt([]string{email, strings.ToUpper(email)}[i%2], wrongPassword, "192.0.2.1:1"); d.Status != 401 {
				t.Fatalf("%s: failure %d is answered %d", name, i+1, d.Status)
			}
		}
		for range 10 {
			if d := attempt(email, anasPassword, "192.0.2.1:2"); d.Status != 429 || d.RetryAfter != time.Second || d.Reason != "TooManyAttempts" {
				t.Fatalf("%s: while locked, %+v", name, d)
			}
		}
		if d := attempt(email, wrongPassword, "192.0.2.2:1"); d.Status != 401 {
			t.Errorf("%s: from another address, %d", name, d.Status)
		}
		if d := attempt("dan@example.com", anasPassword, "192.0.2.1:1"); d.Status != 200 {
			t.Errorf("%s: another user from the address, %d", name, d.Status)
		}
		if status, _ := env.sessionStatus(session); status != 200 {
			t.Errorf("%s: a session is locked: %d", name, status)
		}
		env.advance(time.Second)
		if d := attempt(email, wrongPassword, "192.0.2.1:1"); d.Status != 401 {
			t.Errorf("%s: after the lock, %d", name, d.Status)
		}
		if d := attempt(email, wrongPassword, "192.0.2.1:1"); d.RetryAfter != 2*time.Second {
			t.Errorf("%s: the second lock is %s", name, d.RetryAfter)
		}
	}
}

func TestARightPasswordClearsEarlierFailuresEvenIfLoginIsDenied(t *testing.T) {
	t.Parallel()
	for _, denial := range []string{"", "ForcedOffline"} {
		env := newEnvironment(t)
		env.changeMember("ana", func(m *gate.Member) { m.Denial = denial })
		for i := range 50 {
			plain := wrongPassword
			if i%6 == 5 {
				plain = anasPassword
			}
			if env.handle(newRequest("/verify/support/any", withPassword(anasEmail, plain))); env.lastDecision().Status == 429 {
				t.Fatalf("denial %q: attempt %d is locked", denial, i+1)
			}
		}
	}
}

func TestLocksUseTheClientAddressFromTrustedProxies(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	attempt := func(peer, forwarded string) int {
		env.handle(newRequest("/verify/support/any", withPassword(anasEmail, wrongPassword), fromPeer(peer), withHeader("X-Forwarded-For", forwarded)))
		return env.lastDecision().Status
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

func TestTheClientAddressIsTheLastOneFromATrustedProxy(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	for name, test := range map[string]struct {
		peer      string
		forwarded []string
		want      string
	}{
		"no proxy":                           {"192.0.2.1:1", nil, "192.0.2.1"},
		"a client that claims to be a proxy": {"192.0.2.1:1", []string{"198.51.100.7"}, "192.0.2.1"},
		"a trusted proxy":                    {"10.0.0.1:1", []string{"198.51.100.7"}, "198.51.100.7"},
		"a trusted proxy without a header":   {"10.0.0.1:1", nil, "10.0.0.1"},
		"a client that lies to the proxy":    {"10.0.0.1:1", []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		"two trusted proxies":                {"10.0.0.1:1", []string{"203.0.113.9, 198.51.100.7,10.0.0.2"}, "198.51.100.7"},
		"a header for each proxy":            {"10.0.0.1:1", []string{"203.0.113.9", "198.51.100.7", "10.0.0.2"}, "198.51.100.7"},
		"trusted proxies alone":              {"10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"a malformed entry":                  {"10.0.0.1:1", []string{"198.51.100.7, unknown, 10.0.0.2"}, "10.0.0.2"},
		"an empty header":                    {"10.0.0.1:1", []string{""}, "10.0.0.1"},
		"an empty entry":                     {"10.0.0.1:1", []string{"198.51.100.7, ,"}, "10.0.0.1"},
		"an entry with a port":               {"10.0.0.1:1", []string{"198.51.100.7:4711"}, "198.51.100.7"},
		"IPv6":                               {"10.0.0.1:1", []string{"2001:db8::1"}, "2001:db8::1"},
		"IPv6 in brackets":                   {"10.0.0.1:1", []string{"[2001:db8::1]"}, "2001:db8::1"},
		"IPv6 with a port":                   {"10.0.0.1:1", []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		"IPv6 with a zone":                   {"10.0.0.1:1", []string{"fe80::1%eth0"}, "fe80::1"},
		"an IPv4-mapped proxy":               {"[::ffff:10.0.0.1]:1", []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		"a peer without an address":          {"@", []string{"198.51.100.7"}, "invalid IP"},
	} {
		r := newRequest("/verify/support/any", fromPeer(test.peer))
		for _, line := range test.forwarded {
			r.Header.Add("X-Forwarded-For", line)
		}
		if got := gate.ClientAddress(env.handler, r).String(); got != test.want {
			t.Errorf("%s: the client is %s, not %s", name, got, test.want)
		}
	}
}

func TestTrustedProxiesCanBeIPv4MappedNetworks(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	handler := env.newHandler(t, func(o *gate.Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("::ffff:10.0.0.0/104")}
	})
	r := newRequest("/", fromPeer("10.1.2.3:1"), withHeader("X-Forwarded-For", "198.51.100.7"))
	if got := gate.ClientAddress(handler, r).String(); got != "198.51.100.7" {
		t.Errorf("the client is %s", got)
	}
}

func FuzzOnlyATrustedProxyChangesTheClientAddress(f *testing.F) {
	for _, seed := range []string{"198.51.100.7", "a, b", ",,,", "[::1]:80, 10.0.0.1", "10.0.0.1,10.0.0.2", "\xff", "[", "]:"} {
		f.Add(seed, "10.0.0.1")
	}
	env := newEnvironment(f)
	f.Fuzz(func(t *testing.T, first, second string) {
		forwarded := http.Header{"X-Forwarded-For": {first, second}}
		direct := newRequest("/", fromPeer("192.0.2.1:1"))
		direct.Header = forwarded
		if got := gate.ClientAddress(env.handler, direct); got != netip.MustParseAddr("192.0.2.1") {
			t.Fatalf("a client made itself %s", got)
		}
		proxied := newRequest("/", fromPeer("10.0.0.1:1"))
		proxied.Header = forwarded
		if got := gate.ClientAddress(env.handler, proxied); !got.IsValid() || got.Zone() != "" || got.Is4In6() {
			t.Fatalf("the client is %s", got)
		}
	})
}
