package directory

import (
	"reflect"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/gate"
)

// testPlaces returns a site, two teams, and a desktop profile, by resource.
func testPlaces() map[string][]any {
	meta := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: "desk", Name: name} }
	return map[string][]any{
		"sites": {&v1alpha1.Site{ObjectMeta: meta("lisbon"), Spec: v1alpha1.SiteSpec{DisplayName: "Lisbon"}}},
		"teams": {
			&v1alpha1.Team{ObjectMeta: meta("day"), Spec: v1alpha1.TeamSpec{DisplayName: "Day shift", Site: "lisbon"}},
			&v1alpha1.Team{ObjectMeta: meta("night"), Spec: v1alpha1.TeamSpec{DisplayName: "Night shift", Site: "lisbon"}},
		},
		"desktopprofiles": {&v1alpha1.DesktopProfile{ObjectMeta: meta("agents"), Spec: v1alpha1.DesktopProfileSpec{
			Description: "without outbound calls", WrapUp: v1alpha1.WrapUp{Mode: v1alpha1.WrapUpAuto, TimeoutSeconds: new(int32(30))},
			AutoAnswer: true, InactivityTimeoutMinutes: new(int32(15)),
			Channels: v1alpha1.Channels{Telephony: 1, Chat: 2, Email: 3, Social: 4},
			Teams:    &v1alpha1.AccessList{Access: v1alpha1.AccessSpecific, Names: []string{"night"}},
			Queues:   &v1alpha1.AccessList{Access: v1alpha1.AccessNone}, EntryPoints: &v1alpha1.AccessList{Access: v1alpha1.AccessAll},
		}}},
	}
}

// placedMember returns testMember with everything that Whoami can show.
func placedMember(change func(*v1alpha1.Member)) *v1alpha1.Member {
	return testMember(func(m *v1alpha1.Member) {
		m.Spec.Name, m.Spec.Nickname, m.Spec.Extension = "Ana Reis", "Ana", "2001"
		m.Status.SkillGroups = []v1alpha1.SkillGroupMembership{{Name: "sales", Priority: 3}, {Name: "billing", Priority: 1}}
		m.Status.Role = &v1alpha1.Assignment{Name: string(v1alpha1.RoleSupervisor), Source: v1alpha1.SourceTemplate("leads")}
		m.Status.License = &v1alpha1.LicenseStatus{Tier: v1alpha1.TierPremium}
		m.Status.UserProfile = &v1alpha1.Assignment{Name: "supervisor", Source: v1alpha1.SourceDefault}
		m.Status.Site = &v1alpha1.Assignment{Name: "lisbon", Source: v1alpha1.SourceMember}
		m.Status.Teams = []v1alpha1.Assignment{{Name: "day"}, {Name: "night"}}
		m.Status.DesktopProfile = &v1alpha1.Assignment{Name: "agents"}
		if change != nil {
			change(m)
		}
	})
}

