//go:build interop

package interop

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
)

func TestAClientLogsInWithABasicPassword(t *testing.T) {
	t.Parallel()
	behindEach(t, func(s *proxiedSite) {
		p := s.addMember("ana", v1alpha1.RoleDeskStaff)
		got := s.send(http.MethodPost, "/workbench/note?mark=right", "a note", newAddress(), func(r *http.Request) {
			r.SetBasicAuth(p.email, p.password)
		})
		if got.status != http.StatusOK || !strings.Contains(got.body, p.name) {
			s.Fatalf("the right password got %d: %s", got.status, got.body)
		}
		requests := s.site.seen()
		last := requests[len(requests)-1]
		if last.body != "a note" {
			s.Errorf("the site got the body %q", last.body)
		}
		for name, want := range map[string]string{
			"X-Auth-Request-User": p.name, "X-Auth-Request-Email": p.email,
			"X-Auth-Request-Preferred-Username": p.name, "X-Auth-Request-Groups": "role:DeskStaff",
			"Authorization": "",
		} {
			if values := last.header.Values(name); strings.Join(values, "|") != want {
				s.Errorf("the site got %d values of %s, want %q", len(values), name, want)
			}
		}
		refused := s.send(http.MethodPost, "/console", "a note", newAddress(), func(r *http.Request) { r.SetBasicAuth(p.email, p.password) })
		if refused.status != http.StatusForbidden || refused.header.Get("X-Rollcall-Reason") != "PolicyNotMet" {
			s.Errorf("a form for the console got %d: %s", refused.status, refused.body)
		}
		for name, change := range map[string]func(*http.Request){
			"a wrong password": func(r *http.Request) { r.SetBasicAuth(p.email, "not-the-password") },
			"nobody":           func(*http.Request) {},
		} {
			got := s.send(http.MethodGet, "/workbench?mark=wrong", "", newAddress(), change)
			challenges := got.header.Values("WWW-Authenticate")
			if got.status != http.StatusUnauthorized || len(challenges) != 1 || !strings.HasPrefix(challenges[0], "Basic ") {
				s.Errorf("%s got %d with %q, want 401 with a challenge for Basic", name, got.status, challenges)
			}
		}
		if s.site.reached("mark=wrong") {
			s.Error("the site was reached without the right password")
		}
	})
}

func TestErrorsOfTheSiteAreNotTheGates(t *testing.T) {
	t.Parallel()
	behindEach(t, func(s *proxiedSite) {
		p := s.addMember("ana", v1alpha1.RoleDeskStaff)
		got := s.get("/workbench/fails", p.email, p.password)
		if got.status != http.StatusInternalServerError || !strings.Contains(got.body, p.name) {
			s.Errorf("got %d: %s", got.status, got.body)
		}
	})
}

func TestABrowserWithoutSessionIsSentToTheLoginPage(t *testing.T) {
	t.Parallel()
	behindEach(t, func(s *proxiedSite) {
		startSuite(t)
		got := s.send(http.MethodGet, "/workbench", "", newAddress(), func(r *http.Request) { r.Header.Set("Accept", "text/html,*/*;q=0.8") })
		if got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), deskURL+"/login?return=") {
			s.Errorf("got %d to %q, want 303 to the login page", got.status, got.header.Get("Location"))
		}
	})
}

func TestAClientThatGuessesIsToldToWait(t *testing.T) {
	t.Parallel()
	behindEach(t, func(s *proxiedSite) {
		p := s.addMember("ana", v1alpha1.RoleDeskStaff)
		from := newAddress()
		var got answer
		for range 20 {
			got = s.send(http.MethodGet, "/workbench?mark=guess", "", from, func(r *http.Request) { r.SetBasicAuth(p.email, "not-the-password") })
			if got.status != http.StatusUnauthorized {
				break
			}
		}
		seconds, err := strconv.Atoi(got.header.Get("Retry-After"))
		// The first lock is for a second; five are what a gate that is down gets.
		if got.status != http.StatusTooManyRequests || err != nil || seconds < 1 || seconds > 2 {
			s.Errorf("after many guesses, got %d with Retry-After %q, want 429 with a second", got.status, got.header.Get("Retry-After"))
		}
		if other := s.get("/workbench", p.email, p.password); other.status != http.StatusOK {
			s.Errorf("the member's own address got %d", other.status)
		}
		if s.site.reached("mark=guess") {
			s.Error("the site was reached")
		}
	})
}

