package operator

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestDeletingATemplateTakesWhatItGave(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	template := env.template("agents", "night", v1alpha1.MemberTemplateSpec{
		Site: "paris", Teams: []string{"north"}, DesktopProfile: "voice", License: v1alpha1.TierPremium, Role: v1alpha1.RoleSupervisor,
		SkillGroups: []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 2}},
	})
	weaker := env.template("weaker", "night", v1alpha1.MemberTemplateSpec{Site: "lyon", License: v1alpha1.TierStandard, Precedence: -1})
	paris, billing := env.site("paris"), env.SkillGroup("billing")
	env.CreateAll(env.licensed(5, 5), paris, env.site("lyon"), env.team("north", "paris"), env.desktop("voice"), billing, template, weaker, env.onShift("ana", "night"))
	source := v1alpha1.SourceTemplate("agents")
	env.AwaitMember("ana", holdsFrom(v1alpha1.TierPremium, source), roleFrom(v1alpha1.RoleSupervisor, source),
		isPlaced("site paris (Template/agents), team north (Template/agents), desktop voice (Template/agents)", v1alpha1.ReasonResolved),
		in(v1alpha1.SkillGroupMembership{Name: "billing", Priority: 2, Source: v1alpha1.MembershipFromTemplate}))
	env.await(paris, counts(1, 1))
	env.awaitGroup("billing", 1, 1)

	env.delete(template)
	env.AwaitMember("ana", holdsFrom(v1alpha1.TierStandard, v1alpha1.SourceTemplate("weaker")), roleFrom("", ""), in(),
		isPlaced("site lyon (Template/weaker)", v1alpha1.ReasonResolved), uses("weaker gives license gives site"))
	env.await(paris, counts(0, 1))
	env.awaitGroup("billing", 0, 0)
	env.delete(weaker)
	env.AwaitMember("ana", unlicensed, uses(""), siteFrom("", ""))
}

func TestSkillGroupsOfATemplateAreBesideTheOthers(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	const byMember, bySelector, byTemplate = v1alpha1.MembershipFromMember, v1alpha1.MembershipFromSelector, v1alpha1.MembershipFromTemplate
	selected := env.SkillGroup("selected")
	selected.Spec.Selector, selected.Spec.SelectorPriority = &metav1.LabelSelector{}, 4
	template := env.template("agents", "night", v1alpha1.MemberTemplateSpec{
		SkillGroups: []v1alpha1.SkillGroupReference{{Name: "own", Priority: 5}, {Name: "selected", Priority: 5}, {Name: "given", Priority: 1}, {Name: "later"}},
	})
	env.CreateAll(env.ContactCenter(), env.SkillGroup("own"), selected, env.SkillGroup("given"), template,
		env.onShift("ana", "night", func(m *v1alpha1.MemberSpec) {
			m.SkillGroups = []v1alpha1.SkillGroupReference{{Name: "own", Priority: 2}}
		}))
	given := v1alpha1.SkillGroupMembership{Name: "given", Priority: 1, Source: byTemplate}
	own := v1alpha1.SkillGroupMembership{Name: "own", Priority: 2, Source: byMember}
	chosen := v1alpha1.SkillGroupMembership{Name: "selected", Priority: 4, Source: bySelector}
	env.AwaitMember("ana", in(given, own, chosen), has(v1alpha1.SkillGroupsJoinedCondition, metav1.ConditionFalse, v1alpha1.ReasonSkillGroupNotFound))
	env.CreateAll(env.SkillGroup("later"))
	later := v1alpha1.SkillGroupMembership{Name: "later", Priority: 3, Source: byTemplate}
	env.AwaitMember("ana", ready, in(given, later, own, chosen))
	env.awaitGroup("given", 1, 1)
	change(env, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Suspend = true })
	env.AwaitMember("ana", ready, in(own, chosen))
	env.await(template, previews(1, "ana skillGroups:  -> given:1, later:3"))
	change(env, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Suspend = false })
	env.AwaitMember("ana", ready, in(given, later, own, chosen))
	change(env, env.Member("ana"), func(m *v1alpha1.Member) { m.Labels = nil })
	env.AwaitMember("ana", ready, in(own, chosen))
}

func TestARestartOverSitesTeamsAndTemplatesWritesNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	stop := env.operate()
	suspended := env.template("suspended", "night", v1alpha1.MemberTemplateSpec{Site: "lyon", Suspend: true, Precedence: 1})
	template := env.template("agents", "night", v1alpha1.MemberTemplateSpec{Site: "paris", Teams: []string{"north"}, DesktopProfile: "voice"})
	paris, double, north := env.site("paris"), env.site("double"), env.team("north", "paris")
	double.Spec.DisplayName = paris.Spec.DisplayName
	env.CreateAll(paris, double, north, env.team("nowhere", "nowhere"), env.desktop("voice"), template, suspended,
		env.ContactCenter(), env.onShift("ana", "night"), env.onShift("bea", "night"))
	env.await(template, counts(2, 2, 0))
	env.await(suspended, previews(2, "ana site: paris -> lyon", "bea site: paris -> lyon"))
	env.await(byAge(paris, double)[1], isDuplicate)
	env.await(paris, counts(2, 1))
	env.await(north, counts(2))
	env.AwaitMember("ana", ready)
	env.AwaitMember("bea", ready)
	stop()
	unchanged := env.noWrites(&v1alpha1.SiteList{}, &v1alpha1.TeamList{}, &v1alpha1.DesktopProfileList{}, &v1alpha1.MemberTemplateList{})
	members := env.expectNoWrites()
	env.operate()
	env.CreateAll(env.onShift("later", "day"))
	env.AwaitMember("later", ready)
	members()
	unchanged()
}

func TestAGroupThatOnlyATemplateNamesMayComeLaterAndGo(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	template := named(env, &v1alpha1.MemberTemplate{Spec: v1alpha1.MemberTemplateSpec{
		SkillGroups: []v1alpha1.SkillGroupReference{{Name: "late"}}, ApplyTo: v1alpha1.ApplyToAllMembers,
	}}, "all")
	env.CreateAll(env.ContactCenter(), template, env.Member("ana"))
	env.AwaitMember("ana", has(v1alpha1.SkillGroupsJoinedCondition, metav1.ConditionFalse, v1alpha1.ReasonSkillGroupNotFound))
	env.awaitQuiet()
	group := env.SkillGroup("late")
	env.CreateAll(group)
	env.AwaitMember("ana", ready, in(v1alpha1.SkillGroupMembership{Name: "late", Priority: 3, Source: v1alpha1.MembershipFromTemplate}))
	env.awaitQuiet()
	env.delete(group)
	env.AwaitMember("ana", in(), has(v1alpha1.SkillGroupsJoinedCondition, metav1.ConditionFalse, v1alpha1.ReasonSkillGroupNotFound))
}
