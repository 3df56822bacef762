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

// gatePlaces are a site, two teams and a desktop profile, by kind.
func gatePlaces() map[string][]any {
	meta := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: "desk", Name: name} }
	return map[string][]any{
		"sites": {&v1alpha1.Site{ObjectMeta: meta("lisbon"), Spec: v1alpha1.SiteSpec{DisplayName: "Lisbon"}}},
		"teams": {
			&v1alpha1.Team{ObjectMeta: meta("day"), Spec: v1alpha1.TeamSpec{DisplayName: "Day shift", Site: "lisbon"}},
			&v1alpha1.Team{ObjectMeta: meta("night"), Spec: v1alpha1.TeamSpec{DisplayName: "Night shift", Site: "lisbon"}},
		},
		"desktopprofiles": {&v1alpha1.DesktopProfile{ObjectMeta: meta("agents"), Spec: v1alpha1.DesktopProfileSpec{
			Description: "for people who may not call", WrapUp: v1alpha1.WrapUp{Mode: v1alpha1.WrapUpAuto, TimeoutSeconds: new(int32(30))},
			AutoAnswer: true, InactivityTimeoutMinutes: new(int32(15)),
			Channels: v1alpha1.Channels{Telephony: 1, Chat: 2, Email: 3, Social: 4},
			Teams:    &v1alpha1.AccessList{Access: v1alpha1.AccessSpecific, Names: []string{"night"}},
			Queues:   &v1alpha1.AccessList{Access: v1alpha1.AccessNone}, EntryPoints: &v1alpha1.AccessList{Access: v1alpha1.AccessAll},
		}}},
	}
}

