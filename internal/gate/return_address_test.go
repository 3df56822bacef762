package gate_test

import (
	"net/url"
	"strings"
	"testing"

	"rollcall.dev/rollcall/internal/gate"
)

func mustParseURL(tb testing.TB, address string) *url.URL {
	tb.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	return parsed
}

func TestTheReturnAddressStaysInTheOriginOfTheLoginPage(t *testing.T) {
	t.Parallel()
	const login, home = "https://desk.example.com/login", "https://desk.example.com/"
	tests := map[string]struct{ asked, want string }{
		"nothing":                             {"", home},
		"the root":                            {"/", home},
		"a path":                              {"/tickets/7", home + "tickets/7"},
		"a path with a query":                 {"/t?a=1&b=2;c", home + "t?a=1&b=2;c"},
		"escapes stay":                        {"/a%2Fb/%E4%B8%AD?q=%26", home + "a%2Fb/%E4%B8%AD?q=%26"},
		"an address within the query":         {"/auth?redirect_uri=https://app.example.net/cb", home + "auth?redirect_uri=https://app.example.net/cb"},
		"non-ASCII is escaped":                {"/中?q=é", home + "%E4%B8%AD?q=%C3%A9"},
		"quotes and brackets are escaped":     {`/a?q="<b>` + "`", home + "a?q=%22%3Cb%3E%60"},
		"a space in the query is escaped":     {"/a?q=b c", home + "a?q=b%20c"},
		"a fragment is dropped":               {"/a#b", home + "a"},
		"the same origin":                     {"https://desk.example.com/x?y", home + "x?y"},
		"the same origin without a path":      {"https://desk.example.com", home},
		"the same origin in capitals":         {"HTTPS://DESK.example.com/x", home + "x"},
		"the same origin with its own port":   {"https://desk.example.com:443/x", home + "x"},
		"slashes within an absolute address":  {"https://desk.example.com//evil.example/", home + "/evil.example/"},
		"another host":                        {"https://evil.example/x", home},
		"another scheme":                      {"http://desk.example.com/x", home},
		"another port":                        {"https://desk.example.com:8443/x", home},
		"a host that begins like ours":        {"https://desk.example.com.evil.example/", home},
		"a host that ends like ours":          {"https://evildesk.example.com/", home},
		"a final dot":                         {"https://desk.example.com./", home},
		"user information":                    {"https://desk.example.com@evil.example/", home},
		"user information before our host":    {"https://u:p@desk.example.com/x", home},
		"a host without a scheme":             {"//evil.example", home},
		"three slashes":                       {"///evil.example", home},
		"a backslash for a slash":             {`/\evil.example`, home},
		"two backslashes":                     {`\\evil.example`, home},
		"a backslash before an at":            {`https://desk.example.com\@evil.example`, home},
		"a backslash later on":                {`/a\b`, home},
		"one slash after the scheme":          {"https:/evil.example", home},
		"no slash after the scheme":           {"https:evil.example", home},
		"a tab between slashes":               {"/\t/evil.example", home},
		"a line break between slashes":        {"/\n/evil.example", home},
		"a header after a line break":         {"/a\r\nSet-Cookie: x=y", home},
		"a null byte":                         {"/a\x00", home},
		"a control character of Latin-1":      {"/\u0085/evil.example", home},
		"a space before slashes":              {" //evil.example", home},
		"an escaped slash stays escaped":      {"/%2Fevil.example", home + "%2Fevil.example"},
		"an escaped backslash stays escaped":  {"/%5Cevil.example", home + "%5Cevil.example"},
		"an escaped line break stays escaped": {"/a%0d%0aX: y", home + "a%0D%0AX:%20y"},
		"dots stay below the origin":          {"/..//evil.example", home + "..//evil.example"},
		"a script":                            {"javascript:alert(1)", home},
		"a document":                          {"data:text/html,x", home},
		"a relative path":                     {"tickets", home},
		"only a query":                        {"?a=b", home},
		"a broken escape":                     {"/%zz", home},
		"not UTF-8":                           {"/\xff", home},
		"the maximum length":                  {"/" + strings.Repeat("a", gate.MaxReturnAddress-1), home + strings.Repeat("a", gate.MaxReturnAddress-1)},
		"too long":                            {"/" + strings.Repeat("a", gate.MaxReturnAddress), home},
	}
	for name, test := range tests {
		if got := gate.ReturnAddress(mustParseURL(t, login), test.asked); got != test.want {
			t.Errorf("%s: returnAddress(%q) = %q, want %q", name, test.asked, got, test.want)
		}
	}
}

