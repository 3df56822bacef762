//go:build interop

package interop

import (
	"net/http"
	"strings"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestAPersonInABrowserIsLetInAndOut(t *testing.T) {
	t.Parallel()
	behindEach(t, func(s *proxiedSite) {
		putri := s.addMember("putri", v1alpha1.RoleDeskStaff)
		b := newBrowser(s)

		const asked = "/workbench/queue?view=all&page=2"
		b.wantsLogin(b.visit(asked))
		if s.site.reached("/workbench") {
			t.Fatal("the site was reached before anybody had logged in")
		}
		mistyped := b.logIn(putri.email, "not-the-password")
		b.wantsLogin(mistyped)
		b.wantsSite(b.logIn(putri.email, putri.password), asked, putri)
		b.wantsSite(b.click("workbench"), "/workbench", putri)

		b.wantsRefusal(b.click("console"), "PolicyNotMet")
		if s.site.reached("/console") {
			t.Fatal("the console was reached by a Desk Staff")
		}
		b.wantsSite(b.visit("/workbench"), "/workbench", putri)

		s.patch(putri, `{"forceOffline": true}`)
		s.awaitAnswer(putri, http.StatusForbidden)
		b.wantsRefusal(b.click("workbench"), "ForcedOffline")

		s.patch(putri, `{"forceOffline": false}`)
		s.awaitAnswer(putri, http.StatusOK)
		b.wantsLogin(b.visit("/workbench"))
		b.wantsSite(b.logIn(putri.email, putri.password), "/workbench", putri)

		before := *putri
		s.patch(putri, `{"passwordReset": "again"}`)
		s.awaitPassword(putri)
		b.wantsLogin(b.click("workbench"))
		b.wantsLogin(b.logIn(before.email, before.password))
		b.wantsSite(b.logIn(putri.email, putri.password), "/workbench", putri)

		session := b.cookies()
		b.wantsLogin(b.click("logout"))
		b.wantsLogin(b.visit("/workbench"))
		s.wantsSecretsKept(session, putri, &before)
	})
}

// wantsSecretsKept fails the test if a password or the session of a member is in
// what the gate wrote, or has reached the site as a password.
func (s *proxiedSite) wantsSecretsKept(cookies map[string]string, members ...*member) {
	s.Helper()
	log := string(suite.gate.text(s.T))
	session := cookies["__Host-rollcall-"+deskNamespace]
	if session == "" {
		s.Fatalf("there is no cookie of the session, only %d others", len(cookies))
	}
	if strings.Contains(log, session) {
		s.Error("the session's cookie is in the gate's log")
	}
	for _, p := range members {
		if strings.Contains(log, p.password) {
			s.Errorf("a password of %s is in the gate's log", p.name)
		}
		if !strings.Contains(log, p.email) {
			s.Errorf("nothing about %s is in the gate's log", p.name)
		}
	}
}

func TestRolesAreWhatPathsOfTheSiteAreFor(t *testing.T) {
	t.Parallel()
	behindEach(t, func(s *proxiedSite) {
		for _, test := range []struct {
			role               v1alpha1.Role
			console, workbench int
		}{
			{v1alpha1.RoleDeskAdmin, http.StatusOK, http.StatusForbidden},
			{v1alpha1.RoleSupervisor, http.StatusForbidden, http.StatusOK},
			{v1alpha1.RoleDeskStaff, http.StatusForbidden, http.StatusOK},
		} {
			p := s.addMember(strings.ToLower(string(test.role)), test.role)
			for path, want := range map[string]int{"/console/members": test.console, "/workbench/queue": test.workbench, "/": http.StatusOK} {
				path += "?for=" + p.name
				got := s.get(path, p.email, p.password)
				if got.status != want || s.site.reached(path) != (want == http.StatusOK) {
					s.Errorf("%s got %d at %s, want %d; reached the site: %t", test.role, got.status, path, want, s.site.reached(path))
				}
			}
		}
	})
}
