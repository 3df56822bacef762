package gate_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall.dev/rollcall/internal/gate"
	"rollcall.dev/rollcall/internal/password"
)

// The contact centre of the tests, and what its people log in with.
const (
	support      = "support"
	anasEmail    = "Ana@example.com"
	anasPassword = "kU7-ana-is-right"
	wrong        = "kU7-ana-is-wrong"
)

// directory is a Directory whose contents the tests change.
type directory struct {
	mu    sync.Mutex
	stale error
	// incomplete is why there is no telling who members are.
	incomplete error
	centers    map[string]gate.Center
	// members are by namespace.
	members map[string][]gate.Member
	// told is what Whoami tells, by UID; going: members go before they are told.
	told  map[string]gate.Whoami
	going bool
}

// Fresh says what the test has set.
func (d *directory) Fresh(string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stale
}

// Center returns what the test has put there.
func (d *directory) Center(namespace string) (gate.Center, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	center, ok := d.centers[namespace]
	return center, ok
}

// MemberByEmail looks through all members.
func (d *directory) MemberByEmail(namespace, email string) (gate.Member, bool) {
	return d.find(namespace, func(m gate.Member) bool { return strings.EqualFold(m.Email, email) })
}

// MemberByUID looks through all members.
func (d *directory) MemberByUID(namespace, uid string) (gate.Member, bool) {
	return d.find(namespace, func(m gate.Member) bool { return m.UID == uid })
}

// Complete says what the test has set.
func (d *directory) Complete(string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.incomplete
}

// Whoami tells little of members, but for what the test has set.
func (d *directory) Whoami(namespace, uid string) (gate.Whoami, bool) {
	m, ok := d.MemberByUID(namespace, uid)
	d.mu.Lock()
	defer d.mu.Unlock()
	if told, set := d.told[uid]; set {
		return told, ok
	}
	return gate.Whoami{Namespace: namespace, Member: m.Name, Email: m.Email, Role: m.Role}, ok && !d.going
}

func (d *directory) find(namespace string, is func(gate.Member) bool) (gate.Member, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.members[namespace], is)
	if i < 0 {
		return gate.Member{}, false
	}
	return d.members[namespace][i], true
}

// change changes the member of a name in the contact centre.
func (d *directory) change(name string, change func(*gate.Member)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.members[support] {
		if d.members[support][i].Name == name {
			change(&d.members[support][i])
		}
	}
}

// remove removes the member of a name from the contact centre.
func (d *directory) remove(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.members[support] = slices.DeleteFunc(d.members[support], func(m gate.Member) bool { return m.Name == name })
}

// credentials are those of a password.
func credentials(issueID, username, plain string) gate.Credentials {
	return gate.Credentials{IssueID: issueID, Username: username, Checksum: password.Checksum(issueID, username, plain)}
}

// newDirectory returns a contact centre with Ana of the desk staff, Dan the desk
// admin, and Eve, who has no password yet.
func newDirectory() *directory {
	login, err := url.Parse("https://desk.example.com/login")
	if err != nil {
		panic(err)
	}
	return &directory{
		centers: map[string]gate.Center{support: {
			DisplayName: "Example Support", LoginURL: login, Locale: "en",
			Policies: map[string]gate.Policy{
				"billing":   {SkillGroups: []string{"billing", "invoices"}},
				"billers":   {SkillGroups: []string{"billing"}, Roles: []string{"Supervisor"}},
				"workbench": {Roles: []string{"SuperAdmin"}}, // Must not count.
			},
		}},
		members: map[string][]gate.Member{support: {
			{
				UID: "uid-ana", Name: "ana", Email: anasEmail, AgentID: "1001", Role: "DeskStaff",
				SkillGroups: []string{"sales", "billing"}, AllowedSince: 100,
				Credentials: credentials("0a000000000000000000000000000001", anasEmail, anasPassword),
			},
			{
				UID: "uid-dan", Name: "dan", Email: "dan@example.com", Role: "DeskAdmin",
				Credentials: credentials("0a000000000000000000000000000002", "dan@example.com", anasPassword),
			},
			{UID: "uid-eve", Name: "eve", Email: "eve@example.com", Role: "DeskStaff"},
		}},
	}
}

// world is a gate with everything around it.
type world struct {
	*directory
	handler http.Handler
	audit   *bytes.Buffer

	mu       sync.Mutex
	now      time.Time
	keys     []gate.Key
	observed []gate.Decision
}

// start is when the tests begin.
var start = time.Date(2026, time.November, 22, 9, 0, 0, 0, time.UTC)

// newKey returns a session key.
func newKey(id string, from time.Time) gate.Key {
	secret := make([]byte, 32)
	rand.Read(secret)
	return gate.Key{ID: id, Secret: secret, From: from}
}

// newWorld returns a gate behind a proxy at 10.0.0.0/8.
func newWorld(tb testing.TB) *world {
	tb.Helper()
	w := &world{
		directory: newDirectory(), audit: new(bytes.Buffer), now: start,
		keys: []gate.Key{newKey("first", start.Add(-time.Hour))},
	}
	w.handler = w.newHandler(tb)
	return w
}

// newHandler returns one more replica of the gate.
func (w *world) newHandler(tb testing.TB) http.Handler {
	tb.Helper()
	handler, err := gate.NewHandler(gate.Options{
		Directory: w.directory,
		Keys: func() []gate.Key {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.keys
		},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Now:            w.clock,
		Random:         rand.Reader,
		Audit:          w.audit,
		Observe: func(d gate.Decision, _ time.Duration) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.observed = append(w.observed, d)
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return handler
}

// pass lets time pass, or puts the clock back.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// last is the last decision.
func (w *world) last() gate.Decision {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.observed) == 0 {
		return gate.Decision{}
	}
	return w.observed[len(w.observed)-1]
}

// lines are the audit log so far.
func (w *world) lines(tb testing.TB) []map[string]any {
	tb.Helper()
	var lines []map[string]any
	for line := range strings.Lines(w.audit.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			tb.Fatalf("an audit line is no JSON: %v: %s", err, line)
		}
		lines = append(lines, fields)
	}
	return lines
}

// ask returns a request with a method and path, and changes to it.
func ask(path string, changes ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody) //nolint:noctx // a handler's answer does not outlast its test
	r.RemoteAddr = "192.0.2.1:1234"
	for _, change := range changes {
		change(r)
	}
	return r
}

// do answers a request.
func (w *world) do(r *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	return recorder
}

// basic sends an e-mail address and a password.
func basic(email, plain string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(email, plain) }
}

// from sets the peer of the connection.
func from(peer string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = peer }
}

// header adds a header.
func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

// with sends a cookie.
func with(cookie *http.Cookie) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(cookie) }
}

// clock is the time of the tests.
func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}
