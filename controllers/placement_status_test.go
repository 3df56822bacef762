package controllers

import (
	"strings"
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// checkReady wants Ready with a reason, True or not, words in its message, and
// Stalled with the same words or not at all.
func checkReady(t *testing.T, conditions []metav1.Condition, generation int64, ready bool, reason string, stalled bool, words ...string) {
	t.Helper()
	condition := apimeta.FindStatusCondition(conditions, v1alpha1.ReadyCondition)
	if condition == nil {
		t.Fatal("Ready is absent")
	}
	if (condition.Status == metav1.ConditionTrue) != ready || condition.Reason != reason || condition.ObservedGeneration != generation {
		t.Errorf("Ready is %+v", condition)
	}
	for _, word := range words {
		if !strings.Contains(condition.Message, word) {
			t.Errorf("the message %q does not have %q", condition.Message, word)
		}
	}
	still := apimeta.FindStatusCondition(conditions, v1alpha1.StalledCondition)
	switch {
	case (still != nil) != stalled:
		t.Errorf("Stalled is %+v", still)
	case stalled && (still.Status != metav1.ConditionTrue || still.Reason != reason || still.Message != condition.Message):
		t.Errorf("Stalled is %+v, and Ready %+v", still, condition)
	}
}

// wasStalled are conditions of which one must go.
func wasStalled() []metav1.Condition {
	return []metav1.Condition{{Type: v1alpha1.StalledCondition, Status: metav1.ConditionTrue, Reason: "Before", Message: "before"}}
}

func TestStatusOfASite(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		holder, reason string
		words          []string
	}{
		"as asked for": {"", v1alpha1.ReasonReady, nil},
		"a namesake":   {"paris", v1alpha1.ReasonDuplicateDisplayName, []string{"Site paris", `"Paris"`, "delete one of the two"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := &v1alpha1.Site{ObjectMeta: metav1.ObjectMeta{Generation: 3}, Spec: v1alpha1.SiteSpec{DisplayName: "Paris"}, Status: v1alpha1.SiteStatus{Conditions: wasStalled()}}
			status := siteStatus(siteObservation{now: at, site: site, members: 2, teams: 1, nameHolder: test.holder})
			if status.ObservedGeneration != 3 || *status.Members != 2 || *status.Teams != 1 {
				t.Errorf("status is %+v", status)
			}
			checkReady(t, status.Conditions, 3, test.holder == "", test.reason, test.holder != "", test.words...)
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
		"as asked for":               {func(*teamObservation) {}, v1alpha1.ReasonReady, true, false, nil},
		"without its site":           {func(o *teamObservation) { o.siteExists = false }, v1alpha1.ReasonSiteNotFound, false, false, []string{"Site", "paris", "create it"}},
		"a namesake":                 {func(o *teamObservation) { o.nameHolder = "red" }, v1alpha1.ReasonDuplicateDisplayName, false, true, []string{"Team red", "Site paris", `"Billing"`}},
		"a namesake, without a site": {func(o *teamObservation) { o.nameHolder, o.siteExists = "red", false }, v1alpha1.ReasonDuplicateDisplayName, false, true, nil},
		"of outside lines":           {func(o *teamObservation) { o.team.Spec.Type = v1alpha1.TeamCapacity }, v1alpha1.ReasonReady, true, false, []string{"takes no members"}},
		"not active":                 {func(o *teamObservation) { o.team.Spec.Active = new(false) }, v1alpha1.ReasonReady, true, false, []string{"not active"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			observed := teamObservation{now: at, members: 4, siteExists: true, team: &v1alpha1.Team{
				ObjectMeta: metav1.ObjectMeta{Generation: 5},
				Spec:       v1alpha1.TeamSpec{DisplayName: "Billing", Site: "paris", Type: v1alpha1.TeamAgent},
				Status:     v1alpha1.TeamStatus{Conditions: wasStalled()},
			}}
			test.change(&observed)
			status := teamStatus(observed)
			if status.ObservedGeneration != 5 || *status.Members != 4 {
				t.Errorf("status is %+v", status)
			}
			checkReady(t, status.Conditions, 5, test.ready, test.reason, test.stalled, test.words...)
		})
	}
}

func TestStatusOfADesktopProfile(t *testing.T) {
	t.Parallel()
	status := desktopProfileStatus(desktopProfileObservation{now: at, members: 7, profile: &v1alpha1.DesktopProfile{ObjectMeta: metav1.ObjectMeta{Generation: 2}}})
	if status.ObservedGeneration != 2 || *status.Members != 7 {
		t.Errorf("status is %+v", status)
	}
	checkReady(t, status.Conditions, 2, true, v1alpha1.ReasonReady, false)
}
