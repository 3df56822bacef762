package membertemplate

import (
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions/conditionstest"
	"rollcall.dev/rollcall/internal/references"
)

// at is the time at which the tests take place.
var at = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// observedTemplate returns the observation of a template that selects no Members.
func observedTemplate(change ...func(*observation)) observation {
	observed := observation{template: &v1alpha1.MemberTemplate{
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
		"ready":                        {observedTemplate(), v1alpha1.ReasonReady, true, false, []string{"The template is ready"}},
		"suspended":                    {observedTemplate(suspended), v1alpha1.ReasonSuspended, true, false, []string{"status.preview"}},
		"suspended, an object missing": {observedTemplate(suspended, missing(site)), v1alpha1.ReasonSiteNotFound, false, false, nil},
		"objects missing":              {observedTemplate(missing(site, group)), v1alpha1.ReasonSiteNotFound, false, false, []string{"no Site is named paris", "no SkillGroup is named billing", "create what is missing"}},
		"many objects missing":         {observedTemplate(missing(twelve...)), v1alpha1.ReasonTeamNotFound, false, false, []string{"team-9, and 2 more do not exist"}},
		"invalid selector":             {observedTemplate(broken, missing(site)), v1alpha1.ReasonSelectorInvalid, false, true, []string{"Around", "selects no Member. Correct it"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status := newStatus(test.observed, metav1.NewTime(at))
			if status.ObservedGeneration != 6 {
				t.Errorf("status is %+v", status)
			}
			if suspended := test.observed.template.Spec.Suspend; (status.Preview != nil) != suspended {
				t.Errorf("the preview is %+v, but suspend is %t", status.Preview, suspended)
			}
			conditionstest.CheckReady(t, status.Conditions, 6, test.ready, test.reason, test.stalled, test.words...)
		})
	}
}

func TestAMemberTemplateCountsItsMembersByTheirStatus(t *testing.T) {
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
	status := newStatus(observed, metav1.NewTime(at))
	if *status.Matched != 5 || *status.Applied != 2 || *status.Overruled != 2 {
		t.Errorf("%d match, %d apply, %d are overruled", *status.Matched, *status.Applied, *status.Overruled)
	}
}

func TestAPreviewShowsExactlyTheChanges(t *testing.T) {
	t.Parallel()
	wanted := v1alpha1.MemberTemplateSpec{
		ApplyTo: v1alpha1.ApplyToAllMembers, Suspend: true, License: v1alpha1.TierPremium, Role: v1alpha1.RoleSupervisor, UserProfile: "custom", DesktopProfile: "voice",
		Site: "paris", Teams: []string{"red", "blue"}, SkillGroups: []v1alpha1.SkillGroupReference{{Name: "sales"}, {Name: "billing", Priority: 1}},
	}
	change := func(field v1alpha1.TemplateField, from, to string) v1alpha1.TemplateChange {
		return v1alpha1.TemplateChange{Member: "ana", Field: field, From: from, To: to}
	}
	all := []v1alpha1.TemplateChange{
		change(v1alpha1.FieldLicense, "", "Premium"), change(v1alpha1.FieldRole, "DeskStaff", "Supervisor"), change(v1alpha1.FieldUserProfile, "", "custom"),
		change(v1alpha1.FieldDesktopProfile, "", "voice"), change(v1alpha1.FieldSite, "", "paris"), change(v1alpha1.FieldTeams, "", "blue, red"),
		change(v1alpha1.FieldSkillGroups, "", "billing:1, sales:3"),
	}
	other := func(precedence int32) func(*observation, *v1alpha1.Member) {
		return func(o *observation, _ *v1alpha1.Member) {
			o.templates = append(o.templates, &v1alpha1.MemberTemplate{ObjectMeta: metav1.ObjectMeta{Name: "others", UID: "others"}, Spec: v1alpha1.MemberTemplateSpec{
				ApplyTo: v1alpha1.ApplyToAllMembers, Precedence: precedence, License: v1alpha1.TierStandard, UserProfile: "other", DesktopProfile: "chat", Site: "lyon",
				Teams: []string{"green"}, Role: v1alpha1.RoleDeskStaff, SkillGroups: []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 2}},
			}})
		}
	}
	for name, test := range map[string]struct {
		change func(*observation, *v1alpha1.Member)
		wanted []v1alpha1.TemplateChange
	}{
		"a Member without own values":    {func(*observation, *v1alpha1.Member) {}, all},
		"a Member that needs no license": {func(o *observation, _ *v1alpha1.Member) { o.center.Spec.Licenses = nil }, all[1:]},
		"no contact center":              {func(o *observation, _ *v1alpha1.Member) { o.center = nil }, all[1:]},
		"a Member with its own values": {func(_ *observation, m *v1alpha1.Member) {
			m.Spec = v1alpha1.MemberSpec{
				Role: v1alpha1.RoleDeskAdmin, License: v1alpha1.LicenseStandard, UserProfile: "own", DesktopProfile: "own", Site: "nice", Teams: []string{"own"},
				SkillGroups: []v1alpha1.SkillGroupReference{{Name: "sales"}, {Name: "billing"}},
			}
		}, nil},
		"a Member with all values by default": {func(o *observation, m *v1alpha1.Member) {
			o.center.Spec.Defaults = &v1alpha1.Defaults{Site: "paris", UserProfile: "custom", DesktopProfile: "voice"}
			m.Spec = v1alpha1.MemberSpec{Role: v1alpha1.RoleDeskStaff, License: v1alpha1.LicensePremium, Teams: []string{"blue", "red"}}
			m.Status.SkillGroups = []v1alpha1.SkillGroupMembership{
				{Name: "billing", Priority: 5, Source: v1alpha1.MembershipFromSelector}, {Name: "sales", Priority: 3, Source: v1alpha1.MembershipFromSkillGroup},
			}
		}, []v1alpha1.TemplateChange{change(v1alpha1.FieldRole, "DeskStaff", "Supervisor")}},
		"a Member with a group of another template": {func(_ *observation, m *v1alpha1.Member) {
			m.Status.SkillGroups = []v1alpha1.SkillGroupMembership{{Name: "billing", Priority: 1, Source: v1alpha1.MembershipFromTemplate}}
		}, all},
		"a template of higher precedence": {other(1), []v1alpha1.TemplateChange{
			change(v1alpha1.FieldLicense, "Standard", "Premium"), change(v1alpha1.FieldSkillGroups, "billing:2", "billing:2, sales:3"),
		}},
		"a template of lower precedence": {other(-1), []v1alpha1.TemplateChange{
			change(v1alpha1.FieldLicense, "Standard", "Premium"), change(v1alpha1.FieldRole, "DeskStaff", "Supervisor"), change(v1alpha1.FieldUserProfile, "other", "custom"),
			change(v1alpha1.FieldDesktopProfile, "chat", "voice"), change(v1alpha1.FieldSite, "lyon", "paris"), change(v1alpha1.FieldTeams, "green", "blue, red"),
			change(v1alpha1.FieldSkillGroups, "billing:2", "billing:1, sales:3"),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Name: "ana"}, Spec: v1alpha1.MemberSpec{Role: v1alpha1.RoleDeskStaff}}
			observed := observedTemplate(func(o *observation) {
				o.template.Spec = wanted
				o.templates = []*v1alpha1.MemberTemplate{o.template}
				o.members = []*v1alpha1.Member{member}
				o.center = &v1alpha1.ContactCenter{Spec: v1alpha1.ContactCenterSpec{Licenses: &v1alpha1.Licenses{}}}
			})
			test.change(&observed, member)
			preview := newStatus(observed, metav1.NewTime(at)).Preview
			if members := int32(min(len(test.wanted), 1)); preview.Members != members || !equality.Semantic.DeepEqual(preview.Changes, test.wanted) {
				t.Errorf("the preview has %d members: %+v\nwant %d: %+v", preview.Members, preview.Changes, members, test.wanted)
			}
			if !observed.template.Spec.Suspend {
				t.Error("the preview resumed the template")
			}
		})
	}
}

