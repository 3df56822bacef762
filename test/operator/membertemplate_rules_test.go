package operator

import (
	"cmp"
	"fmt"
	"testing"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// from returns a check for what the source gives a Member; empty for nothing.
func from(what string, given func(*v1alpha1.MemberStatus) *v1alpha1.Assignment) func(name string, source v1alpha1.AssignmentSource) func(*v1alpha1.Member) error {
	return func(name string, source v1alpha1.AssignmentSource) func(*v1alpha1.Member) error {
		want := v1alpha1.Assignment{Name: name, Source: source}
		return func(member *v1alpha1.Member) error {
			if got := ptr.Deref(given(&member.Status), v1alpha1.Assignment{}); got != want {
				return fmt.Errorf("the %s is %+v, not %+v", what, got, want)
			}
			return nil
		}
	}
}

var (
	siteFrom    = from("site", func(s *v1alpha1.MemberStatus) *v1alpha1.Assignment { return s.Site })
	desktopFrom = from("desktop profile", func(s *v1alpha1.MemberStatus) *v1alpha1.Assignment { return s.DesktopProfile })
)

// roleFrom checks for a role that the source sets; empty for the role of the spec.
func roleFrom(role v1alpha1.Role, source v1alpha1.AssignmentSource) func(*v1alpha1.Member) error {
	given := from("role", func(s *v1alpha1.MemberStatus) *v1alpha1.Assignment { return s.Role })(string(role), source)
	return func(member *v1alpha1.Member) error {
		if member.EffectiveRole() != cmp.Or(role, member.Spec.Role) {
			return fmt.Errorf("the role is %s", member.EffectiveRole())
		}
		return given(member)
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
	env.await(template, counts(1, 1, 0))
	// Not when its labels change, nor with its spec.
	change(env, before, func(m *v1alpha1.Member) { m.Labels["floor"] = "2"; m.Spec.Nickname = "Bee" })
	env.AwaitMember("before", ready, uses(""), siteFrom("", ""))
	// Unless the template is for all of them.
	change(env, template, func(t *v1alpha1.MemberTemplate) { t.Spec.ApplyTo = v1alpha1.ApplyToAllMembers })
	env.AwaitMember("before", ready, siteFrom("paris", v1alpha1.SourceTemplate("agents")))
	env.await(template, counts(2, 2, 0))
	change(env, template, func(t *v1alpha1.MemberTemplate) { t.Spec.ApplyTo = v1alpha1.ApplyToNewMembers })
	env.AwaitMember("before", ready, siteFrom("", ""))
	env.AwaitMember("after", ready, siteFrom("paris", v1alpha1.SourceTemplate("agents")))
}
