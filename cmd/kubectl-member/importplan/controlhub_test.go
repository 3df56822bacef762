package importplan

import (
	"reflect"
	"strings"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// seated returns a Member with a seat, or waiting for one, from a MemberTemplate.
func seated(tier, requested v1alpha1.LicenseTier) func(*v1alpha1.Member) {
	return func(m *v1alpha1.Member) {
		m.Status.License = &v1alpha1.LicenseStatus{Tier: tier, Requested: requested, Source: v1alpha1.SourceTemplate("night")}
	}
}

func TestServicesKeepLicensesFromTemplatesUnlessTheyRemoveThem(t *testing.T) {
	t.Parallel()
	const standard, premium = v1alpha1.TierStandard, v1alpha1.TierPremium
	for _, test := range []struct {
		name            string
		cells           string
		member          func(*v1alpha1.Member)
		add, andRemoved string
	}{
		{"Standard does not remove Premium", "TRUE,", seated(premium, ""), "unchanged 1", "unchanged 1"},
		{"nor with FALSE for Premium, which changes nothing", "TRUE,FALSE", seated(premium, ""), "unchanged 1", "changed: license ana map[license:Standard]"},
		{"nor from a member who waits for Premium", "TRUE,", seated("", premium), "unchanged 1", "unchanged 1"},
		{"nor from a member who waits for Premium with a Standard seat", "TRUE,", seated(standard, premium), "unchanged 1", "unchanged 1"},
		{"nor from a member who still has Premium", "TRUE,", seated(premium, standard), "unchanged 1", "unchanged 1"},
		{"Premium is more than the template gives", ",TRUE", seated(standard, ""), "changed: license ana map[license:Premium]", "changed: license ana map[license:Premium]"},
		{"FALSE for the license of the template removes it", ",FALSE", seated(premium, ""), "unchanged 1", "changed: license ana map[license:None]"},
		{"FALSE for both removes it too", "FALSE,FALSE", seated(standard, ""), "unchanged 1", "changed: license ana map[license:None]"},
		{"FALSE for the other license does not", "FALSE,", seated(premium, ""), "unchanged 1", "unchanged 1"},
		{"a member without a license stays so", "FALSE,", func(*v1alpha1.Member) {}, "unchanged 1", "unchanged 1"},
	} {
		text := "User ID/Email (Required),Webex Contact Center Standard,Webex Contact Center Premium\nana@example.com," + test.cells + "\n"
		for mode, want := range map[roster.ServicesMode]string{roster.AddServices: test.add, roster.AddRemoveServices: test.andRemoved} {
			plan := planHub(t, ControlHubRules{Services: mode}, text, heldMember("ana", "ana@example.com", test.member))
			if got := strings.Join(inShort(plan), "\n"); got != want {
				t.Errorf("%s: with %s it is %q, and not %q", test.name, mode, got, want)
			}
		}
	}
}

func TestPeopleWithoutAContactCenterServiceAreLeftOut(t *testing.T) {
	t.Parallel()
	const text = "User ID/Email (Required),User Status,Webex Contact Center Standard,Webex Contact Center Premium\n" +
		"ana@example.com,Active,FALSE,FALSE\nben@example.com,Inactive,,FALSE\ncai@example.com,Inactive,,\ndan@example.com,inactive,TRUE,FALSE\neve@example.com,Inactive,FALSE,FALSE\n"
	eve := heldMember("eve", "eve@example.com")
	for _, test := range []struct {
		rules ControlHubRules
		text  string
		want  []string
	}{
		{
			ControlHubRules{Services: roster.AddServices},
			text,
			[]string{
				"added cai", "added dan", "unchanged 1",
				"m.csv: warning: 2 people in the file have no service of Webex Contact Center and are left out: to add them, use --all-users",
				"m.csv: warning: 2 new people have the User Status Inactive, which import ignores: to deny login, run kubectl member edit NAME --active=false",
			},
		},
		{
			ControlHubRules{Services: roster.AddServices, AllUsers: true},
			text,
			[]string{
				"added ana", "added ben", "added cai", "added dan", "unchanged 1",
				"m.csv: warning: 3 new people have the User Status Inactive, which import ignores: to deny login, run kubectl member edit NAME --active=false",
			},
		},
		{
			ControlHubRules{Services: roster.AddServices},
			"User ID/Email (Required),Webex Contact Center Premium\nana@example.com,FALSE\nben@example.com,\n",
			[]string{
				"added ben",
				"m.csv: warning: 1 person in the file has no service of Webex Contact Center and is left out: to add them, use --all-users",
			},
		},
		{
			ControlHubRules{Services: roster.AddRemoveServices},
			"User ID/Email (Required)\nana@example.com\n",
			[]string{
				"added ana",
				"m.csv: warning: the file has no column for a service of Webex Contact Center, so --services add-remove removes no license: export it again with these columns",
			},
		},
	} {
		if got := inShort(planHub(t, test.rules, test.text, eve)); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%+v: planned\n%s\nnot\n%s", test.rules, strings.Join(got, "\n"), strings.Join(test.want, "\n"))
		}
	}
}

// planHub plans a file of Control Hub.
func planHub(t *testing.T, rules ControlHubRules, text string, members ...v1alpha1.Member) Plan {
	t.Helper()
	sheet, faults, err := roster.Read(strings.NewReader(text), "m.csv", roster.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	existing := NewExisting("desk")
	for i := range members {
		existing.Add(&members[i])
	}
	return New(sheet, faults, ModeUpsert, rules, existing)
}
