package gate_test

import (
	"net/http"
	"net/netip"
	"testing"

	"rollcall.dev/rollcall/internal/gate"
)

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
