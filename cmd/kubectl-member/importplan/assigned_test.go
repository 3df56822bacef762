package importplan

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

func TestAPlanSetsAndRemovesLicenseProfilesAndPlacement(t *testing.T) {
	t.Parallel()
	placed := heldMember("ana", "ana@example.com", spec(func(s *v1alpha1.MemberSpec) {
		s.License, s.UserProfile, s.DesktopProfile, s.Site, s.Teams = v1alpha1.LicensePremium, "supervisor", "lean", "paris", []string{"night", "day"}
	}))
	const header = "email,license,user profile,desktop profile,site,teams\n"
	for name, test := range map[string]struct {
		text    string
		members []v1alpha1.Member
		want    []string
	}{
		"equal values change nothing, with teams in any order": {
			header + "ana@example.com,premium,supervisor,lean,paris,day;night\n", []v1alpha1.Member{placed}, []string{"unchanged 1"},
		},
		"an empty cell removes the field": {
			header + "ana@example.com,,,,,\n",
			[]v1alpha1.Member{placed},
			[]string{"changed: license, userProfile, desktopProfile, site, teams ana map[desktopProfile:<nil> license:<nil> site:<nil> teams:<nil> userProfile:<nil>]"},
		},
		"a sheet without the columns leaves the fields": {
			"email\nana@example.com\n", []v1alpha1.Member{placed}, []string{"unchanged 1"},
		},
		"only differences are written": {
			header + "ana@example.com,none,supervisor,lean,paris,day\n",
			[]v1alpha1.Member{placed},
			[]string{"changed: license, teams ana map[license:None teams:[day]]"},
		},
		"each missing name is one warning, and unreadable profiles are none": {
			header + "ana@example.com,,auditor,lean,rome,late\nben@example.com,,supervisor,,rome,\n", nil,
			[]string{
				"added ana", "added ben",
				"m.csv:2:user profile: warning: there is no UserProfile auditor yet: members have no permissions until it is created; correct the name if it is a typo",
				"m.csv:2:site: warning: there is no Site rome yet: members are at it when it is created; correct the name if it is a typo (1 more row names it)",
				"m.csv:2:teams: warning: there is no Team late yet: members are in it when it is created; correct the name if it is a typo",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := inShort(planFor(t, ModeUpsert, test.text, test.members...)); !reflect.DeepEqual(got, test.want) {
				t.Errorf("planned\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestTheExampleRowOfATemplateIsOneFault(t *testing.T) {
	t.Parallel()
	var template strings.Builder
	if err := roster.WriteTemplate(&template, roster.CSV); err != nil {
		t.Fatal(err)
	}
	holder := heldMember("ben", "ben@example.com", spec(func(s *v1alpha1.MemberSpec) { s.AgentID, s.Extension = "1024", "1024" }))
	got := inShort(planFor(t, ModeUpsert, template.String(), holder))
	if want := "m.csv:2:E-mail: this is the example row of the template: replace it with a person, or delete the row"; len(got) != 1 || got[0] != want {
		t.Errorf("the faults are\n%s", strings.Join(got, "\n"))
	}
}

func TestTeamsThatCannotTakeMembersAreWarnings(t *testing.T) {
	t.Parallel()
	const elsewhere = "warning: Team day is at Site paris and the member at lyon, so the member is not in it: name a team of that site, or another site"
	at := func(site string, source v1alpha1.AssignmentSource) func(*v1alpha1.Member) {
		return func(m *v1alpha1.Member) {
			m.Status.Site = &v1alpha1.Assignment{Name: site, Source: source}
			if source == v1alpha1.SourceMember {
				m.Spec.Site = site
			}
		}
	}
	ana := heldMember("ana", "ana@example.com", at("lyon", v1alpha1.SourceMember))
	ben := heldMember("ben", "ben@example.com", at("lyon", v1alpha1.SourceTemplate("night")))
	for text, want := range map[string][]string{
		"email,teams\ncai@example.com,day;lyon\n":             nil,
		"email,site,teams\ncai@example.com,paris,day;night\n": nil,
		"email,teams\ncai@example.com,calls;closed\ndan@example.com,calls\n": {
			"m.csv:2:teams: warning: Team calls is of type Capacity, so it takes no members: name another one, or omit it (1 more row)",
			"m.csv:2:teams: warning: Team closed is not active, so it takes no members: name another one, or omit it",
		},
		"email,teams\nana@example.com,day\n":            {"m.csv:2:teams: " + elsewhere},
		"email,teams\nben@example.com,day;lyon\n":       {"m.csv:2:teams: " + elsewhere},
		"email,site,teams\nana@example.com,,day\n":      nil,
		"email,site,teams\nben@example.com,,day\n":      {"m.csv:2:teams: " + elsewhere},
		"email,site,teams\nben@example.com,paris,day\n": nil,
	} {
		var got []string
		for _, fault := range planFor(t, ModeUpsert, text, ana, ben).Faults {
			got = append(got, fault.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: warned of\n%s\nnot\n%s", text, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	for _, test := range []struct {
		spec v1alpha1.TeamSpec
		want Team
	}{
		{v1alpha1.TeamSpec{Site: "paris", Type: v1alpha1.TeamAgent}, Team{site: "paris"}},
		{v1alpha1.TeamSpec{Site: "paris", Type: v1alpha1.TeamCapacity}, Team{site: "paris", state: teamIsCapacity}},
		{v1alpha1.TeamSpec{Site: "paris", Active: new(false)}, Team{site: "paris", state: teamIsInactive}},
	} {
		if got := TeamOf(&v1alpha1.Team{Spec: test.spec}); got != test.want {
			t.Errorf("%+v, and not %+v", got, test.want)
		}
	}
}

func TestNoPlanMakesASupervisorWithAStandardLicense(t *testing.T) {
	t.Parallel()
	ana := heldMember("ana", "ana@example.com", spec(func(s *v1alpha1.MemberSpec) { s.Role = v1alpha1.RoleSupervisor }))
	ben := heldMember("ben", "ben@example.com", spec(func(s *v1alpha1.MemberSpec) { s.License = v1alpha1.LicenseStandard }))
	const why = " would be a Supervisor with a Standard license, and a Supervisor needs Premium: "
	const fault = why + "write Premium, or another role"
	for _, test := range []struct{ text, want string }{
		{"email,license\nana@example.com,standard\n", "m.csv:2:license: Member ana" + fault},
		{"email,role\nben@example.com,supervisor\n", "m.csv:2:role: Member ben" + fault},
		{
			"User ID/Email (Required),Webex Contact Center Standard\nana@example.com,TRUE\n",
			"m.csv:2:Webex Contact Center Standard: Member ana" + why + "write TRUE for Premium, or empty both cells",
		},
	} {
		if got := inShort(planFor(t, ModeUpsert, test.text, ana, ben)); !slices.Contains(got, test.want) {
			t.Errorf("the faults are\n%s\nwithout\n%s", strings.Join(got, "\n"), test.want)
		}
	}
	if plan := planFor(t, ModeUpsert, "email,license\nana@example.com,premium\nben@example.com,standard\n", ana, ben); plan.Faulty() != 0 {
		t.Errorf("the faults are %v", inShort(plan))
	}
}
