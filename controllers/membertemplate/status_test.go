package membertemplate

import (
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions/conditionstest"
	"rollcall.dev/rollcall/internal/references"
)

// at is when the tests take place.
var at = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// observedTemplate is a template that was looked at, and nobody is about.
func observedTemplate(change ...func(*observation)) observation {
	observed := observation{now: at, template: &v1alpha1.MemberTemplate{
		ObjectMeta: metav1.ObjectMeta{Name: "agents", UID: "agents", Generation: 6, CreationTimestamp: metav1.NewTime(at)},
		Spec:       v1alpha1.MemberTemplateSpec{ApplyTo: v1alpha1.ApplyToAllMembers, Site: "paris"},
		Status:     v1alpha1.MemberTemplateStatus{Conditions: conditionstest.WasStalled(), Preview: &v1alpha1.TemplatePreview{Members: 9}},
	}}
	for _, change := range change {
		change(&observed)
	}
	return observed
}

func suspended(o *observation) { o.template.Spec.Suspend = true }

func TestConditionsOfAMemberTemplate(t *testing.T) {
	t.Parallel()
	missing := func(names ...references.Missing) func(*observation) {
		return func(o *observation) { o.missing = names }
	}
	var twelve []references.Missing
	for i := range 12 {
		twelve = append(twelve, references.Missing{Kind: "Team", Reason: v1alpha1.ReasonTeamNotFound, Name: fmt.Sprintf("team-%d", i)})
	}
	broken := func(o *observation) { o.selectorProblem = `"Around" is not a valid operator` }
	site, group := references.Missing{Kind: "Site", Reason: v1alpha1.ReasonSiteNotFound, Name: "paris"}, references.Missing{Kind: "SkillGroup", Reason: v1alpha1.ReasonSkillGroupNotFound, Name: "billing"}
	for name, test := range map[string]struct {
		observed observation
		reason   string
		ready    bool
		stalled  bool
		words    []string
	}{
		"as asked for":                 {observedTemplate(), v1alpha1.ReasonReady, true, false, nil},
		"suspended":                    {observedTemplate(suspended), v1alpha1.ReasonSuspended, true, false, []string{"status.preview"}},
		"suspended, and something not": {observedTemplate(suspended, missing(site)), v1alpha1.ReasonSiteNotFound, false, false, nil},
		"names what is not there":      {observedTemplate(missing(site, group)), v1alpha1.ReasonSiteNotFound, false, false, []string{"no Site is named paris", "no SkillGroup is named billing", "create what is missing"}},
		"names much that is not there": {observedTemplate(missing(twelve...)), v1alpha1.ReasonTeamNotFound, false, false, []string{"team-9, and 2 more do not exist"}},
		"a selector that is none":      {observedTemplate(broken, missing(site)), v1alpha1.ReasonSelectorInvalid, false, true, []string{"Around", "selects no Member. Correct it"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status := newStatus(test.observed)
			if status.ObservedGeneration != 6 {
				t.Errorf("status is %+v", status)
			}
			if suspended := test.observed.template.Spec.Suspend; (status.Preview != nil) != suspended {
				t.Errorf("the preview is %+v, and suspend %t", status.Preview, suspended)
			}
			conditionstest.CheckReady(t, status.Conditions, 6, test.ready, test.reason, test.stalled, test.words...)
		})
	}
}

func TestCountsOfAMemberTemplateAreWhatItsMembersSay(t *testing.T) {
	t.Parallel()
	member := func(uses ...v1alpha1.TemplateUse) *v1alpha1.Member {
		return &v1alpha1.Member{Status: v1alpha1.MemberStatus{Templates: uses}}
	}
	gives := []v1alpha1.TemplateField{v1alpha1.FieldSite}
	overruled := []v1alpha1.OverruledField{{Field: v1alpha1.FieldTeams, By: v1alpha1.SourceMember}}
	observed := observedTemplate(func(o *observation) {
		o.members = []*v1alpha1.Member{
			member(),
			member(v1alpha1.TemplateUse{Name: "others", Gives: gives, Overruled: overruled}),
			member(v1alpha1.TemplateUse{Name: "others"}, v1alpha1.TemplateUse{Name: "agents", Gives: gives}),
			member(v1alpha1.TemplateUse{Name: "agents", Overruled: overruled}),
			member(v1alpha1.TemplateUse{Name: "agents", Gives: gives, Overruled: overruled}),
		}
	})
	status := newStatus(observed)
	if *status.Matched != 5 || *status.Applied != 2 || *status.Overruled != 2 {
		t.Errorf("%d match, %d apply, %d are overruled", *status.Matched, *status.Applied, *status.Overruled)
	}
}