// placed is gateTestMember with all that Whoami tells.
func placed(change func(*v1alpha1.Member)) *v1alpha1.Member {
	return gateTestMember(func(m *v1alpha1.Member) {
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

func TestWhoamiIsWhatCountsByStatus(t *testing.T) {
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
		"all there is":             {nil, func(*gate.Whoami) {}},
		"no nickname":              {func(m *v1alpha1.Member) { m.Spec.Nickname = "" }, func(w *gate.Whoami) { w.Nickname = "Ana Reis" }},
		"no name":                  {func(m *v1alpha1.Member) { m.Spec.Name = "" }, func(w *gate.Whoami) { w.Name = "Ana" }},
		"neither":                  {func(m *v1alpha1.Member) { m.Spec.Name, m.Spec.Nickname = "", "" }, func(w *gate.Whoami) { w.Name, w.Nickname = "Ana", "Ana" }},
		"a role by the spec alone": {func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleDeskAdmin }, func(w *gate.Whoami) { w.Role = "DeskAdmin" }},
		"waiting for a seat": {func(m *v1alpha1.Member) {
			m.Status.License = &v1alpha1.LicenseStatus{Requested: v1alpha1.TierPremium}
		}, func(w *gate.Whoami) { w.License = "" }},
		"a spec that the operator has not looked at": {func(m *v1alpha1.Member) {
			m.Spec.Site, m.Spec.License, m.Spec.UserProfile, m.Spec.DesktopProfile, m.Spec.Teams = "oslo", v1alpha1.LicenseStandard, "a", "b", []string{"c"}
		}, func(*gate.Whoami) {}},
		"what there is not any more": {func(m *v1alpha1.Member) {
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
			directory, feeds := gateFeedsForTest(atGateTestTime)
			for kind, objects := range gatePlaces() {
				feedAll(t, feeds[kind], objects...)
			}
			feedAll(t, feeds["members"], placed(test.change))
			want := all
			test.want(&want)
			got, ok := directory.Whoami("desk", "uid-ana")
			if !ok || !reflect.DeepEqual(got, want) {
				t.Errorf("ana is told (%t)\n%+v\nwant\n%+v", ok, got, want)
			}
			if member, _ := directory.MemberByUID("desk", "uid-ana"); member.Role != want.Role {
				t.Errorf("the role that policies ask for is %s, want %s", member.Role, want.Role)
			}
		})
	}
}

func TestADesktopProfileIsKeptOnceForAllWhoHaveIt(t *testing.T) {
	t.Parallel()
	directory, feeds := gateFeedsForTest(atGateTestTime)
	for kind, objects := range gatePlaces() {
		feedAll(t, feeds[kind], objects...)
	}
	feedAll(t, feeds["members"], placed(nil), placed(func(m *v1alpha1.Member) { m.Name, m.UID = "bo", "uid-bo" }))
	ana, _ := directory.Whoami("desk", "uid-ana")
	bo, _ := directory.Whoami("desk", "uid-bo")
	if ana.DesktopProfile == nil || ana.DesktopProfile != bo.DesktopProfile {
		t.Error("each has a copy")
	}
}

func TestPlacesComeAndGo(t *testing.T) {
	t.Parallel()
	directory, feeds := gateFeedsForTest(atGateTestTime)
	told := func() gate.Whoami {
		t.Helper()
		about, ok := directory.Whoami("desk", "uid-ana")
		if !ok {
			t.Fatal("there is no ana")
		}
		return about
	}
	feedAll(t, feeds["members"], placed(nil))
	if about := told(); about.Site != nil || len(about.Teams) > 0 || about.DesktopProfile != nil {
		t.Errorf("before there is anything, ana is told %+v", about)
	}
	for kind, objects := range gatePlaces() {
		for _, object := range objects {
			if err := feeds[kind].Add(object); err != nil {
				t.Fatal(err)
			}
			if err := feeds[kind].Add(&corev1.Secret{}); err == nil {
				t.Errorf("the feed of %s takes a Secret", kind)
			}
		}
	}
	if about := told(); about.Site == nil || len(about.Teams) != 2 || about.DesktopProfile == nil {
		t.Errorf("ana is told %+v", about)
	}
	site := gatePlaces()["sites"][0].(*v1alpha1.Site) //nolint:forcetypeassert // as made above
	site.Spec.DisplayName = "Lisboa"
	if err := feeds["sites"].Update(site); err != nil || told().Site.DisplayName != "Lisboa" {
		t.Errorf("after a new name, ana is at %+v (%v)", told().Site, err)
	}
	// A list in place of a watch, and a deletion.
	feedAll(t, feeds["teams"], gatePlaces()["teams"][1])
	if err := feeds["sites"].Delete(site); err != nil {
		t.Fatal(err)
	}
	if about := told(); about.Site != nil || len(about.Teams) != 1 || about.DesktopProfile == nil {
		t.Errorf("after some went, ana is told %+v", about)
	}
	for _, kind := range []string{"members", "teams", "desktopprofiles"} {
		feedAll(t, feeds[kind])
	}
	if len(directory.centers) > 0 {
		t.Errorf("there are still %d books", len(directory.centers))
	}
}

func TestNobodysLoginDependsOnPlaces(t *testing.T) {
	t.Parallel()
	now := gateTestTime
	directory, feeds := gateFeedsForTest(func() time.Time { return now })
	health := &Health{Directory: directory, AuditProblem: noAuditProblem}
	wants := func(what, incomplete string) {
		t.Helper()
		if err := directory.Fresh("desk"); err != nil {
			t.Errorf("%s: the gate is closed: %v", what, err)
		}
		if err := health.Ready(nil); err != nil {
			t.Errorf("%s: the gate is not ready: %v", what, err)
		}
		err := directory.Complete("desk")
		if incomplete == "" && err != nil || incomplete != "" && (err == nil || !strings.Contains(err.Error(), incomplete)) {
			t.Errorf("%s: whoami is answered: %v, want %q", what, err, incomplete)
		}
		if problem := health.problems()["whoami of namespace "]; (problem == nil) != (incomplete == "") {
			t.Errorf("%s: the log says %v", what, problem)
		}
	}
	for _, kind := range []string{"members", "secrets", "contactcenters"} {
		feedAll(t, feeds[kind])
	}
	feedAll(t, feeds["sessionkeys"], &corev1.Secret{Data: map[string][]byte{"20260302T090000Z": make([]byte, gate.SessionKeyBytes)}})
	wants("an older cluster", "the cache of sites has not filled yet")
	feedAll(t, feeds["sites"])
	feedAll(t, feeds["teams"])
	wants("one kind to come", "the cache of desktopprofiles has not filled yet")
	feedAll(t, feeds["desktopprofiles"])
	wants("all is there", "")
	now = now.Add(maxSilence)
	for _, kind := range []string{"members", "secrets", "contactcenters", "sessionkeys", "sites", "desktopprofiles"} {
		feeds[kind].UpdateResourceVersion("2")
	}
	now = now.Add(time.Second)
	wants("nothing heard of teams", "no event or bookmark for teams for 2m31s")
	// Whoever is not served is nobody to tell.
	directory.placeFeeds = map[string][]*feed{"desk": directory.placeFeeds[""]}
	if err := directory.Complete("not-served"); err != nil {
		t.Errorf("a namespace that is not served: %v", err)
	}
}
