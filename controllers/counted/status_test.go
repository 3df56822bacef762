package counted

import (
	"context"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions/conditionstest"
)

// at is the time at which the tests take place.
var at = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func TestStatusOfASite(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		holder, reason string
		words          []string
	}{
		"ready":     {"", v1alpha1.ReasonReady, []string{"The site is ready"}},
		"duplicate": {"paris", v1alpha1.ReasonDuplicateDisplayName, []string{"Site paris", `"Paris"`, "delete one of the two"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := &v1alpha1.Site{ObjectMeta: metav1.ObjectMeta{Generation: 3}, Spec: v1alpha1.SiteSpec{DisplayName: "Paris"}, Status: v1alpha1.SiteStatus{Conditions: conditionstest.WasStalled()}}
			setSiteStatus(site, siteObservation{members: 2, teams: 1, nameHolder: test.holder}, metav1.NewTime(at))
			status := &site.Status
			if status.ObservedGeneration != 3 || *status.Members != 2 || *status.Teams != 1 {
				t.Errorf("status is %+v", status)
			}
			conditionstest.CheckReady(t, status.Conditions, 3, test.holder == "", test.reason, test.holder != "", test.words...)
		})
	}
}

func TestStatusOfATeam(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change  func(*teamObservation, *v1alpha1.TeamSpec)
		reason  string
		ready   bool
		stalled bool
		words   []string
	}{
		"ready":                    {func(*teamObservation, *v1alpha1.TeamSpec) {}, v1alpha1.ReasonReady, true, false, []string{"The team is ready"}},
		"without its site":         {func(o *teamObservation, _ *v1alpha1.TeamSpec) { o.siteExists = false }, v1alpha1.ReasonSiteNotFound, false, false, []string{"Site", "paris", "Create the Site"}},
		"duplicate":                {func(o *teamObservation, _ *v1alpha1.TeamSpec) { o.nameHolder = "red" }, v1alpha1.ReasonDuplicateDisplayName, false, true, []string{"Team red", "Site paris", `"Billing"`}},
		"duplicate without a site": {func(o *teamObservation, _ *v1alpha1.TeamSpec) { o.nameHolder, o.siteExists = "red", false }, v1alpha1.ReasonDuplicateDisplayName, false, true, nil},
		"Capacity team":            {func(_ *teamObservation, s *v1alpha1.TeamSpec) { s.Type = v1alpha1.TeamCapacity }, v1alpha1.ReasonReady, true, false, []string{"takes no members"}},
		"not active":               {func(_ *teamObservation, s *v1alpha1.TeamSpec) { s.Active = new(false) }, v1alpha1.ReasonReady, true, false, []string{"not active"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			team := &v1alpha1.Team{
				ObjectMeta: metav1.ObjectMeta{Generation: 5},
				Spec:       v1alpha1.TeamSpec{DisplayName: "Billing", Site: "paris", Type: v1alpha1.TeamAgent},
				Status:     v1alpha1.TeamStatus{Conditions: conditionstest.WasStalled()},
			}
			observed := teamObservation{members: 4, siteExists: true}
			test.change(&observed, &team.Spec)
			setTeamStatus(team, observed, metav1.NewTime(at))
			status := &team.Status
			if status.ObservedGeneration != 5 || *status.Members != 4 {
				t.Errorf("status is %+v", status)
			}
			conditionstest.CheckReady(t, status.Conditions, 5, test.ready, test.reason, test.stalled, test.words...)
		})
	}
}

func TestStatusOfADesktopProfile(t *testing.T) {
	t.Parallel()
	profile := &v1alpha1.DesktopProfile{ObjectMeta: metav1.ObjectMeta{Generation: 2}}
	setDesktopProfileStatus(profile, 7, metav1.NewTime(at))
	status := &profile.Status
	if status.ObservedGeneration != 2 || *status.Members != 7 {
		t.Errorf("status is %+v", status)
	}
	conditionstest.CheckReady(t, status.Conditions, 2, true, v1alpha1.ReasonReady, false)
}

func TestADisplayNameBelongsToTheOldestWithTheLowestUID(t *testing.T) {
	t.Parallel()
	site := func(name, displayName string, age time.Duration, uid types.UID) *v1alpha1.Site {
		return &v1alpha1.Site{
			ObjectMeta: metav1.ObjectMeta{Name: name, UID: uid, CreationTimestamp: metav1.NewTime(at.Add(-age))},
			Spec:       v1alpha1.SiteSpec{DisplayName: displayName},
		}
	}
	sites := []*v1alpha1.Site{
		site("young", "Paris", time.Minute, "1"),
		site("old", "paris", time.Hour, "2"),
		site("same-age", "LYON", time.Hour, "4"),
		site("lower-uid", "Lyon", time.Hour, "3"),
		site("accented", "ÉVRY", time.Minute, "6"),
		site("accented-older", "évry", time.Hour, "7"),
		site("unique", "Nice", time.Minute, "5"),
	}
	names := displayNames[*v1alpha1.Site]{
		of:    func(site *v1alpha1.Site) string { return site.Spec.DisplayName },
		among: func(context.Context, *v1alpha1.Site) ([]*v1alpha1.Site, error) { return sites, nil },
	}
	wanted := map[string]string{"young": "old", "same-age": "lower-uid", "accented": "accented-older"}
	for _, site := range sites {
		holder, err := names.holder(t.Context(), site)
		if err != nil || holder != wanted[site.Name] {
			t.Errorf("the display name of %s is held by %q, not %q (%v)", site.Name, holder, wanted[site.Name], err)
		}
	}
}