func TestWhoamiShowsWhatIsInEffect(t *testing.T) {
	t.Parallel()
	all := gate.Whoami{
		Namespace: "desk", Member: "ana", Email: "Ana@example.com", Name: "Ana Reis", Nickname: "Ana", AgentID: "A-7", Extension: "2001",
		Role: "Supervisor", License: "Premium", UserProfile: "supervisor",
		SkillGroups: []gate.SkillGroup{{Name: "billing", Priority: 1}, {Name: "sales", Priority: 3}},
		Site:        &gate.Place{Name: "lisbon", DisplayName: "Lisbon"},
		Teams:       []gate.Place{{Name: "day", DisplayName: "Day shift"}, {Name: "night", DisplayName: "Night shift"}},
		DesktopProfile: &gate.DesktopProfile{
			Name: "agents", WrapUp: gate.WrapUp{Mode: "Auto", TimeoutSeconds: new(int32(30))}, AutoAnswer: true,
			InactivityTimeoutMinutes: new(int32(15)), Channels: gate.Channels{Telephony: 1, Chat: 2, Email: 3, Social: 4},
			Teams:  &gate.AccessList{Access: "Specific", Names: []string{"night"}},
			Queues: &gate.AccessList{Access: "None"}, EntryPoints: &gate.AccessList{Access: "All"},
		},
	}
	for name, test := range map[string]struct {
		change func(*v1alpha1.Member)
		want   func(*gate.Whoami)
	}{
		"everything":           {nil, func(*gate.Whoami) {}},
		"no nickname":          {func(m *v1alpha1.Member) { m.Spec.Nickname = "" }, func(w *gate.Whoami) { w.Nickname = "Ana Reis" }},
		"no name":              {func(m *v1alpha1.Member) { m.Spec.Name = "" }, func(w *gate.Whoami) { w.Name = "Ana" }},
		"no name, no nickname": {func(m *v1alpha1.Member) { m.Spec.Name, m.Spec.Nickname = "", "" }, func(w *gate.Whoami) { w.Name, w.Nickname = "Ana", "Ana" }},
		"role from the spec":   {func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleDeskAdmin }, func(w *gate.Whoami) { w.Role = "DeskAdmin" }},
		"waiting for a license": {func(m *v1alpha1.Member) {
			m.Status.License = &v1alpha1.LicenseStatus{Requested: v1alpha1.TierPremium}
		}, func(w *gate.Whoami) { w.License = "" }},
		"spec that is not reconciled yet": {func(m *v1alpha1.Member) {
			m.Spec.Site, m.Spec.License, m.Spec.UserProfile, m.Spec.DesktopProfile, m.Spec.Teams = "oslo", v1alpha1.LicenseStandard, "a", "b", []string{"c"}
		}, func(*gate.Whoami) {}},
		"deleted places": {func(m *v1alpha1.Member) {
			m.Status.Site.Name, m.Status.DesktopProfile.Name, m.Status.Teams[0].Name = "oslo", "gone", "gone"
		}, func(w *gate.Whoami) { w.Site, w.DesktopProfile, w.Teams = nil, nil, w.Teams[1:] }},
		"nothing": {func(m *v1alpha1.Member) {
			m.Status.SkillGroups, m.Status.Teams, m.Status.Role, m.Status.License = nil, nil, nil, nil
			m.Status.UserProfile, m.Status.DesktopProfile, m.Status.Site = nil, nil, nil
			m.Spec.Extension, m.Spec.AgentID = "", ""
		}, func(w *gate.Whoami) {
			*w = gate.Whoami{
				Namespace: "desk", Member: "ana", Email: w.Email, Name: w.Name, Nickname: w.Nickname, Role: "DeskStaff",
				SkillGroups: []gate.SkillGroup{}, Teams: []gate.Place{},
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory, feeds := newTestDirectory(atTestTime)
			for resource, objects := range testPlaces() {
				replaceAll(t, feeds[resource], objects...)
			}
			replaceAll(t, feeds["members"], placedMember(test.change))
			want := all
			test.want(&want)
			got, ok := directory.Whoami("desk", "uid-ana")
			if !ok || !reflect.DeepEqual(got, want) {
				t.Errorf("the answer is (%t)\n%+v\nwant\n%+v", ok, got, want)
			}
			if member, _ := directory.MemberByUID("desk", "uid-ana"); member.Role != want.Role {
				t.Errorf("the role for policies is %s, want %s", member.Role, want.Role)
			}
		})
	}
}

func TestMembersShareTheRecordOfTheirDesktopProfile(t *testing.T) {
	t.Parallel()
	directory, feeds := newTestDirectory(atTestTime)
	for resource, objects := range testPlaces() {
		replaceAll(t, feeds[resource], objects...)
	}
	replaceAll(t, feeds["members"], placedMember(nil), placedMember(func(m *v1alpha1.Member) { m.Name, m.UID = "bo", "uid-bo" }))
	ana, _ := directory.Whoami("desk", "uid-ana")
	bo, _ := directory.Whoami("desk", "uid-bo")
	if ana.DesktopProfile == nil || ana.DesktopProfile != bo.DesktopProfile {
		t.Error("each member has a copy")
	}
}

