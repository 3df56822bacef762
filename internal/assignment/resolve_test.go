package assignment

import (
	"fmt"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// monday is the creation time of the Members in these tests.
var monday = metav1.NewTime(time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC))

// newTemplate returns a template for all Members, created a day before the Member.
func newTemplate(name string, spec v1alpha1.MemberTemplateSpec) *v1alpha1.MemberTemplate {
	return &v1alpha1.MemberTemplate{
		ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(monday.Add(-24 * time.Hour))},
		Spec:       spec,
	}
}

// older makes a template older by a number of days.
func older(template *v1alpha1.MemberTemplate, days int) *v1alpha1.MemberTemplate {
	template.CreationTimestamp = metav1.NewTime(template.CreationTimestamp.Add(-time.Duration(days) * 24 * time.Hour))
	return template
}

func TestResolveReturnsWhatAMemberReceives(t *testing.T) {
	t.Parallel()
	type template = v1alpha1.MemberTemplateSpec
	from := func(name string, source v1alpha1.AssignmentSource) v1alpha1.Assignment {
		return v1alpha1.Assignment{Name: name, Source: source}
	}
	gives := func(name string, fields ...v1alpha1.TemplateField) v1alpha1.TemplateUse {
		return v1alpha1.TemplateUse{Name: name, Gives: fields}
	}
	overruled := func(use v1alpha1.TemplateUse, field v1alpha1.TemplateField, by v1alpha1.AssignmentSource) v1alpha1.TemplateUse {
		use.Overruled = append(use.Overruled, v1alpha1.OverruledField{Field: field, By: by})
		return use
	}
	deskStaff := from("DeskStaff", v1alpha1.SourceDefault)
	for name, test := range map[string]struct {
		member    v1alpha1.MemberSpec
		defaults  *v1alpha1.Defaults
		templates []*v1alpha1.MemberTemplate
		want      Resolution
	}{
		"no field is set": {want: Resolution{Role: deskStaff}},
		"defaults": {
			defaults: &v1alpha1.Defaults{Site: "paris", UserProfile: "lead", DesktopProfile: "chat"},
			want: Resolution{
				Role: deskStaff, Site: from("paris", v1alpha1.SourceDefault),
				UserProfile: from("lead", v1alpha1.SourceDefault), DesktopProfile: from("chat", v1alpha1.SourceDefault),
			},
		},
		"no default restricts an administrator": {
			member:   v1alpha1.MemberSpec{Role: v1alpha1.RoleDeskAdmin},
			defaults: &v1alpha1.Defaults{UserProfile: "lead"},
			want:     Resolution{Role: from("DeskAdmin", v1alpha1.SourceMember)},
		},
		"no profile restricts the Super Admin": {
			member:    v1alpha1.MemberSpec{Role: v1alpha1.RoleSuperAdmin},
			templates: []*v1alpha1.MemberTemplate{newTemplate("all", template{UserProfile: "lead"})},
			want: Resolution{
				Role: from("SuperAdmin", v1alpha1.SourceMember),
				Uses: []v1alpha1.TemplateUse{overruled(gives("all"), v1alpha1.FieldUserProfile, v1alpha1.SourceDefault)},
			},
		},
		"a template overrides a default": {
			defaults:  &v1alpha1.Defaults{Site: "paris"},
			templates: []*v1alpha1.MemberTemplate{newTemplate("lyon", template{Site: "lyon"})},
			want: Resolution{
				Role: deskStaff, Site: from("lyon", "Template/lyon"), Uses: []v1alpha1.TemplateUse{gives("lyon", v1alpha1.FieldSite)},
			},
		},
		"the Member overrides templates and defaults": {
			member: v1alpha1.MemberSpec{
				License: v1alpha1.LicenseStandard, UserProfile: "own", DesktopProfile: "own", Site: "own", Teams: []string{"own"},
			},
			defaults: &v1alpha1.Defaults{Site: "paris"},
			templates: []*v1alpha1.MemberTemplate{newTemplate("all", template{
				License: v1alpha1.TierPremium, UserProfile: "its", DesktopProfile: "own", Site: "its", Teams: []string{"its"},
			})},
			want: Resolution{
				Role: from("DeskStaff", v1alpha1.SourceMember), License: LicenseRequest{Tier: v1alpha1.TierStandard, Source: v1alpha1.SourceMember},
				UserProfile: from("own", v1alpha1.SourceMember), DesktopProfile: from("own", v1alpha1.SourceMember),
				Site: from("own", v1alpha1.SourceMember), Teams: []v1alpha1.Assignment{from("own", v1alpha1.SourceMember)},
				Uses: []v1alpha1.TemplateUse{{Name: "all", Overruled: []v1alpha1.OverruledField{
					{Field: v1alpha1.FieldLicense, By: v1alpha1.SourceMember},
					{Field: v1alpha1.FieldUserProfile, By: v1alpha1.SourceMember},
					{Field: v1alpha1.FieldSite, By: v1alpha1.SourceMember},
					{Field: v1alpha1.FieldTeams, By: v1alpha1.SourceMember},
				}}},
			},
		},
		"the higher precedence wins, then the older template, then the name": {
			templates: []*v1alpha1.MemberTemplate{
				newTemplate("b", template{Site: "b", DesktopProfile: "b", UserProfile: "b"}),
				newTemplate("a", template{Site: "a", DesktopProfile: "a", UserProfile: "a"}),
				older(newTemplate("c", template{Site: "c", DesktopProfile: "c"}), 1),
				newTemplate("d", template{Site: "d", Precedence: 1}),
			},
			want: Resolution{
				Role: deskStaff, Site: from("d", "Template/d"), DesktopProfile: from("c", "Template/c"), UserProfile: from("a", "Template/a"),
				Uses: []v1alpha1.TemplateUse{
					gives("d", v1alpha1.FieldSite),
					overruled(gives("c", v1alpha1.FieldDesktopProfile), v1alpha1.FieldSite, "Template/d"),
					overruled(overruled(gives("a", v1alpha1.FieldUserProfile), v1alpha1.FieldDesktopProfile, "Template/c"), v1alpha1.FieldSite, "Template/d"),
					overruled(overruled(overruled(gives("b"), v1alpha1.FieldUserProfile, "Template/a"), v1alpha1.FieldDesktopProfile, "Template/c"), v1alpha1.FieldSite, "Template/d"),
				},
			},
		},
		"Premium wins over a Standard of higher precedence": {
			templates: []*v1alpha1.MemberTemplate{
				newTemplate("all", template{License: v1alpha1.TierStandard, Precedence: 9}),
				newTemplate("some", template{License: v1alpha1.TierPremium}),
			},
			want: Resolution{
				Role: deskStaff, License: LicenseRequest{Tier: v1alpha1.TierPremium, Source: "Template/some"},
				Uses: []v1alpha1.TemplateUse{
					overruled(gives("all"), v1alpha1.FieldLicense, "Template/some"), gives("some", v1alpha1.FieldLicense),
				},
			},
		},
		"a request for no license overrides a template": {
			member:    v1alpha1.MemberSpec{License: v1alpha1.LicenseNone},
			templates: []*v1alpha1.MemberTemplate{newTemplate("all", template{License: v1alpha1.TierPremium})},
			want: Resolution{
				Role: deskStaff, License: LicenseRequest{Source: v1alpha1.SourceMember},
				Uses: []v1alpha1.TemplateUse{overruled(gives("all"), v1alpha1.FieldLicense, v1alpha1.SourceMember)},
			},
		},
		"a template changes Desk Staff to Supervisor": {
			templates: []*v1alpha1.MemberTemplate{newTemplate("leads", template{Role: v1alpha1.RoleSupervisor, License: v1alpha1.TierPremium})},
			want: Resolution{
				Role: from("Supervisor", "Template/leads"), License: LicenseRequest{Tier: v1alpha1.TierPremium, Source: "Template/leads"},
				Uses: []v1alpha1.TemplateUse{gives("leads", v1alpha1.FieldRole, v1alpha1.FieldLicense)},
			},
		},
		"a stronger template keeps Desk Staff": {
			templates: []*v1alpha1.MemberTemplate{
				newTemplate("leads", template{Role: v1alpha1.RoleSupervisor}), newTemplate("no-leads", template{Role: v1alpha1.RoleDeskStaff, Precedence: 1}),
			},
			want: Resolution{
				Role: from("DeskStaff", "Template/no-leads"),
				Uses: []v1alpha1.TemplateUse{
					gives("no-leads", v1alpha1.FieldRole), overruled(gives("leads"), v1alpha1.FieldRole, "Template/no-leads"),
				},
			},
		},
		"a template does not change Desk Staff with a Standard license": {
			member:    v1alpha1.MemberSpec{License: v1alpha1.LicenseStandard},
			templates: []*v1alpha1.MemberTemplate{newTemplate("leads", template{Role: v1alpha1.RoleSupervisor})},
			want: Resolution{
				Role: from("DeskStaff", v1alpha1.SourceMember), License: LicenseRequest{Tier: v1alpha1.TierStandard, Source: v1alpha1.SourceMember},
				Uses: []v1alpha1.TemplateUse{overruled(gives("leads"), v1alpha1.FieldRole, v1alpha1.SourceMember)},
			},
		},
		"a template does not change an administrator": {
			member:    v1alpha1.MemberSpec{Role: v1alpha1.RoleDeskAdmin},
			templates: []*v1alpha1.MemberTemplate{newTemplate("leads", template{Role: v1alpha1.RoleSupervisor})},
			want: Resolution{
				Role: from("DeskAdmin", v1alpha1.SourceMember),
				Uses: []v1alpha1.TemplateUse{overruled(gives("leads"), v1alpha1.FieldRole, v1alpha1.SourceMember)},
			},
		},
		"a Standard license does not suit a Supervisor": {
			member:    v1alpha1.MemberSpec{Role: v1alpha1.RoleSupervisor},
			templates: []*v1alpha1.MemberTemplate{newTemplate("all", template{License: v1alpha1.TierStandard})},
			want: Resolution{
				Role:    from("Supervisor", v1alpha1.SourceMember),
				License: LicenseRequest{Source: "Template/all", Unsuited: v1alpha1.TierStandard},
				Uses:    []v1alpha1.TemplateUse{gives("all", v1alpha1.FieldLicense)},
			},
		},
		"teams come from one template, groups from all": {
			templates: []*v1alpha1.MemberTemplate{
				newTemplate("a", template{Precedence: 2, Teams: []string{"north", "south"}, SkillGroups: []v1alpha1.SkillGroupReference{{Name: "sales", Priority: 1}}}),
				newTemplate("b", template{Precedence: 1, Teams: []string{"south", "north"}, SkillGroups: []v1alpha1.SkillGroupReference{{Name: "sales", Priority: 5}, {Name: "billing"}}}),
				newTemplate("c", template{Teams: []string{"west"}}),
			},
			want: Resolution{
				Role:   deskStaff,
				Teams:  []v1alpha1.Assignment{from("north", "Template/a"), from("south", "Template/a")},
				Groups: []v1alpha1.SkillGroupReference{{Name: "sales", Priority: 1}, {Name: "billing"}},
				Uses: []v1alpha1.TemplateUse{
					gives("a", v1alpha1.FieldTeams, v1alpha1.FieldSkillGroups), gives("b", v1alpha1.FieldSkillGroups),
					overruled(gives("c"), v1alpha1.FieldTeams, "Template/a"),
				},
			},
		},
		"a template does not give groups that the Member lists itself": {
			member:    v1alpha1.MemberSpec{SkillGroups: []v1alpha1.SkillGroupReference{{Name: "sales"}}},
			templates: []*v1alpha1.MemberTemplate{newTemplate("all", template{SkillGroups: []v1alpha1.SkillGroupReference{{Name: "sales"}}})},
			want:      Resolution{Role: deskStaff, Uses: []v1alpha1.TemplateUse{gives("all")}},
		},
		"a suspended template gives nothing": {
			templates: []*v1alpha1.MemberTemplate{newTemplate("all", template{Site: "paris", Suspend: true})},
			want:      Resolution{Role: deskStaff},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Name: "ana", CreationTimestamp: monday}, Spec: test.member}
			if member.Spec.Role == "" {
				member.Spec.Role = v1alpha1.RoleDeskStaff // the default in the CRD
			}
			center := &v1alpha1.ContactCenter{Spec: v1alpha1.ContactCenterSpec{Defaults: test.defaults, Licenses: &v1alpha1.Licenses{}}}
			got := Resolve(member, center, test.templates)
			// In this format, nil and an empty list are equal.
			if got, want := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", test.want); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestTemplatesSelectMembers(t *testing.T) {
	t.Parallel()
	member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"shift": "night"}, CreationTimestamp: monday}}
	night := metav1.LabelSelector{MatchLabels: map[string]string{"shift": "night"}}
	for name, test := range map[string]struct {
		created  time.Duration // after the member
		selector metav1.LabelSelector
		applyTo  v1alpha1.TemplateScope
		want     bool
	}{
		"an older template":                {-time.Hour, night, v1alpha1.ApplyToNewMembers, true},
		"a template of the same second":    {0, night, v1alpha1.ApplyToNewMembers, true},
		"a later template for new Members": {time.Second, night, v1alpha1.ApplyToNewMembers, false},
		"a later template for all Members": {time.Hour, night, v1alpha1.ApplyToAllMembers, true},
		"an empty selector":                {-time.Hour, metav1.LabelSelector{}, v1alpha1.ApplyToNewMembers, true},
		"other labels":                     {-time.Hour, metav1.LabelSelector{MatchLabels: map[string]string{"shift": "day"}}, v1alpha1.ApplyToAllMembers, false},
		"an invalid selector":              {-time.Hour, metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "shift", Operator: "Near"}}}, v1alpha1.ApplyToAllMembers, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template := &v1alpha1.MemberTemplate{
				ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(monday.Add(test.created))},
				Spec:       v1alpha1.MemberTemplateSpec{Selector: test.selector, ApplyTo: test.applyTo},
			}
			if got := Selects(template, member); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestMergeMembershipsKeepsTheStrongestSourceOfEachGroup(t *testing.T) {
	t.Parallel()
	from := func(source v1alpha1.MembershipSource) func(string, int32) v1alpha1.SkillGroupMembership {
		return func(group string, priority int32) v1alpha1.SkillGroupMembership {
			return Membership(group, priority, source)
		}
	}
	own, listed := from(v1alpha1.MembershipFromMember), from(v1alpha1.MembershipFromSkillGroup)
	selected, templated := from(v1alpha1.MembershipFromSelector), from(v1alpha1.MembershipFromTemplate)
	type memberships = []v1alpha1.SkillGroupMembership
	for name, test := range map[string]struct{ found, want memberships }{
		"no membership":                  {nil, memberships{}},
		"groups are sorted by name":      {memberships{own("b", 1), own("a", 2)}, memberships{own("a", 2), own("b", 1)}},
		"the Member wins":                {memberships{listed("a", 2), selected("a", 4), templated("a", 5), own("a", 1)}, memberships{own("a", 1)}},
		"then the SkillGroup's list":     {memberships{templated("a", 5), listed("a", 2), selected("a", 4)}, memberships{listed("a", 2)}},
		"then the SkillGroup's selector": {memberships{selected("a", 4), templated("a", 5)}, memberships{selected("a", 4)}},
		"the later of one source wins":   {memberships{listed("a", 1), listed("a", 2)}, memberships{listed("a", 2)}},
		"no priority means the default":  {memberships{own("a", 0)}, memberships{own("a", v1alpha1.DefaultPriority)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := MergeMemberships(test.found); !slices.Equal(got, test.want) {
				t.Errorf("MergeMemberships() = %v, want %v", got, test.want)
			}
		})
	}
}

func TestMergeMembershipsKeepsTheStrongestSourcesWithinTheBoundOfTheStatus(t *testing.T) {
	t.Parallel()
	found := []v1alpha1.SkillGroupMembership{Membership("z", 1, v1alpha1.MembershipFromMember)}
	for i := range 1000 {
		found = append(found, Membership(fmt.Sprintf("group-%04d", i), 1, v1alpha1.MembershipFromTemplate))
	}
	got := MergeMemberships(found)
	if len(got) != 1000 || got[998].Name != "group-0998" || got[999].Name != "z" {
		t.Errorf("MergeMemberships() returns %d, the last two are %v", len(got), got[len(got)-2:])
	}
}
