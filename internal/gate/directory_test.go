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

// The contact center of the tests, and the credentials of its members.
const (
	support       = "support"
	anasEmail     = "Ana@example.com"
	anasPassword  = "kU7-ana-is-right"
	wrongPassword = "kU7-ana-is-wrong"
)

// fakeDirectory is a Directory with contents that the tests change, the members also
// during requests.
type fakeDirectory struct {
	// stale and incomplete are the errors of Fresh and Complete.
	stale, incomplete error
	centers           map[string]gate.Center

	mu sync.Mutex
	// members holds the members by namespace.
	members map[string][]gate.Member
	// whoamiData holds the answers of Whoami by UID. With deletedMeanwhile, other members
	// are gone when Whoami is called.
	whoamiData       map[string]gate.Whoami
	deletedMeanwhile bool
}

func (d *fakeDirectory) Fresh(string) error    { return d.stale }
func (d *fakeDirectory) Complete(string) error { return d.incomplete }

func (d *fakeDirectory) Center(namespace string) (gate.Center, bool) {
	center, ok := d.centers[namespace]
	return center, ok
}

func (d *fakeDirectory) MemberByEmail(namespace, email string) (gate.Member, bool) {
	return d.find(namespace, func(m gate.Member) bool { return strings.EqualFold(m.Email, email) })
}

func (d *fakeDirectory) MemberByUID(namespace, uid string) (gate.Member, bool) {
	return d.find(namespace, func(m gate.Member) bool { return m.UID == uid })
}

// Whoami returns the data that the test has set, or the minimum.
func (d *fakeDirectory) Whoami(namespace, uid string) (gate.Whoami, bool) {
	m, ok := d.MemberByUID(namespace, uid)
	if data, set := d.whoamiData[uid]; set {
		return data, ok
	}
	return gate.Whoami{Namespace: namespace, Member: m.Name, Email: m.Email, Role: m.Role}, ok && !d.deletedMeanwhile
}

func (d *fakeDirectory) find(namespace string, is func(gate.Member) bool) (gate.Member, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.members[namespace], is)
	if i < 0 {
		return gate.Member{}, false
	}
	return d.members[namespace][i], true
}

// changeMember updates the member of a name in the contact center.
func (d *fakeDirectory) changeMember(name string, update func(*gate.Member)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.members[support] {
		if d.members[support][i].Name == name {
			update(&d.members[support][i])
		}
	}
}

// removeMember removes the member of a name from the contact center.
func (d *fakeDirectory) removeMember(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.members[support] = slices.DeleteFunc(d.members[support], func(m gate.Member) bool { return m.Name == name })
}

// credentials returns the credentials for a password.
func credentials(issueID, username, plain string) gate.Credentials {
	return gate.Credentials{IssueID: issueID, Username: username, Checksum: password.Checksum(issueID, username, plain)}
}

// newFakeDirectory returns a contact center with Ana of the desk staff, Dan the desk
// admin, and Eve, who has no password yet.
func newFakeDirectory() *fakeDirectory {
	login, err := url.Parse("https://desk.example.com/login")
	if err != nil {
		panic(err)
	}
	return &fakeDirectory{
		centers: map[string]gate.Center{support: {
			DisplayName: "Example Support", LoginURL: login, Locale: "en",
			Policies: map[string]gate.Policy{
				"billing":   {SkillGroups: []string{"billing", "invoices"}},
				"billers":   {SkillGroups: []string{"billing"}, Roles: []string{"Supervisor"}},
				"workbench": {Roles: []string{"SuperAdmin"}}, // A built-in name: has no effect.
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

// environment is a gate with fake dependencies.
type environment struct {
	*fakeDirectory
	handler http.Handler
	audit   *bytes.Buffer

	now  time.Time
	keys []gate.Key

	observing sync.Mutex
	observed  []gate.Decision
}

// startTime is the time of the fake clock at the start of a test.
var startTime = time.Date(2026, time.November, 22, 9, 0, 0, 0, time.UTC)

// newKey returns a random session key.
func newKey(id string, from time.Time) gate.Key {
	secret := make([]byte, 32)
	rand.Read(secret)
	return gate.Key{ID: id, Secret: secret, From: from}
}

// newEnvironment returns a gate that trusts proxies in 10.0.0.0/8.
func newEnvironment(tb testing.TB) *environment {
	tb.Helper()
	env := &environment{
		fakeDirectory: newFakeDirectory(), audit: new(bytes.Buffer), now: startTime,
		keys: []gate.Key{newKey("first", startTime.Add(-time.Hour))},
	}
	env.handler = env.newHandler(tb)
	return env
}

// newHandler returns another replica of the gate, with changes to its options.
func (env *environment) newHandler(tb testing.TB, changes ...func(*gate.Options)) http.Handler {
	tb.Helper()
	options := gate.Options{
		Directory:      env.fakeDirectory,
		Keys:           func() []gate.Key { return env.keys },
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Now:            func() time.Time { return env.now },
		Random:         rand.Reader,
		Audit:          env.audit,
		Observe: func(d gate.Decision, _ time.Duration) {
			env.observing.Lock()
			defer env.observing.Unlock()
			env.observed = append(env.observed, d)
		},
	}
	for _, change := range changes {
		change(&options)
	}
	handler, err := gate.NewHandler(options)
	if err != nil {
		tb.Fatal(err)
	}
	return handler
}

// advance moves the fake clock forward, or back.
func (env *environment) advance(d time.Duration) { env.now = env.now.Add(d) }

// lastDecision returns the last decision.
func (env *environment) lastDecision() gate.Decision {
	if len(env.observed) == 0 {
		return gate.Decision{}
	}
	return env.observed[len(env.observed)-1]
}

// auditLines returns the audit log.
func (env *environment) auditLines(tb testing.TB) []map[string]any {
	tb.Helper()
	var lines []map[string]any
	for line := range strings.Lines(env.audit.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			tb.Fatalf("an audit line is not JSON: %v: %s", err, line)
		}
		lines = append(lines, fields)
	}
	return lines
}

// newRequest returns a GET request with changes.
func newRequest(path string, changes ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody) //nolint:noctx // a handler's answer does not outlast its test
	r.RemoteAddr = "192.0.2.1:1234"
	for _, change := range changes {
		change(r)
	}
	return r
}

// handle returns the answer to a request.
func (env *environment) handle(r *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	env.handler.ServeHTTP(recorder, r)
	return recorder
}

// withPassword adds Basic credentials.
func withPassword(email, plain string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(email, plain) }
}

// fromPeer sets the peer of the connection.
func fromPeer(peer string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = peer }
}

// withHeader adds a header.
func withHeader(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

// withCookie adds a cookie.
func withCookie(cookie *http.Cookie) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(cookie) }
}

// withMethod sets the method.
func withMethod(method string) func(*http.Request) {
	return func(r *http.Request) { r.Method = method }
}