func TestWhoamiFollowsChangesOfPlaces(t *testing.T) {
	t.Parallel()
	directory, feeds := newTestDirectory(atTestTime)
	whoami := func() gate.Whoami {
		t.Helper()
		answer, ok := directory.Whoami("desk", "uid-ana")
		if !ok {
			t.Fatal("ana is not in the directory")
		}
		return answer
	}
	replaceAll(t, feeds["members"], placedMember(nil))
	if answer := whoami(); answer.Site != nil || len(answer.Teams) > 0 || answer.DesktopProfile != nil {
		t.Errorf("before there are places, the answer is %+v", answer)
	}
	for resource, objects := range testPlaces() {
		addTo(t, feeds[resource], objects...)
		if err := feeds[resource].Add(&corev1.Secret{}); err == nil {
			t.Errorf("the feed of %s accepts a Secret", resource)
		}
	}
	if answer := whoami(); answer.Site == nil || len(answer.Teams) != 2 || answer.DesktopProfile == nil {
		t.Errorf("the answer is %+v", answer)
	}
	site := testPlaces()["sites"][0].(*v1alpha1.Site) //nolint:forcetypeassert // testPlaces has this type
	site.Spec.DisplayName = "Lisboa"
	if err := feeds["sites"].Update(site); err != nil || whoami().Site.DisplayName != "Lisboa" {
		t.Errorf("after a new display name, the site is %+v (%v)", whoami().Site, err)
	}
	// A list without a team, and the deletion of a site.
	replaceAll(t, feeds["teams"], testPlaces()["teams"][1])
	deleteFrom(t, feeds["sites"], site)
	if answer := whoami(); answer.Site != nil || len(answer.Teams) != 1 || answer.DesktopProfile == nil {
		t.Errorf("after the deletions, the answer is %+v", answer)
	}
	for _, resource := range []string{"members", "teams", "desktopprofiles"} {
		replaceAll(t, feeds[resource])
	}
	if n := recordsOf(directory); n > 0 {
		t.Errorf("the directory still has %d records", n)
	}
}

func TestLoginsDoNotDependOnPlaces(t *testing.T) {
	t.Parallel()
	now := testTime
	directory, feeds := newTestDirectory(func() time.Time { return now })
	health := &Health{Directory: directory, AuditProblem: noAuditProblem}
	mustBeOpen := func(when, incomplete string) {
		t.Helper()
		if err := directory.Fresh("desk"); err != nil {
			t.Errorf("%s: the directory is stale: %v", when, err)
		}
		if err := health.Ready(nil); err != nil {
			t.Errorf("%s: the gate is not ready: %v", when, err)
		}
		err := directory.Complete("desk")
		if incomplete == "" && err != nil || incomplete != "" && (err == nil || !strings.Contains(err.Error(), incomplete)) {
			t.Errorf("%s: Complete returns %v, want %q", when, err, incomplete)
		}
		if problem := health.problems()["whoami of namespace "]; (problem == nil) != (incomplete == "") {
			t.Errorf("%s: the problem of whoami is %v", when, problem)
		}
	}
	for _, resource := range []string{"members", "secrets", "contactcenters"} {
		replaceAll(t, feeds[resource])
	}
	replaceAll(t, feeds["sessionkeys"], keySecret())
	mustBeOpen("a cluster without the CRDs", "the cache of sites has not filled yet")
	replaceAll(t, feeds["sites"])
	replaceAll(t, feeds["teams"])
	mustBeOpen("without desktop profiles", "the cache of desktopprofiles has not filled yet")
	replaceAll(t, feeds["desktopprofiles"])
	mustBeOpen("after all lists", "")
	now = now.Add(maxSilence)
	for _, resource := range []string{"members", "secrets", "contactcenters", "sessionkeys", "sites", "desktopprofiles"} {
		feeds[resource].UpdateResourceVersion("2")
	}
	now = now.Add(time.Second)
	mustBeOpen("after silence about teams", "no event or bookmark for teams for 2m31s")
	// A namespace that is not served has no members, so there is nothing to wait for.
	directory.whoamiFeeds = map[string][]*feed{"desk": directory.whoamiFeeds[""]}
	if err := directory.Complete("not-served"); err != nil {
		t.Errorf("a namespace that is not served: %v", err)
	}
}
