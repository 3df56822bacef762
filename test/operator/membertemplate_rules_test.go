package operator

import (
	"fmt"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// siteFrom checks for a Member at a site that the source sets.
func siteFrom(name string, source v1alpha1.AssignmentSource) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		if want := (v1alpha1.Assignment{Name: name, Source: source}); member.Status.Site == nil || *member.Status.Site != want {
			return fmt.Errorf("the site is %+v, not %+v", member.Status.Site, want)
		}
		return nil
	}
}

// holdsFrom checks for a Member that holds a seat that the source requests.
func holdsFrom(tier v1alpha1.LicenseTier, source v1alpha1.AssignmentSource) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		want := v1alpha1.LicenseStatus{Tier: tier, Source: source}
		if member.Status.License == nil || *member.Status.License != want {
			return fmt.Errorf("license is %+v, not %+v", member.Status.License, want)
		}
		return login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive)(member)
	}
}

// precedence is two templates for one Member, and who wins.
type precedence struct {
	// older and younger are names of templates.
	older, younger string
	first, second  v1alpha1.MemberTemplateSpec
	member         func(*v1alpha1.MemberSpec)
	check          func(*v1alpha1.Member) error
	uses           string
}

// precedences are by the names of their Members.
func precedences() map[string]precedence {
	at := func(site string, precedence int32) v1alpha1.MemberTemplateSpec {
		return v1alpha1.MemberTemplateSpec{Site: site, Precedence: precedence}
	}
	seat := func(tier v1alpha1.LicenseTier, precedence int32) v1alpha1.MemberTemplateSpec {
		return v1alpha1.MemberTemplateSpec{License: tier, Precedence: precedence}
	}
	asks := func(license v1alpha1.License) func(*v1alpha1.MemberSpec) {
		return func(m *v1alpha1.MemberSpec) { m.License = license }
	}
	nothing := func(*v1alpha1.MemberSpec) {}
	return map[string]precedence{
		"the-member-wins": {
			"a1", "a2", at("paris", 5), at("lyon", 0), func(m *v1alpha1.MemberSpec) { m.Site = "nice" },
			siteFrom("nice", v1alpha1.SourceMember), "a1 site by Member, a2 site by Member",
		},
		"then-precedence": {
			"b1", "b2", at("paris", 0), at("lyon", 1), nothing,
			siteFrom("lyon", v1alpha1.SourceTemplate("b2")), "b2 gives site, b1 site by Template/b2",
		},
		"then-age": {
			"c2", "c1", at("paris", 1), at("lyon", 1), nothing,
			siteFrom("paris", v1alpha1.SourceTemplate("c2")), "c2 gives site, c1 site by Template/c2",
		},
		"the-same-is-no-clash": {
			"d1", "d2", at("paris", 1), at("paris", 0), nothing,
			siteFrom("paris", v1alpha1.SourceTemplate("d1")), "d1 gives site, d2",
		},
		"premium-whatever-the-precedence": {
			"e1", "e2", seat(v1alpha1.TierStandard, 9), seat(v1alpha1.TierPremium, -9), nothing,
			holdsFrom(v1alpha1.TierPremium, v1alpha1.SourceTemplate("e2")), "e1 license by Template/e2, e2 gives license",
		},
		"standard-if-the-member-says-so": {
			"f1", "f2", seat(v1alpha1.TierStandard, 0), seat(v1alpha1.TierPremium, 0), asks(v1alpha1.LicenseStandard),
			holdsFrom(v1alpha1.TierStandard, v1alpha1.SourceMember), "f1, f2 license by Member",
		},
		"none-if-the-member-says-so": {
			"g1", "g2", seat(v1alpha1.TierStandard, 0), seat(v1alpha1.TierPremium, 0), asks(v1alpha1.LicenseNone),
			unlicensed, "g1 license by Member, g2 license by Member",
		},
	}
}

func TestWhoWinsBetweenTemplates(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	env.CreateAll(env.licensed(50, 50), env.site("paris"), env.site("lyon"), env.site("nice"))
	var last client.Object
	for name, test := range precedences() {
		last = env.template(test.older, name, test.first)
		env.CreateAll(last)
	}
	env.createLater(last)
	for name, test := range precedences() {
		env.CreateAll(env.template(test.younger, name, test.second), env.onShift(name, name, test.member))
	}
	for name, test := range precedences() {
		env.AwaitMember(name, test.check, uses(test.uses))
	}
}

func TestATemplateForNewMembersNeverChangesThoseThereBefore(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	before := env.onShift("before", "night")
	env.CreateAll(env.ContactCenter(), env.site("paris"), before)
	env.AwaitMember("before", ready)
	env.createLater(before)
	template := env.template("agents", "night", v1alpha1.MemberTemplateSpec{Site: "paris", ApplyTo: v1alpha1.ApplyToNewMembers})
	env.CreateAll(template, env.onShift("after", "night"))
	env.AwaitMember("after", ready, siteFrom("paris", v1alpha1.SourceTemplate("agents")))
	env.awaitTemplate(template, templateCounts(1, 1, 0))
	// Not when its labels change, nor with its spec.
	change(env, before, func(m *v1alpha1.Member) { m.Labels["floor"] = "2"; m.Spec.Nickname = "Bee" })
	env.AwaitMember("before", ready, uses(""), isAtNoSite)
	// Unless the template is for all of them.
	change(env, template, func(t *v1alpha1.MemberTemplate) { t.Spec.ApplyTo = v1alpha1.ApplyToAllMembers })
	env.AwaitMember("before", ready, siteFrom("paris", v1alpha1.SourceTemplate("agents")))
	env.awaitTemplate(template, templateCounts(2, 2, 0))
	change(env, template, func(t *v1alpha1.MemberTemplate) { t.Spec.ApplyTo = v1alpha1.ApplyToNewMembers })
	env.AwaitMember("before", ready, isAtNoSite)
	env.AwaitMember("after", ready, siteFrom("paris", v1alpha1.SourceTemplate("agents")))
}

func isAtNoSite(member *v1alpha1.Member) error {
	if member.Status.Site != nil {
		return fmt.Errorf("it is at %+v", member.Status.Site)
	}
	return nil
}