func TestAPreviewIsBoundedAndSortedByName(t *testing.T) {
	t.Parallel()
	observed := observedTemplate(suspended, func(o *observation) {
		o.template.Spec.DesktopProfile = "voice"
		for i := range 64 {
			o.template.Spec.Teams = append(o.template.Spec.Teams, fmt.Sprintf("équipe-%02d", i))
		}
		o.templates = []*v1alpha1.MemberTemplate{o.template}
		for i := 99; i >= 0; i-- {
			o.members = append(o.members, &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("member-%02d", i)}})
		}
	})
	preview := newStatus(observed, metav1.NewTime(at)).Preview
	if preview.Members != 100 || len(preview.Changes) != maxPreviewChanges {
		t.Fatalf("the preview has %d members and %d changes", preview.Members, len(preview.Changes))
	}
	if first, last := preview.Changes[0], preview.Changes[maxPreviewChanges-1]; first.Member != "member-00" || last.Member != "member-16" || first.Field != v1alpha1.FieldDesktopProfile {
		t.Errorf("the first change is %+v, the last %+v", first, last)
	}
	if teams := []rune(preview.Changes[2].To); len(teams) != maxPreviewValue || teams[len(teams)-1] != '…' {
		t.Errorf("a value has %d characters: %s", len(teams), string(teams))
	}
}

// BenchmarkPreview previews one of several templates in a large contact center.
func BenchmarkPreview(b *testing.B) {
	observed := observedTemplate(suspended)
	for i := range 10 {
		template := observed.template.DeepCopy()
		template.Name, template.UID = fmt.Sprintf("template-%d", i), types.UID(fmt.Sprint(i))
		template.Spec.Suspend, template.Spec.Precedence = false, int32(i)
		template.Spec.Selector.MatchLabels = map[string]string{"team": fmt.Sprint(i)}
		observed.templates = append(observed.templates, template)
	}
	for i := range 10_000 {
		observed.members = append(observed.members, &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{
			Name: fmt.Sprintf("member-%d", i), Labels: map[string]string{"team": fmt.Sprint(i % 10)}, CreationTimestamp: metav1.NewTime(at.Add(time.Second)),
		}})
	}
	for b.Loop() {
		newStatus(observed, metav1.NewTime(at))
	}
}
