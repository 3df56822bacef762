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
func (v *visitor) whoami(set func(*http.Request)) answer {
	return v.do(http.MethodGet, "/whoami/"+v.namespace, nil, set)
}

// awaitTold waits until the visitor is told something.
func (v *visitor) awaitTold(want *gate.Whoami) {
	v.Helper()
	want.Namespace = v.namespace
	v.eventually("who it is", func() error {
		given := v.whoami(nil)
		if err := got(given, http.StatusOK, ""); err != nil {
			return err
		}
		told := gate.Whoami{}
		if err := json.Unmarshal([]byte(given.body), &told); err != nil {
			return err
		}
		if !reflect.DeepEqual(told, *want) {
			return fmt.Errorf("the gate tells\n%s", given.body)
		}
		return nil
	})
}

// employ puts ana, of newDoor, at a site, into a team, and before a desktop.
func (d *door) employ() {
	d.Helper()
	meta := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: d.namespace, Name: name} }
	d.create(
		&v1alpha1.Site{ObjectMeta: meta("lisbon"), Spec: v1alpha1.SiteSpec{DisplayName: "Lisbon"}},
		&v1alpha1.Team{ObjectMeta: meta("night"), Spec: v1alpha1.TeamSpec{DisplayName: "Night shift", Site: "lisbon"}},
		&v1alpha1.DesktopProfile{ObjectMeta: meta("agents"), Spec: v1alpha1.DesktopProfileSpec{
			Description: "who may not call", InactivityTimeoutMinutes: new(int32(15)),
			Queues: &v1alpha1.AccessList{Access: v1alpha1.AccessSpecific, Names: []string{"billing", "returns"}},
		}},
		&v1alpha1.MemberTemplate{ObjectMeta: meta("leads"), Spec: v1alpha1.MemberTemplateSpec{
			Selector: metav1.LabelSelector{MatchLabels: map[string]string{"lead": "yes"}},
			ApplyTo:  v1alpha1.ApplyToAllMembers, Role: v1alpha1.RoleSupervisor,
		}},
	)
	change(d.world, d.member("ana"), func(m *v1alpha1.Member) {
		m.Spec.Name, m.Spec.Extension, m.Spec.License = "Ana Reis", "2001", v1alpha1.LicensePremium
		m.Spec.Site, m.Spec.Teams, m.Spec.DesktopProfile = "lisbon", []string{"night"}, "agents"
	})
	change(d.world, d.center(), func(c *v1alpha1.ContactCenter) { c.Spec.Licenses = &v1alpha1.Licenses{Premium: 1} })
}

func TestADesktopApplicationIsToldWhoItsUserIs(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.employ()
	v, password := d.visitor(), d.password("ana")
	d.await("ana", ready, holds(v1alpha1.TierPremium))
	d.eventuallyAsked("ana logs in", http.StatusSeeOther, "", func() answer { return v.logIn(password) })
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
	v.awaitTold(&want)
	if given := v.whoami(nil); given.header.Get("Content-Type") != "application/json" || given.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the headers are %v", given.header)
	}
	head := v.do(http.MethodHead, "/whoami/"+d.namespace, nil, func(r *http.Request) { r.SetBasicAuth("ana@example.com", password) })
	if head.status != http.StatusOK || head.body != "" {
		t.Errorf("HEAD with a password: %s", head)
	}

	change(d.world, d.get("ana"), func(m *v1alpha1.Member) { m.Labels["lead"] = "yes" })
	want.Role, want.UserProfile = "Supervisor", "supervisor"
	v.awaitTold(&want)
	given := v.ask("billing-supervisors", nil)
	if given.status != http.StatusOK || given.header.Get("X-Auth-Request-Groups") != "billing,role:Supervisor" {
		t.Errorf("a Supervisor by a template: %s with the groups %q", given, given.header.Get("X-Auth-Request-Groups"))
	}

	change(d.world, &v1alpha1.Team{ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: "night"}}, func(team *v1alpha1.Team) { team.Spec.DisplayName = "Late shift" })
	want.Teams[0].DisplayName = "Late shift"
	v.awaitTold(&want)
	if err := d.Delete(t.Context(), &v1alpha1.DesktopProfile{ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: "agents"}}); err != nil {
		t.Fatal(err)
	}
	want.DesktopProfile = nil
	v.awaitTold(&want)
	if log := d.audit.String(); !strings.Contains(log, `"policy":"whoami"`) || strings.Contains(log, "Lisbon") {
		t.Errorf("the audit log says nothing of whoami, or too much:\n%s", log)
	}
}

func TestWhoLosesTheirLicenceIsToldSo(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.employ()
	v, password := d.visitor(), d.password("ana")
	d.await("ana", ready, holds(v1alpha1.TierPremium))
	d.eventuallyAsked("ana logs in", http.StatusSeeOther, "", func() answer { return v.logIn(password) })
	change(d.world, d.get("ana"), func(m *v1alpha1.Member) { m.Spec.License = v1alpha1.LicenseNone })
	d.eventuallyAsked("without a licence", http.StatusForbidden, "NoLicense", func() answer { return v.whoami(nil) })
	d.want("verify says the same", v.ask("any", nil), http.StatusForbidden, "NoLicense")
	if page := v.logIn(password); page.status != http.StatusForbidden || !strings.Contains(page.body, "There is no license for your account") {
		t.Errorf("the login page says %s", page)
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

func TestInAClusterWithoutSitesTheGateLetsPeopleInAllTheSame(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.stop()
	d.start(withoutKinds(suite.gateAccount, "sites", "teams", "desktopprofiles"))
	password := d.password("ana")
	basic := func(r *http.Request) { r.SetBasicAuth("ana@example.com", password) }
	d.eventuallyAsked("ana is let in", http.StatusOK, "", func() answer { return d.visitor().ask("any", basic) })
	refused := d.visitor().whoami(basic)
	d.want("and not told who she is", refused, http.StatusServiceUnavailable, "NotReady")
	if refused.header.Get("Retry-After") == "" {
		t.Error("there is no Retry-After")
	}
}
