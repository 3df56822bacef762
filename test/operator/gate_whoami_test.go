package operator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/gate"
)

// whoami asks who the visitor is.
func (browser *browser) whoami(set func(*http.Request)) answer {
	return browser.do(http.MethodGet, "/whoami/"+browser.Namespace, nil, set)
}

// awaitWhoami waits until the visitor is told something.
func (browser *browser) awaitWhoami(want *gate.Whoami) {
	browser.Helper()
	want.Namespace = browser.Namespace
	browser.Eventually("who it is", func() error {
		answered := browser.whoami(nil)
		if err := checkStatus(answered, http.StatusOK, ""); err != nil {
			return err
		}
		told := gate.Whoami{}
		if err := json.Unmarshal([]byte(answered.body), &told); err != nil {
			return err
		}
		if !reflect.DeepEqual(told, *want) {
			return fmt.Errorf("the gate tells\n%s", answered.body)
		}
		return nil
	})
}

// addAssignments puts ana, of newDoor, at a site, into a team, and before a desktop.
func (gate *gateFixture) addAssignments() {
	gate.Helper()
	gate.CreateAll(
		&v1alpha1.Site{ObjectMeta: gate.meta("lisbon"), Spec: v1alpha1.SiteSpec{DisplayName: "Lisbon"}},
		&v1alpha1.Team{ObjectMeta: gate.meta("night"), Spec: v1alpha1.TeamSpec{DisplayName: "Night shift", Site: "lisbon"}},
		&v1alpha1.DesktopProfile{ObjectMeta: gate.meta("agents"), Spec: v1alpha1.DesktopProfileSpec{
			Description: "who may not call", InactivityTimeoutMinutes: new(int32(15)),
			Queues: &v1alpha1.AccessList{Access: v1alpha1.AccessSpecific, Names: []string{"billing", "returns"}},
		}},
		&v1alpha1.MemberTemplate{ObjectMeta: gate.meta("leads"), Spec: v1alpha1.MemberTemplateSpec{
			Selector: metav1.LabelSelector{MatchLabels: map[string]string{"lead": "yes"}},
			ApplyTo:  v1alpha1.ApplyToAllMembers, Role: v1alpha1.RoleSupervisor,
		}},
	)
	change(gate.environment, gate.Member("ana"), func(m *v1alpha1.Member) {
		m.Spec.Name, m.Spec.Extension, m.Spec.License = "Ana Reis", "2001", v1alpha1.LicensePremium
		m.Spec.Site, m.Spec.Teams, m.Spec.DesktopProfile = "lisbon", []string{"night"}, "agents"
	})
	change(gate.environment, gate.ContactCenter(), func(c *v1alpha1.ContactCenter) { c.Spec.Licenses = &v1alpha1.Licenses{Premium: 1} })
}