func TestTheReturnAddressKeepsThePortAndDropsTheCredentialsOfTheLoginPage(t *testing.T) {
	t.Parallel()
	login := mustParseURL(t, "http://u:p@localhost:8080/center/login?x=1#y")
	if got := gate.ReturnAddress(login, "/a"); got != "http://localhost:8080/a" {
		t.Errorf("got %q", got)
	}
	if got := gate.ReturnAddress(login, "http://localhost/a"); got != "http://localhost:8080/" {
		t.Errorf("another port gave %q", got)
	}
}

func TestTheLoginAddressKeepsItsQueryAndAddsTheReturnAddress(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ login, asked, want string }{
		"none for the root":            {"https://desk.example.com/login", "/", "https://desk.example.com/login"},
		"a path":                       {"https://desk.example.com/login", "/a?b=c&d", "https://desk.example.com/login?return=%2Fa%3Fb%3Dc%26d"},
		"beside a query":               {"https://desk.example.com/login?center=acme", "/a", "https://desk.example.com/login?center=acme&return=%2Fa"},
		"in place of one":              {"https://desk.example.com/login?return=x", "/a", "https://desk.example.com/login?return=%2Fa"},
		"user information and # go":    {"https://u:p@desk.example.com/login#x", "/", "https://desk.example.com/login"},
		"two slashes lead to the root": {"https://desk.example.com/login", "//evil.example", "https://desk.example.com/login"},
	}
	for name, test := range tests {
		login := mustParseURL(t, test.login)
		back := mustParseURL(t, gate.ReturnAddress(login, test.asked))
		if got := gate.LoginAddress(login, back); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// FuzzTheReturnAddressStaysInTheOrigin searches for addresses in which a
// browser could find another host.
func FuzzTheReturnAddressStaysInTheOrigin(f *testing.F) {
	for _, seed := range []string{
		"/", "//evil", `/\evil`, "https:evil", "https:/evil", "https://desk.example.com@evil", "/\t/evil", "/%2f/evil", "?", "#",
		"https://desk.example.com:443//evil/..%2f", "HTTPS://DESK.EXAMPLE.COM", "/a?b=\"'<>` é", "https://desk.example.com?x", "https://[::1]/",
	} {
		f.Add(seed)
	}
	login := mustParseURL(f, "https://desk.example.com/login")
	f.Fuzz(func(t *testing.T, asked string) {
		got := gate.ReturnAddress(login, asked)
		if !strings.HasPrefix(got, "https://desk.example.com/") {
			t.Fatalf("%q leads to %q", asked, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\\\"<>`", r) }) {
			t.Fatalf("%q gives %q, which is unsafe in a header or an attribute", asked, got)
		}
		if again := gate.ReturnAddress(login, got); len(got) <= gate.MaxReturnAddress && again != got {
			t.Fatalf("%q gives %q and then %q", asked, got, again)
		}
		// A path that passes through the login page stays the same, or becomes the root.
		path := mustParseURL(t, got).RequestURI()
		if again := gate.ReturnAddress(login, path); again != got && again != "https://desk.example.com/" {
			t.Fatalf("%q gives %q, and through the login page %q", asked, got, again)
		}
	})
}
