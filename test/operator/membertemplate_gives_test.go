package operator

import (
	"fmt"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// roleFrom wants another role than the spec's, which somebody says.
func roleFrom(role v1alpha1.Role, source v1alpha1.AssignmentSource) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		if want := (v1alpha1.Assignment{Name: string(role), Source: source}); member.Status.Role == nil || *member.Status.Role != want || member.EffectiveRole() != role {
			return fmt.Errorf("the role is %+v, not %+v", member.Status.Role, want)
		}
		return nil
	}
}

// sameRole wants the role of the spec.
func sameRole(member *v1alpha1.Member) error {
	if member.Status.Role != nil || member.EffectiveRole() != member.Spec.Role {
		return fmt.Errorf("the role is %+v", member.Status.Role)
	}
	return nil
}

// desktopFrom wants a desktop profile that somebody says.
func desktopFrom(name string, source v1alpha1.AssignmentSource) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		if want := (v1alpha1.Assignment{Name: name, Source: source}); member.Status.DesktopProfile == nil || *member.Status.DesktopProfile != want {
			return fmt.Errorf("the desktop profile is %+v, not %+v", member.Status.DesktopProfile, want)
		}
		return nil
	}
}

func TestDeletingATemplateTakesWhatItGave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	template := w.template("agents", "night", v1alpha1.MemberTemplateSpec{
		Site: "paris", Teams: []string{"north"}, DesktopProfile: "voice", License: v1alpha1.TierPremium, Role: v1alpha1.RoleSupervisor,
		SkillGroups: []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 2}},
	})
	weaker := w.template("weaker", "night", v1alpha1.MemberTemplateSpec{Site: "lyon", License: v1alpha1.TierStandard, Precedence: -1})
	paris, billing := w.site("paris"), w.group("billing")
	w.create(w.licensed(5, 5), paris, w.site("lyon"), w.team("north", "paris"), w.desktop("voice"), billing, template, weaker, w.onShift("ana", "night"))
	source := v1alpha1.SourceTemplate("agents")
	w.await("ana", holdsFrom(v1alpha1.TierPremium, source), roleFrom(v1alpha1.RoleSupervisor, source),
		isPlaced("site paris (Template/agents), team north (Template/agents), desktop voice (Template/agents)", v1alpha1.ReasonResolved),
		in(v1alpha1.SkillGroupMembership{Name: "billing", Priority: 2, Source: v1alpha1.MembershipFromTemplate}))
	w.awaitSite(paris, siteCounts(1, 1))
	w.awaitGroup("billing", 1, 1)

	w.delete(template)
	w.await("ana", holdsFrom(v1alpha1.TierStandard, v1alpha1.SourceTemplate("weaker")), sameRole, in(),
		isPlaced("site lyon (Template/weaker)", v1alpha1.ReasonResolved), uses("weaker gives license gives site"))
	w.awaitSite(paris, siteCounts(0, 1))
	w.awaitGroup("billing", 0, 0)
	w.delete(weaker)
	w.await("ana", unlicensed, uses(""), isAtNoSite)
}

func TestSkillGroupsOfATemplateAreBesideTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	const byMember, bySelector, byTemplate = v1alpha1.MembershipFromMember, v1alpha1.MembershipFromSelector, v1alpha1.MembershipFromTemplate
	selected := w.group("selected")
	selected.Spec.Selector, selected.Spec.SelectorPriority = &metav1.LabelSelector{}, 4
	template := w.template("agents", "night", v1alpha1.MemberTemplateSpec{
		SkillGroups: []v1alpha1.SkillGroupReference{{Name: "own", Priority: 5}, {Name: "selected", Priority: 5}, {Name: "given", Priority: 1}, {Name: "later"}},
	})
	w.create(w.center(), w.group("own"), selected, w.group("given"), template,
		w.onShift("ana", "night", func(m *v1alpha1.MemberSpec) {
			m.SkillGroups = []v1alpha1.SkillGroupReference{{Name: "own", Priority: 2}}
		}))
	given := v1alpha1.SkillGroupMembership{Name: "given", Priority: 1, Source: byTemplate}
	own := v1alpha1.SkillGroupMembership{Name: "own", Priority: 2, Source: byMember}
	chosen := v1alpha1.SkillGroupMembership{Name: "selected", Priority: 4, Source: bySelector}
	w.await("ana", in(given, own, chosen), has(v1alpha1.SkillGroupsJoinedCondition, metav1.ConditionFalse, v1alpha1.ReasonSkillGroupNotFound))
	w.create(w.group("later"))
	later := v1alpha1.SkillGroupMembership{Name: "later", Priority: 3, Source: byTemplate}
	w.await("ana", ready, in(given, later, own, chosen))
	w.awaitGroup("given", 1, 1)
	change(w, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Suspend = true })
	w.await("ana", ready, in(own, chosen))
	w.awaitTemplate(template, previews(1, "ana skillGroups:  -> given:1, later:3"))
	change(w, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Suspend = false })
	w.await("ana", ready, in(given, later, own, chosen))
	change(w, w.member("ana"), func(m *v1alpha1.Member) { m.Labels = nil })
	w.await("ana", ready, in(own, chosen))
}

func TestARestartOverSitesTeamsAndTemplatesWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.operate()
	suspended := w.template("suspended", "night", v1alpha1.MemberTemplateSpec{Site: "lyon", Suspend: true, Precedence: 1})
	template := w.template("agents", "night", v1alpha1.MemberTemplateSpec{Site: "paris", Teams: []string{"north"}, DesktopProfile: "voice"})
	paris, double, north := w.site("paris"), w.site("double"), w.team("north", "paris")
	double.Spec.DisplayName = paris.Spec.DisplayName
	objects := []client.Object{paris, double, north, w.team("nowhere", "nowhere"), w.desktop("voice"), template, suspended}
	w.create(append(objects, w.center(), w.onShift("ana", "night"), w.onShift("bea", "night"))...)
	w.awaitTemplate(template, templateCounts(2, 2, 0))
	w.awaitTemplate(suspended, previews(2, "ana site: paris -> lyon", "bea site: paris -> lyon"))
	w.awaitSite(byAge(paris, double)[1], siteDuplicate)
	w.awaitSite(paris, siteCounts(2, 1))
	w.awaitTeam(north, teamCounts(2))
	w.await("ana", ready)
	w.await("bea", ready)
	stop()
	versions := func() map[string]string {
		found := map[string]string{}
		for _, object := range objects {
			if err := w.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
				t.Fatal(err)
			}
			found[fmt.Sprintf("%T %s", object, object.GetName())] = object.GetResourceVersion()
		}
		return found
	}
	before, members := versions(), w.expectNoWrites()
	w.operate()
	w.create(w.onShift("later", "day"))
	w.await("later", ready)
	members()
	for name, version := range versions() {
		if before[name] != version {
			t.Errorf("%s was written", name)
		}
	}
}

func TestAGroupThatOnlyATemplateNamesMayComeLaterAndGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	template := &v1alpha1.MemberTemplate{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "all"},
		Spec:       v1alpha1.MemberTemplateSpec{SkillGroups: []v1alpha1.SkillGroupReference{{Name: "late"}}, ApplyTo: v1alpha1.ApplyToAllMembers},
	}
	w.create(w.center(), template, w.member("ana"))
	w.await("ana", has(v1alpha1.SkillGroupsJoinedCondition, metav1.ConditionFalse, v1alpha1.ReasonSkillGroupNotFound))
	w.quiet()
	in := func(groups ...string) func(*v1alpha1.Member) error {
		return func(member *v1alpha1.Member) error {
			var names []string
			for _, group := range member.Status.SkillGroups {
				names = append(names, group.Name)
			}
			if !slices.Equal(names, groups) {
				return fmt.Errorf("the groups are %v, not %v", names, groups)
			}
			return nil
		}
	}
	group := w.group("late")
	w.create(group)
	w.await("ana", ready, in("late"))
	w.quiet()
	w.delete(group)
	w.await("ana", in(), has(v1alpha1.SkillGroupsJoinedCondition, metav1.ConditionFalse, v1alpha1.ReasonSkillGroupNotFound))
}