func TestWhoamiDescribesTheUserToADesktopApplication(t *testing.T) {
	t.Parallel()
	fixture := newGateFixture(t)
	fixture.addAssignments()
	fixture.AwaitMember("ana", ready, holds(v1alpha1.TierPremium))
	browser, password := fixture.logsIn(), fixture.Password("ana")
	want := gate.Whoami{
		Member: "ana", Email: "ana@example.com", Name: "Ana Reis", Nickname: "Ana Reis", AgentID: "A-7", Extension: "2001",
		Role: "DeskStaff", License: "Premium", UserProfile: "premium-agent",
		SkillGroups: []gate.SkillGroup{{Name: "billing", Priority: 3}},
		Site:        &gate.Place{Name: "lisbon", DisplayName: "Lisbon"},
		Teams:       []gate.Place{{Name: "night", DisplayName: "Night shift"}},
		DesktopProfile: &gate.DesktopProfile{
			Name: "agents", WrapUp: gate.WrapUp{Mode: "Manual"}, InactivityTimeoutMinutes: new(int32(15)), Channels: gate.Channels{Telephony: 1},
			Queues: &gate.AccessList{Access: "Specific", Names: []string{"billing", "returns"}},
		},
	}
	browser.awaitWhoami(&want)
	if answered := browser.whoami(nil); answered.header.Get("Content-Type") != "application/json" || answered.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the headers are %v", answered.header)
	}
	head := browser.do(http.MethodHead, "/whoami/"+fixture.Namespace, nil, func(r *http.Request) { r.SetBasicAuth("ana@example.com", password) })
	if head.status != http.StatusOK || head.body != "" {
		t.Errorf("HEAD with a password: %s", head)
	}

	change(fixture.environment, fixture.GetMember("ana"), func(m *v1alpha1.Member) { m.Labels["lead"] = "yes" })
	want.Role, want.UserProfile = "Supervisor", "supervisor"
	browser.awaitWhoami(&want)
	answered := browser.ask("billing-supervisors", nil)
	if answered.status != http.StatusOK || answered.header.Get("X-Auth-Request-Groups") != "billing,role:Supervisor" {
		t.Errorf("a Supervisor by a template: %s with the groups %q", answered, answered.header.Get("X-Auth-Request-Groups"))
	}

	change(fixture.environment, &v1alpha1.Team{ObjectMeta: fixture.meta("night")}, func(team *v1alpha1.Team) { team.Spec.DisplayName = "Late shift" })
	want.Teams[0].DisplayName = "Late shift"
	browser.awaitWhoami(&want)
	fixture.delete(&v1alpha1.DesktopProfile{ObjectMeta: fixture.meta("agents")})
	want.DesktopProfile = nil
	browser.awaitWhoami(&want)
	if log := fixture.Audit.String(); !strings.Contains(log, `"policy":"whoami"`) || strings.Contains(log, "Lisbon") {
		t.Errorf("the audit log says nothing of whoami, or too much:\n%s", log)
	}
}

func TestAMemberWhoLosesTheLicenseIsToldSo(t *testing.T) {
	t.Parallel()
	fixture := newGateFixture(t)
	fixture.addAssignments()
	fixture.AwaitMember("ana", ready, holds(v1alpha1.TierPremium))
	browser, password := fixture.logsIn(), fixture.Password("ana")
	change(fixture.environment, fixture.GetMember("ana"), func(m *v1alpha1.Member) { m.Spec.License = v1alpha1.LicenseNone })
	fixture.eventuallyAnswers("without a license", http.StatusForbidden, "NoLicense", func() answer { return browser.whoami(nil) })
	fixture.checkAnswered("verify says the same", browser.ask("any", nil), http.StatusForbidden, "NoLicense")
	if page := browser.logIn(password); page.status != http.StatusForbidden || !strings.Contains(page.body, "There is no license for your account") {
		t.Errorf("the gate page says %s", page)
	}
}

// withoutKinds answers as an API server does that does not have some kinds.
func withoutKinds(config *rest.Config, kinds ...string) *rest.Config {
	older := rest.CopyConfig(config)
	older.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(request *http.Request) (*http.Response, error) {
			for _, kind := range kinds {
				if strings.HasSuffix(request.URL.Path, "/"+kind) {
					return &http.Response{
						Status: "404 Not Found", StatusCode: http.StatusNotFound, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
						Header: http.Header{"Content-Type": {"text/plain"}}, Body: io.NopCloser(strings.NewReader("404 page not found\n")), Request: request,
					}, nil
				}
			}
			return next.RoundTrip(request)
		})
	})
	return older
}

func TestTheGateAllowsLoginInAClusterWithoutSites(t *testing.T) {
	t.Parallel()
	fixture := newGateFixture(t)
	fixture.Stop()
	fixture.start(withoutKinds(fixture.Cluster.Gate, "sites", "teams", "desktopprofiles"))
	password := fixture.Password("ana")
	basic := func(r *http.Request) { r.SetBasicAuth("ana@example.com", password) }
	fixture.eventuallyAnswers("ana is let in", http.StatusOK, "", func() answer { return fixture.newBrowser().ask("any", basic) })
	refused := fixture.newBrowser().whoami(basic)
	fixture.checkAnswered("and not told who she is", refused, http.StatusServiceUnavailable, "NotReady")
	if refused.header.Get("Retry-After") == "" {
		t.Error("there is no Retry-After")
	}
}
