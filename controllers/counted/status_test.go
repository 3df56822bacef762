package counted

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions/conditionstest"
)

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
			status := siteStatus(siteObservation{now: at, site: site, members: 2, teams: 1, nameHolder: test.holder})
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
		change  func(*teamObservation)
		reason  string
		ready   bool
		stalled bool
		words   []string
	}{
		"ready":                    {func(*teamObservation) {}, v1alpha1.ReasonReady, true, false, []string{"The team is ready"}},
		"without its site":         {func(o *teamObservation) { o.siteExists = false }, v1alpha1.ReasonSiteNotFound, false, false, []string{"Site", "paris", "Create the Site"}},
		"duplicate":                {func(o *teamObservation) { o.nameHolder = "red" }, v1alpha1.ReasonDuplicateDisplayName, false, true, []string{"Team red", "Site paris", `"Billing"`}},
		"duplicate without a site": {func(o *teamObservation) { o.nameHolder, o.siteExists = "red", false }, v1alpha1.ReasonDuplicateDisplayName, false, true, nil},
		"Capacity team":            {func(o *teamObservation) { o.team.Spec.Type = v1alpha1.TeamCapacity }, v1alpha1.ReasonReady, true, false, []string{"takes no members"}},
		"not active":               {func(o *teamObservation) { o.team.Spec.Active = new(false) }, v1alpha1.ReasonReady, true, false, []string{"not active"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			observed := teamObservation{now: at, members: 4, siteExists: true, team: &v1alpha1.Team{
				ObjectMeta: metav1.ObjectMeta{Generation: 5},
				Spec:       v1alpha1.TeamSpec{DisplayName: "Billing", Site: "paris", Type: v1alpha1.TeamAgent},
				Status:     v1alpha1.TeamStatus{Conditions: conditionstest.WasStalled()},
			}}
			test.change(&observed)
			status := teamStatus(observed)
			if status.ObservedGeneration != 5 || *status.Members != 4 {
				t.Errorf("status is %+v", status)
			}
			conditionstest.CheckReady(t, status.Conditions, 5, test.ready, test.reason, test.stalled, test.words...)
		})
	}
}

func TestStatusOfADesktopProfile(t *testing.T) {
	t.Parallel()
	status := desktopProfileStatus(desktopProfileObservation{now: at, members: 7, profile: &v1alpha1.DesktopProfile{ObjectMeta: metav1.ObjectMeta{Generation: 2}}})
	if status.ObservedGeneration != 2 || *status.Members != 7 {
		t.Errorf("status is %+v", status)
	}
	conditionstest.CheckReady(t, status.Conditions, 2, true, v1alpha1.ReasonReady, false)
}
