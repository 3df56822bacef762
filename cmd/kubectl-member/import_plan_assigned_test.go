package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestAPlanGivesAndTakesLicenceProfilesAndPlacement(t *testing.T) {
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
		"what is the same changes nothing, with teams in any order": {
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
		"what differs is written and nothing else": {
			header + "ana@example.com,none,supervisor,lean,paris,day\n",
			[]v1alpha1.Member{placed},
			[]string{"changed: license, teams ana map[license:None teams:[day]]"},
		},
		"names that nothing has are warnings, once each, and profiles that may not be read are none": {
			header + "ana@example.com,,auditor,lean,rome,late\nben@example.com,,supervisor,,rome,\n", nil,
			[]string{
				"added ana", "added ben",
				"m.csv:2:user profile: warning: there is no UserProfile auditor yet: members have no permissions until it is made; correct the name if it is a slip",
				"m.csv:2:site: warning: there is no Site rome yet: members are at it once it is made; correct the name if it is a slip (1 more row names it)",
				"m.csv:2:teams: warning: there is no Team late yet: members are in it once it is made; correct the name if it is a slip",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := inShort(planFor(t, modeUpsert, test.text, test.members...)); !reflect.DeepEqual(got, test.want) {
				t.Errorf("planned\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestNoPlanMakesASupervisorWithAStandardLicence(t *testing.T) {
	t.Parallel()
	ana := heldMember("ana", "ana@example.com", spec(func(s *v1alpha1.MemberSpec) { s.Role = v1alpha1.RoleSupervisor }))
	ben := heldMember("ben", "ben@example.com", spec(func(s *v1alpha1.MemberSpec) { s.License = v1alpha1.LicenseStandard }))
	const fault = " would be a Supervisor with a Standard licence, and a Supervisor needs Premium: write Premium, or another role"
	for _, test := range []struct{ text, want string }{
		{"email,license\nana@example.com,standard\n", "m.csv:2:license: Member ana" + fault},
		{"email,role\nben@example.com,supervisor\n", "m.csv:2:role: Member ben" + fault},
		{
			"User ID/Email (Required),Webex Contact Center Standard\nana@example.com,TRUE\n",
			"m.csv:2:Webex Contact Center Standard: Member ana" + fault,
		},
	} {
		if got := inShort(planFor(t, modeUpsert, test.text, ana, ben)); !slices.Contains(got, test.want) {
			t.Errorf("the faults are\n%s\nwithout\n%s", strings.Join(got, "\n"), test.want)
		}
	}
	if plan := planFor(t, modeUpsert, "email,license\nana@example.com,premium\nben@example.com,standard\n", ana, ben); plan.faulty() != 0 {
		t.Errorf("the faults are %v", inShort(plan))
	}
}