func TestIdentityHeadersFromAClientAreIgnored(t *testing.T) {
	t.Parallel()
	behindEach(t, func(s *proxiedSite) {
		p := s.addMember("ana", v1alpha1.RoleDeskStaff)
		invented := net.IPv4(203, 0, 113, byte(counter.Add(1)))
		forge := func(r *http.Request) {
			r.SetBasicAuth(p.email, p.password)
			for _, name := range identityHeaders {
				r.Header.Set(name, "forged")
				r.Header[strings.ReplaceAll(name, "-", "_")] = []string{"forged"}
				r.Header[strings.Replace(name, "-", "_", 2)] = []string{"forged"}
			}
			r.Header.Set("X-Forwarded-For", invented.String()+", 127.0.0.1")
			r.Header.Set("X-Forwarded-Method", "FORGED")
			r.Header.Set("X-Forwarded-Uri", "/forged")
			r.Header.Set("X-Forwarded-Host", "forged.example.com")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		// The second is an address that the gate takes for a proxy's.
		for _, from := range []net.IP{newAddress(), net.IPv4(127, 0, 0, 1)} {
			if got := s.send(http.MethodGet, "/workbench", "", from, forge); got.status != http.StatusOK {
				s.Fatalf("got %d", got.status)
			}
			s.wantsAudited(from, "workbench", "/workbench")
			if got := s.send(http.MethodPost, "/login", "email="+p.email, from, forge); got.status != http.StatusForbidden {
				s.Errorf("a form without its token got %d", got.status)
			}
			s.wantsAudited(from, "login", "/login")
		}
		if len(suite.gate.decisions(t, invented)) > 0 {
			s.Errorf("the gate took the word of the client that it is %s", invented)
		}
		for _, request := range s.site.seen() {
			for name, values := range request.header {
				if strings.Contains(strings.ToLower(strings.Join(values, "|")), "forged") || strings.Contains(strings.Join(values, "|"), invented.String()) {
					s.Errorf("the site got a forged %s", name)
				}
			}
		}
	})
}

func TestAClientCannotRemoveItsIdentity(t *testing.T) {
	t.Parallel()
	behindEach(t, func(s *proxiedSite) {
		p := s.addMember("ana", v1alpha1.RoleDeskStaff)
		// Proxies take away what is named in Connection (RFC 9110, section 7.6.1).
		got := s.send(http.MethodGet, "/workbench", "", newAddress(), func(r *http.Request) {
			r.SetBasicAuth(p.email, p.password)
			r.Header.Set("Connection", "close, "+strings.Join(identityHeaders, ", "))
		})
		if got.status != http.StatusOK {
			s.Fatalf("got %d", got.status)
		}
		seen := s.site.seen()
		header := seen[len(seen)-1].header
		for _, name := range identityHeaders {
			if header.Get(name) == "" {
				s.Errorf("the site got no %s", name)
			}
		}
		if who := header.Get("X-Auth-Request-User"); who != p.name {
			s.Errorf("the site takes the client for %q, not %q", who, p.name)
		}
	})
}

// wantsAudited fails the test if no decision about a client's address is by a
// policy and about a path, or if one has a forged method.
func (s *proxiedSite) wantsAudited(client net.IP, policy, path string) {
	s.Helper()
	found := false
	for _, line := range suite.gate.decisions(s.T, client) {
		found = found || line.Policy == policy && line.URI == path
		if line.Method == "FORGED" || line.URI == "/forged" {
			s.Errorf("the audit line of %s says %+v", client, line)
		}
	}
	if !found {
		s.Errorf("there is no audit line of %s with the policy %s and the path %s", client, policy, path)
	}
}

func TestWithoutAGateNoRequestPasses(t *testing.T) {
	t.Parallel()
	for _, proxy := range []string{"nginx", "caddy"} {
		t.Run(proxy, func(t *testing.T) {
			t.Parallel()
			startSuite(t)
			nobody, err := controlplane.FreeAddress(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for what, a := range map[string]neighbors{
				"a gate that is down":                            {gate: nobody, gateCA: "gate-ca.crt"},
				"a gate with an unknown authority's certificate": {gate: suite.gate.address, gateCA: "another-ca.crt"},
			} {
				t.Run(what, func(t *testing.T) {
					t.Parallel()
					s := newProxiedSite(t, proxy, a)
					p := s.addMember("ana", v1alpha1.RoleDeskStaff)
					for _, path := range []string{"/", "/workbench", "/console", "/login"} {
						if got := s.get(path, p.email, p.password); got.status < http.StatusInternalServerError {
							s.Errorf("%s got %d", path, got.status)
						}
					}
					if len(s.site.seen()) > 0 {
						s.Error("the site was reached")
					}
				})
			}
		})
	}
}
