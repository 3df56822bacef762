//go:build interop

package interop

import (
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestADesktopApplicationAsksWhoItsUserIs(t *testing.T) {
	t.Parallel()
	behindEach(t, func(s *proxiedSite) {
		p := s.addMember("ana", v1alpha1.RoleSupervisor)
		from := newAddress()
		got := s.send(http.MethodGet, "/whoami?mark=who", "", from, func(r *http.Request) {
			r.SetBasicAuth(p.email, p.password)
			r.Header.Set("Accept", "application/json")
			r.Header.Set("X-Forwarded-Uri", "/forged")
		})
		if told := wantsTold(s, got.status, got.body); told.Member != p.name || told.Role != "Supervisor" {
			s.Errorf("ana is told %s", got.body)
		}
		if kind, kept := got.header.Get("Content-Type"), got.header.Get("Cache-Control"); kind != "application/json" || kept != "no-store" {
			s.Errorf("the answer is of type %q, to be kept: %q", kind, kept)
		}
		s.wantsAudited(from, "whoami", "/whoami")

		fetched := func(method, email, password string, from net.IP) answer {
			return s.send(method, "/whoami?mark=who", "", from, func(r *http.Request) {
				r.Header.Set("Accept", "application/json")
				r.Header.Set("Sec-Fetch-Mode", "cors")
				if email != "" {
					r.SetBasicAuth(email, password)
				}
			})
		}
		nobody := fetched(http.MethodGet, "", "", newAddress())
		if nobody.status != http.StatusUnauthorized || nobody.header.Get("X-Rollcall-Reason") != "NoCredentials" || strings.Contains(nobody.body, "<") ||
			!strings.HasPrefix(nobody.header.Get("WWW-Authenticate"), "Cookie ") {
			s.Errorf("a script of nobody's got %d %v: %s", nobody.status, nobody.header, nobody.body)
		}
		if posted := fetched(http.MethodPost, p.email, p.password, newAddress()); posted.status != http.StatusMethodNotAllowed {
			s.Errorf("POST got %d", posted.status)
		}

		b := newBrowser(s)
		b.wantsLogin(b.visit("/workbench"))
		b.wantsSite(b.logIn(p.email, p.password), "/workbench", p)
		shown := b.visit("/whoami")
		if told := wantsTold(s, shown.status, shown.text); told.Email != p.email {
			s.Errorf("in the browser, ana is told %s", shown)
		}

		s.patch(p, `{"forceOffline": true}`)
		s.awaitAnswer(p, http.StatusForbidden)
		refused := fetched(http.MethodGet, p.email, p.password, newAddress())
		if refused.status != http.StatusForbidden || refused.header.Get("X-Rollcall-Reason") != "ForcedOffline" || strings.Contains(refused.body, p.email) {
			s.Errorf("forced offline, ana got %d %v: %s", refused.status, refused.header, refused.body)
		}
		if s.site.reached("/whoami") || s.site.reached("mark=who") {
			s.Error("the site was asked")
		}
	})
}

// told is what the test looks at in an answer of whoami.
type told struct {
	Member string `json:"member"`
	Email  string `json:"email"`
	Role   string `json:"role"`
}

// wantsTold fails the test if an answer is not whoami's.
func wantsTold(s *proxiedSite, status int, body string) (about told) {
	s.Helper()
	if err := json.Unmarshal([]byte(body), &about); err != nil || status != http.StatusOK {
		s.Fatalf("got %d, %v: %s", status, err, body)
	}
	return about
}
